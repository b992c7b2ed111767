package config

import (
	"fmt"
	"net/netip"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// publishedPorts are the hostPorts of the pod, those asked for at the command
// line, and with PublishAll all other declared ports. In the host's network
// there is nothing to publish.
func publishedPorts(pod *v1.Pod, s SandboxInput) ([]runtime.PortBinding, error) {
	if pod.Spec.HostNetwork {
		return nil, nil
	}
	type declared struct {
		port     uint16
		protocol string
	}
	published := map[declared]bool{}
	taken := map[runtime.PortBinding]bool{}
	var ports []runtime.PortBinding
	add := func(b runtime.PortBinding) {
		if b.Protocol == "" {
			b.Protocol = "tcp"
		}
		published[declared{b.ContainerPort, b.Protocol}] = true
		if !taken[b] {
			taken[b] = true
			ports = append(ports, b)
		}
	}
	for _, b := range s.Publish {
		add(b)
	}
	var open []runtime.PortBinding
	for _, c := range allContainers(pod) {
		for _, p := range c.Ports {
			b := runtime.PortBinding{ContainerPort: uint16(p.ContainerPort), Protocol: strings.ToLower(string(p.Protocol))}
			if p.HostPort == 0 {
				open = append(open, b)
				continue
			}
			b.HostPort = uint16(p.HostPort)
			if p.HostIP != "" {
				ip, err := netip.ParseAddr(p.HostIP)
				if err != nil {
					return nil, &Error{Reason: ReasonSandbox, Message: fmt.Sprintf("hostIP %q of port %d of container %q is no address",
						p.HostIP, p.ContainerPort, c.Name)}
				}
				b.HostIP = ip
			}
			add(b)
		}
	}
	for _, b := range open {
		if s.PublishAll && !published[declared{b.ContainerPort, b.Protocol}] {
			add(b)
		}
	}
	return ports, nil
}
