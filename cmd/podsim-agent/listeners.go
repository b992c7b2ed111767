//go:build linux

package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// The states in /proc/net: a TCP socket that listens, a UDP socket without a
// peer.
const (
	tcpListen = "0A"
	udpOpen   = "07"
)

// listeners reads the network namespace's waiting sockets.
func listeners() ([]wire.Listener, error) {
	out := []wire.Listener{}
	for _, network := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile("/proc/self/net/" + network)
		if os.IsNotExist(err) {
			continue // no IPv6
		}
		if err != nil {
			return nil, err
		}
		out = append(out, parseSockets(network, string(text))...)
	}
	return out, nil
}

// parseSockets reads a table of /proc/net. Its columns are the slot, local and
// remote address, state, queues, timer, retransmits, uid, timeout and inode.
func parseSockets(network, text string) []wire.Listener {
	want := tcpListen
	if strings.HasPrefix(network, "udp") {
		want = udpOpen
	}
	var out []wire.Listener
	for line := range strings.SplitSeq(text, "\n") {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != want {
			continue
		}
		ip, port, ok := parseHexAddr(f[1])
		if !ok {
			continue
		}
		uid, _ := strconv.ParseUint(f[7], 10, 32)
		inode, _ := strconv.ParseUint(f[9], 10, 64)
		out = append(out, wire.Listener{Network: network, IP: ip, Port: port, UID: uint32(uid), Inode: inode})
	}
	return out
}

// parseHexAddr reads "0100007F:1F90": words of four bytes as a little-endian
// machine prints them (all that the agent is built for are), and the port.
func parseHexAddr(s string) (ip []byte, port uint16, ok bool) {
	addr, portText, _ := strings.Cut(s, ":")
	for ; len(addr) >= 8; addr = addr[8:] {
		word, err := strconv.ParseUint(addr[:8], 16, 32)
		if err != nil {
			return nil, 0, false
		}
		ip = append(ip, byte(word), byte(word>>8), byte(word>>16), byte(word>>24))
	}
	n, err := strconv.ParseUint(portText, 16, 16)
	return ip, uint16(n), err == nil && addr == "" && len(ip) > 0
}
