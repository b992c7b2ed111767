package node

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Machine is the engine's machine as pods see it: its name, the addresses it
// is reached on, and all of its CPU and memory as allocatable.
func Machine(info runtime.Info) lifecycle.Node {
	return lifecycle.Node{
		Name:        nodeName(info.Name),
		IPs:         machineIPs(info),
		CPUMillis:   int64(info.NCPU) * 1000,
		MemoryBytes: info.MemTotal,
	}
}

// nodeName makes a host name one that a node may have.
func nodeName(host string) string {
	name := strings.Trim(strings.ToLower(strings.ReplaceAll(host, "_", "-")), "-.")
	if name == "" {
		return "podsim"
	}
	return name
}

func machineIPs(info runtime.Info) []string {
	if ip := endpointIP(info.Endpoint); !info.Local && ip != "" {
		return []string{ip}
	}
	if ip := outboundIP(); ip != "" {
		return []string{ip}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return []string{"127.0.0.1"}
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && p.Addr().IsGlobalUnicast() {
			return []string{p.Addr().String()}
		}
	}
	return []string{"127.0.0.1"}
}

// outboundIP is the address that packets to other networks leave from. Nothing
// is sent.
func outboundIP() string {
	c, err := net.Dial("udp4", "192.0.2.1:9")
	if err != nil {
		return ""
	}
	defer c.Close()
	if a, ok := c.LocalAddr().(*net.UDPAddr); ok && !a.IP.IsLoopback() {
		return a.IP.String()
	}
	return ""
}

// endpointIP is the address in an endpoint such as tcp://192.0.2.7:2376.
func endpointIP(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	if _, err := netip.ParseAddr(u.Hostname()); err != nil {
		return ""
	}
	return u.Hostname()
}
