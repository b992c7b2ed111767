//go:build linux

package main

import (
	"net/netip"
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
	for _, v4 := range []bool{true, false} {
		for _, ip := range all {
			if ip.Is4() == v4 {
				ips = append(ips, ip.String())
				break
			}
		}
	}
	return ips, nil
}

// interfaceAddrs are all addresses that others can reach, in the kernel's
// order, which is that of the interfaces.
func interfaceAddrs() ([]netip.Addr, error) {
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETADDR, syscall.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	msgs, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for i := range msgs {
		if msgs[i].Header.Type != syscall.RTM_NEWADDR {
			continue
		}
		attrs, err := syscall.ParseNetlinkRouteAttr(&msgs[i])
		if err != nil {
			return nil, err
		}
		if ip, ok := addressOf(attrs); ok && ip.IsGlobalUnicast() {
			out = append(out, ip)
		}
	}
	return out, nil
}

// addressOf prefers the local address: on a point-to-point link the other one
// is the peer's.
func addressOf(attrs []syscall.NetlinkRouteAttr) (netip.Addr, bool) {
	var ip netip.Addr
	for _, a := range attrs {
		local := a.Attr.Type == syscall.IFA_LOCAL
		if !local && a.Attr.Type != syscall.IFA_ADDRESS {
			continue
		}
		if got, ok := netip.AddrFromSlice(a.Value); ok && (local || !ip.IsValid()) {
			ip = got
		}
	}
	return ip, ip.IsValid()
}

// routeSource asks the kernel which address it would use; nothing is sent.
func routeSource() (netip.Addr, bool) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return netip.Addr{}, false
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: 53, Addr: [4]byte{192, 0, 2, 1}}); err != nil {
		return netip.Addr{}, false
	}
	local, err := unix.Getsockname(fd)
	if err != nil {
		return netip.Addr{}, false
	}
	in4, ok := local.(*unix.SockaddrInet4)
	if !ok {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4(in4.Addr), true
}
