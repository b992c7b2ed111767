package docker

import (
	"fmt"
	"maps"
	"slices"
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
	host.NetworkMode = networkMode(s)
	host.IpcMode = container.IPCModeShareable
	if s.HostIPC {
		host.IpcMode = container.IPCModeHost
	}
	if s.HostPID {
		host.PidMode = "host"
	}
	host.UsernsMode = container.UsernsMode(s.UserNS)
	host.DNS = s.DNS.Servers
	host.DNSSearch = s.DNS.Searches
	host.DNSOptions = s.DNS.Options
	host.PortBindings = bindings
	host.Sysctls = maps.Clone(s.Sysctls)
	host.ShmSize = s.ShmSize
	host.OomScoreAdj = deref(s.OOMScoreAdj)
	return createRequest{
		name: s.Name,
		config: &container.Config{
			Image:        s.Image,
			Hostname:     s.Hostname,
			Domainname:   s.Domainname,
			Env:          s.Env,
			OpenStdin:    s.Stdin,
			AttachStdin:  s.Stdin,
			StdinOnce:    s.Stdin,
			Labels:       l,
			ExposedPorts: exposed,
			Healthcheck:  noHealthcheck(),
		},
		host:    host,
		network: networking(s),
	}, nil
}

func networkMode(s runtime.SandboxSpec) container.NetworkMode {
	switch {
	case s.HostNetwork:
		return network.NetworkHost
	case s.Network != "":
		return container.NetworkMode(s.Network)
	}
	return network.NetworkDefault
}

// networking gives the sandbox its further names; the engine refuses them on
// the default bridge.
func networking(s runtime.SandboxSpec) *network.NetworkingConfig {
	if s.HostNetwork || s.Network == "" || len(s.Aliases) == 0 {
		return nil
	}
	return &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		s.Network: {Aliases: slices.Clone(s.Aliases)},
	}}
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
