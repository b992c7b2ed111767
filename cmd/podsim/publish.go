package main

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/podsim/podsim/simulator"
)

// parsePublish reads a port as docker does: [IP:][HOST:]CONTAINER[/PROTOCOL]; without HOST the engine chooses.
func parsePublish(text string) (simulator.PodPort, error) {
	bad := usagef("invalid port %q: it has to be [IP:][HOST:]CONTAINER[/PROTOCOL]", text)
	rest, protocol, _ := strings.Cut(text, "/")
	port := simulator.PodPort{Protocol: strings.ToUpper(protocol)}
	switch port.Protocol {
	case "", "TCP", "UDP", "SCTP":
	default:
		return port, bad
	}
	var host string
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		host, rest = rest[:i], rest[i+1:]
		if j := strings.LastIndexByte(host, ':'); j >= 0 {
			port.HostIP, host = strings.Trim(host[:j], "[]"), host[j+1:]
		}
	}
	if port.HostIP != "" {
		if _, err := netip.ParseAddr(port.HostIP); err != nil {
			return port, bad
		}
	}
	var ok bool
	if port.ContainerPort, ok = portNumber(rest); !ok || port.ContainerPort == 0 {
		return port, bad
	}
	if host != "" {
		if port.HostPort, ok = portNumber(host); !ok {
			return port, bad
		}
	}
	return port, nil
}

func portNumber(text string) (uint16, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return uint16(n), err == nil
}

// cutPair reads NAME=VALUE.
func cutPair(flag, text string) (name, value string, err error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" || value == "" {
		return "", "", usagef("invalid argument %q for %s: it has to be NAME=VALUE", text, flag)
	}
	return name, value, nil
}
