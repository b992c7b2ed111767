//go:build linux

package main

import (
	"bytes"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// podIPs are the sandbox's own addresses, IPv4 first, at most one of each
// family as in a pod's status. On the machine's network it is the address from
// which the machine reaches others.
func podIPs(hostNetwork bool) ([]string, error) {
	if hostNetwork {
		if ip, ok := routeSource(); ok {
			return []string{ip.String()}, nil
		}
	}
	all, err := interfaceAddrs()
	if err != nil {
		return nil, err
	}
	var ips []string
	for _, size := range []int{4, 16} {
		for _, ip := range all {
			if len(ip) == size {
				ips = append(ips, ip.String())
				break
			}
		}
	}
	return ips, nil
}

// interfaceAddrs are all addresses that others can reach, in the kernel's
// order, which is that of the interfaces.
func interfaceAddrs() ([]address, error) {
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETADDR, syscall.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	msgs, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return nil, err
	}
	var out []address
	for i := range msgs {
		if msgs[i].Header.Type != syscall.RTM_NEWADDR {
			continue
		}
		attrs, err := syscall.ParseNetlinkRouteAttr(&msgs[i])
		if err != nil {
			return nil, err
		}
		if ip := addressOf(attrs); ip.global() {
			out = append(out, ip)
		}
	}
	return out, nil
}

// addressOf prefers the local address: on a point-to-point link the other one
// is the peer's.
func addressOf(attrs []syscall.NetlinkRouteAttr) (ip address) {
	for _, a := range attrs {
		switch {
		case a.Attr.Type == syscall.IFA_LOCAL:
			return a.Value
		case a.Attr.Type == syscall.IFA_ADDRESS:
			ip = a.Value
		}
	}
	return ip
}

// routeSource asks the kernel which address it would use; nothing is sent.
func routeSource() (address, bool) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, false
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: 53, Addr: [4]byte{192, 0, 2, 1}}); err != nil {
		return nil, false
	}
	local, err := unix.Getsockname(fd)
	if err != nil {
		return nil, false
	}
	in4, ok := local.(*unix.SockaddrInet4)
	if !ok {
		return nil, false
	}
	return in4.Addr[:], true
}

// address is 4 or 16 bytes. net/netip would cost a twentieth of the program.
type address []byte

// global says that others can reach it: neither loopback nor link-local.
func (a address) global() bool {
	switch len(a) {
	case 4:
		return a[0] != 127 && !(a[0] == 169 && a[1] == 254)
	case 16:
		return !(a[0] == 0xfe && a[1]&0xc0 == 0x80) && !bytes.Equal(a[:15], make([]byte, 15))
	}
	return false
}

// String writes an address as RFC 5952 wants it.
func (a address) String() string {
	var parts []string
	if len(a) == 4 {
		for _, b := range a {
			parts = append(parts, strconv.Itoa(int(b)))
		}
		return strings.Join(parts, ".")
	}
	for i := 0; i+1 < len(a); i += 2 {
		parts = append(parts, strconv.FormatUint(uint64(a[i])<<8|uint64(a[i+1]), 16))
	}
	from, to := longestZeros(parts)
	if to-from < 2 {
		return strings.Join(parts, ":")
	}
	return strings.Join(parts[:from], ":") + "::" + strings.Join(parts[to:], ":")
}

// longestZeros finds the first of the longest runs of "0".
func longestZeros(parts []string) (from, to int) {
	run := 0
	for i, p := range parts {
		if p != "0" {
			run = 0
			continue
		}
		if run++; run > to-from {
			from, to = i+1-run, i+1
		}
	}
	return from, to
}
