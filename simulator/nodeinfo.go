package simulator

import (
	"net"
	"net/netip"
	"net/url"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// nodeInfo is the engine's machine as pods see it.
func (s *Simulator) nodeInfo() lifecycle.Node {
	return lifecycle.Node{
		Name:        s.NodeName(),
		IPs:         s.nodeIPs(),
		CPUMillis:   int64(s.info.NCPU) * 1000,
		MemoryBytes: s.info.MemTotal,
		NoAppArmor:  s.info.NoAppArmor,
	}
}

// nodeIPs is the address of the engine's machine that packets to elsewhere leave
// from, or where the engine was reached. It is one, IPv4 if there is any, as of
// a kubelet that is told no other.
func (s *Simulator) nodeIPs() []string {
	var found []string
	if s.info.Local {
		found = append(outgoing("udp4", "192.0.2.1:9"), outgoing("udp6", "[2001:db8::1]:9")...)
	} else if u, err := url.Parse(s.info.Endpoint); err == nil && u.Hostname() != "" {
		found, _ = net.LookupHost(u.Hostname())
	}
	return append(found, "127.0.0.1")[:1]
}

// outgoing is this machine's address towards another; nothing is sent.
func outgoing(network, to string) []string {
	c, err := net.Dial(network, to)
	if err != nil {
		return nil
	}
	defer c.Close()
	a, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return nil
	}
	return []string{a.Addr().Unmap().WithZone("").String()}
}
