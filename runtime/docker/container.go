package docker

import (
	"slices"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// containerRequest translates all of s but its mounts. Docker follows
// Kubernetes in that an entrypoint without a command drops the image's
// command.
func containerRequest(s runtime.ContainerSpec) (createRequest, error) {
	l, err := labels(s.Meta)
	if err != nil {
		return createRequest{}, err
	}
	host := ownHost()
	join(host, s)
	host.GroupAdd = s.Groups
	host.OomScoreAdj = deref(s.OOMScoreAdj)
	host.Resources = toResources(s.Resources)
	secure(host, s.Security)
	return createRequest{
		name: s.Name,
		config: &container.Config{
			Image:       s.Image,
			Entrypoint:  s.Entrypoint,
			Cmd:         s.Cmd,
			WorkingDir:  s.WorkingDir,
			Env:         slices.Clone(s.Env),
			User:        s.User,
			Tty:         s.TTY,
			OpenStdin:   s.Stdin,
			AttachStdin: s.Stdin,
			StdinOnce:   s.StdinOnce,
			StopSignal:  s.StopSignal,
			Labels:      l,
			Healthcheck: noHealthcheck(),
		},
		host: host,
	}, nil
}

// join puts the container into the namespaces of its sandbox. The network is
// joined even when it is the host's, so that /etc/hosts and /etc/resolv.conf
// are the sandbox's.
func join(host *container.HostConfig, s runtime.ContainerSpec) {
	sandbox := "container:" + string(s.Sandbox)
	switch {
	case s.Sandbox != "":
		host.NetworkMode = container.NetworkMode(sandbox)
	case s.HostNetwork:
		host.NetworkMode = "host"
	}
	switch {
	case s.HostIPC:
		host.IpcMode = container.IPCModeHost
	case s.Sandbox != "":
		host.IpcMode = container.IpcMode(sandbox)
	}
	switch s.PID {
	case "sandbox":
		host.PidMode = container.PidMode(sandbox)
	default:
		host.PidMode = container.PidMode(s.PID)
	}
	host.UsernsMode = container.UsernsMode(s.UserNS)
}
