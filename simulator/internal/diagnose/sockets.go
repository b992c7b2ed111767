package diagnose

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// on are the sockets of a protocol and port.
func (v *view) on(protocol string, port uint16) []Socket {
	var out []Socket
	for _, s := range v.Sockets {
		if s.Protocol == protocol && s.Port == port {
			out = append(out, s)
		}
	}
	return out
}

// of are the TCP sockets of a container.
func (v *view) of(container string) []Socket {
	var out []Socket
	for _, s := range v.Sockets {
		if s.Container == container && s.Protocol == "tcp" {
			out = append(out, s)
		}
	}
	return out
}

// podIPs are the pod's addresses.
func (v *view) podIPs() []netip.Addr {
	var out []netip.Addr
	for _, p := range v.Pod.Status.PodIPs {
		if ip, err := netip.ParseAddr(p.IP); err == nil {
			out = append(out, ip)
		}
	}
	return out
}

// outside tells whether a socket is reached on the pod's IP.
func (v *view) outside(s Socket) bool {
	return s.Address.IsUnspecified() || slices.Contains(v.podIPs(), s.Address.Unmap())
}

// inside tells whether a socket is reached on localhost.
func (v *view) inside(s Socket) bool { return s.Address.IsUnspecified() || s.Address.IsLoopback() }

// endpoint is "0.0.0.0:8080".
func (s Socket) endpoint() string { return netip.AddrPortFrom(s.Address, s.Port).String() }

// holder is `container "web" (httpd, 0.0.0.0:8080)`.
func (s Socket) holder() string {
	what := s.endpoint()
	if s.Process != "" {
		what = s.Process + ", " + what
	}
	if s.Container == "" {
		return "a process outside the pod's containers (" + what + ")"
	}
	return fmt.Sprintf("container %q (%s)", s.Container, what)
}

// endpoints are the distinct addresses of sockets, "0.0.0.0:8080 and [::]:9090".
func endpoints(sockets []Socket) string {
	var out []string
	for _, s := range sockets {
		if text := s.endpoint(); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return join(out, "and")
}

// join is "a, b and c".
func join(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// portOf is the number behind a port of a container; false for a name that it
// does not declare.
func portOf(c *v1.Container, port intstr.IntOrString) (uint16, bool) {
	if port.Type == intstr.Int {
		return uint16(port.IntVal), true
	}
	for _, p := range c.Ports {
		if p.Name == port.StrVal {
			return uint16(p.ContainerPort), true
		}
	}
	n, err := strconv.ParseUint(port.StrVal, 10, 16)
	return uint16(n), err == nil
}

// declares tells whether a container declares a port.
func declares(c *v1.Container, protocol string, port uint16) bool {
	return slices.ContainsFunc(c.Ports, func(p v1.ContainerPort) bool {
		return uint16(p.ContainerPort) == port && protocolOf(p) == protocol
	})
}

// protocolOf is a declared port's protocol as sockets spell it.
func protocolOf(p v1.ContainerPort) string {
	if p.Protocol == "" {
		return "tcp"
	}
	return strings.ToLower(string(p.Protocol))
}
