package docker

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// Container looks a container up by its id.
func (e *Engine) Container(ctx context.Context, id runtime.ContainerID) (runtime.Container, error) {
	answer, err := e.cli.ContainerInspect(ctx, string(id))
	if err != nil {
		return runtime.Container{}, classify(err)
	}
	return e.toContainer(answer), nil
}

// ContainerByName looks a container up by exactly this name; the engine would
// take the beginning of an id as well.
func (e *Engine) ContainerByName(ctx context.Context, name string) (runtime.Container, error) {
	c, err := e.Container(ctx, runtime.ContainerID(name))
	if err != nil {
		return runtime.Container{}, err
	}
	if c.Name != name {
		return runtime.Container{}, &engineError{class: runtime.ErrNotFound, text: "No such container: " + name}
	}
	return c, nil
}

func (e *Engine) toContainer(a container.InspectResponse) runtime.Container {
	c := toContainer(a)
	if c.StartError != "" && c.FinishedAt.IsZero() {
		c.FinishedAt = c.CreatedAt
		if at, ok := e.fails.get(c.ID); ok {
			c.FinishedAt = at
		}
	}
	return c
}

// toContainer translates an inspection. The time of a failed start is left
// zero, for the engine does not tell it.
func toContainer(a container.InspectResponse) runtime.Container {
	c := runtime.Container{
		ID:        runtime.ContainerID(a.ID),
		Name:      strings.TrimPrefix(a.Name, "/"),
		ImageID:   a.Image,
		CreatedAt: toTime(a.Created),
	}
	if a.Config != nil {
		c.Meta = meta(a.Config.Labels)
		c.Image = a.Config.Image
		c.TTY = a.Config.Tty
		c.Stdin = a.Config.OpenStdin
	}
	if a.HostConfig != nil {
		c.Resources = fromResources(a.HostConfig.Resources)
	}
	if a.State != nil {
		setState(&c, a.State)
	}
	if a.NetworkSettings != nil {
		c.IPs = toIPs(a.NetworkSettings)
		c.Ports = toPorts(a.NetworkSettings)
	}
	return c
}

func setState(c *runtime.Container, s *container.State) {
	c.StartedAt = toTime(s.StartedAt)
	switch s.Status {
	case container.StateRunning, container.StatePaused, container.StateRestarting:
		c.State = runtime.StateRunning
		c.PID, c.Paused = s.Pid, s.Paused
		c.OOMKilled = s.OOMKilled
		return
	case container.StateCreated:
		if s.Error == "" {
			c.State = runtime.StateCreated
			return
		}
		c.State = runtime.StateExited
	case container.StateRemoving, container.StateDead:
		c.State = runtime.StateRemoving
	default:
		c.State = runtime.StateExited
	}
	c.FinishedAt = toTime(s.FinishedAt)
	c.ExitCode = s.ExitCode
	c.OOMKilled = s.OOMKilled
	if c.StartedAt.IsZero() {
		c.StartError = s.Error
	}
	// The engine notes a start once it is told of it; what ends at once may have
	// ended before that.
	if !c.FinishedAt.IsZero() && c.FinishedAt.Before(c.StartedAt) {
		c.StartedAt = c.FinishedAt
	}
}

// toTime reads a time of the engine's; its zero time is ours.
func toTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t
}

// toIPs are the addresses on all networks, IPv4 first, in an order that stays.
func toIPs(n *container.NetworkSettings) []netip.Addr {
	var ips []netip.Addr
	for _, ep := range n.Networks {
		for _, text := range []string{ep.IPAddress, ep.GlobalIPv6Address} {
			if ip, err := netip.ParseAddr(text); err == nil && !slices.Contains(ips, ip) {
				ips = append(ips, ip)
			}
		}
	}
	slices.SortFunc(ips, netip.Addr.Compare)
	return ips
}

func toPorts(n *container.NetworkSettings) []runtime.PortBinding {
	var out []runtime.PortBinding
	for port, bindings := range n.Ports {
		for _, b := range bindings {
			hostPort, err := strconv.ParseUint(b.HostPort, 10, 16)
			if err != nil {
				continue
			}
			p := runtime.PortBinding{
				ContainerPort: uint16(port.Int()),
				Protocol:      port.Proto(),
				HostPort:      uint16(hostPort),
			}
			if ip, err := netip.ParseAddr(b.HostIP); err == nil {
				p.HostIP = ip
			}
			out = append(out, p)
		}
	}
	slices.SortFunc(out, comparePorts)
	return out
}

func comparePorts(a, b runtime.PortBinding) int {
	if a.ContainerPort != b.ContainerPort {
		return int(a.ContainerPort) - int(b.ContainerPort)
	}
	if c := strings.Compare(a.Protocol, b.Protocol); c != 0 {
		return c
	}
	if c := a.HostIP.Compare(b.HostIP); c != 0 {
		return c
	}
	return int(a.HostPort) - int(b.HostPort)
}
