package docker

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/podsim/podsim/runtime"
)

// sandboxRequest translates all of s but its mounts.
func sandboxRequest(s runtime.SandboxSpec) (createRequest, error) {
	l, err := labels(s.Meta)
	if err != nil {
		return createRequest{}, err
	}
	exposed, bindings, err := ports(s)
	if err != nil {
		return createRequest{}, err
	}
	host := ownHost()
	host.NetworkMode = network.NetworkDefault
	if s.HostNetwork {
		host.NetworkMode = network.NetworkHost
	}
	host.IpcMode = container.IPCModeShareable
	if s.HostIPC {
		host.IpcMode = container.IPCModeHost
	}
	if s.HostPID {
		host.PidMode = "host"
	}
	host.UsernsMode = container.UsernsMode(s.UserNS)
	host.PortBindings = bindings
	host.Sysctls = maps.Clone(s.Sysctls)
	host.OomScoreAdj = deref(s.OOMScoreAdj)
	return createRequest{
		name: s.Name,
		config: &container.Config{
			Image:        s.Image,
			Hostname:     s.Hostname,
			Env:          s.Env,
			OpenStdin:    s.Stdin,
			AttachStdin:  s.Stdin,
			StdinOnce:    s.Stdin,
			Labels:       l,
			ExposedPorts: exposed,
			Healthcheck:  noHealthcheck(),
		},
		host: host,
	}, nil
}

// ports are those to expose and those to publish. In the host's network there
// is nothing to publish.
func ports(s runtime.SandboxSpec) (nat.PortSet, nat.PortMap, error) {
	if s.HostNetwork {
		return nil, nil, nil
	}
	exposed, bindings := nat.PortSet{}, nat.PortMap{}
	for _, p := range s.Ports {
		protocol := p.Protocol
		if protocol == "" {
			protocol = "tcp"
		}
		port, err := nat.NewPort(protocol, strconv.Itoa(int(p.ContainerPort)))
		if err != nil {
			return nil, nil, fmt.Errorf("port %d/%s: %w: %w", p.ContainerPort, protocol, err, runtime.ErrInvalid)
		}
		exposed[port] = struct{}{}
		if p.HostPort == 0 && !s.PublishAll {
			continue
		}
		b := nat.PortBinding{}
		if p.HostIP.IsValid() {
			b.HostIP = p.HostIP.String()
		}
		if p.HostPort != 0 {
			b.HostPort = strconv.Itoa(int(p.HostPort))
		}
		bindings[port] = append(bindings[port], b)
	}
	return exposed, bindings, nil
}

func deref(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
