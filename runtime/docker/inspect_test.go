package docker

import (
	"net/netip"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/podsim/podsim/runtime"
)

const noTime = "0001-01-01T00:00:00Z"

func TestStates(t *testing.T) {
	t.Parallel()
	started, finished := "2024-01-02T03:04:05.6Z", "2024-01-02T03:04:06Z"
	s, f := time.Date(2024, 1, 2, 3, 4, 5, 6e8, time.UTC), time.Date(2024, 1, 2, 3, 4, 6, 0, time.UTC)
	for _, c := range []struct {
		name string
		in   container.State
		want runtime.Container
	}{
		{
			"created", container.State{Status: "created", StartedAt: noTime, FinishedAt: noTime},
			runtime.Container{State: runtime.StateCreated},
		},
		{
			"running", container.State{Status: "running", Running: true, Pid: 7, StartedAt: started, FinishedAt: noTime},
			runtime.Container{State: runtime.StateRunning, PID: 7, StartedAt: s},
		},
		{
			"paused", container.State{Status: "paused", Running: true, Paused: true, Pid: 7, StartedAt: started, FinishedAt: noTime},
			runtime.Container{State: runtime.StateRunning, PID: 7, Paused: true, StartedAt: s},
		},
		{
			"running again after an earlier end", container.State{Status: "running", Pid: 7, StartedAt: started, FinishedAt: finished, ExitCode: 1},
			runtime.Container{State: runtime.StateRunning, PID: 7, StartedAt: s},
		},
		{
			"exited", container.State{Status: "exited", ExitCode: 3, StartedAt: started, FinishedAt: finished},
			runtime.Container{State: runtime.StateExited, ExitCode: 3, StartedAt: s, FinishedAt: f},
		},
		{
			"exited before its start was noted", container.State{Status: "exited", StartedAt: finished, FinishedAt: started},
			runtime.Container{State: runtime.StateExited, StartedAt: s, FinishedAt: s},
		},
		{
			"killed for memory", container.State{Status: "exited", ExitCode: 137, OOMKilled: true, StartedAt: started, FinishedAt: finished},
			runtime.Container{State: runtime.StateExited, ExitCode: 137, OOMKilled: true, StartedAt: s, FinishedAt: f},
		},
		{
			"could not be started", container.State{Status: "created", ExitCode: 127, Error: "no such file", StartedAt: noTime, FinishedAt: noTime},
			runtime.Container{State: runtime.StateExited, ExitCode: 127, StartError: "no such file"},
		},
		{
			"dead", container.State{Status: "dead", ExitCode: 1, StartedAt: started, FinishedAt: finished},
			runtime.Container{State: runtime.StateRemoving, ExitCode: 1, StartedAt: s, FinishedAt: f},
		},
	} {
		got := toContainer(container.InspectResponse{ContainerJSONBase: &container.ContainerJSONBase{State: &c.in}})
		if diff := cmp.Diff(c.want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAFailedStartEndedWhenItWasTried(t *testing.T) {
	t.Parallel()
	answer := container.InspectResponse{ContainerJSONBase: &container.ContainerJSONBase{
		ID: "a", Created: "2024-01-02T03:04:05Z", State: &container.State{Status: "created", Error: "no"},
	}}
	var e Engine
	if got := e.toContainer(answer); !got.FinishedAt.Equal(got.CreatedAt) {
		t.Errorf("unknown to this process: ended at %v", got.FinishedAt)
	}
	tried := time.Date(2024, 1, 2, 3, 4, 9, 0, time.UTC)
	e.fails.note("a", tried)
	if got := e.toContainer(answer); !got.FinishedAt.Equal(tried) {
		t.Errorf("tried by this process: ended at %v", got.FinishedAt)
	}
}

func TestAddressesAndPortsHaveAnOrder(t *testing.T) {
	t.Parallel()
	got := toContainer(container.InspectResponse{
		ContainerJSONBase: &container.ContainerJSONBase{},
		NetworkSettings: &container.NetworkSettings{
			NetworkSettingsBase: container.NetworkSettingsBase{Ports: nat.PortMap{
				"80/tcp": {{HostIP: "::", HostPort: "8080"}, {HostIP: "0.0.0.0", HostPort: "8080"}},
				"53/udp": {{HostPort: "5353"}},
				"81/tcp": nil,
			}},
			Networks: map[string]*network.EndpointSettings{
				"b": {IPAddress: "172.18.0.2"},
				"a": {IPAddress: "172.17.0.2", GlobalIPv6Address: "fd00::2"},
			},
		},
	})
	ip := netip.MustParseAddr
	want := runtime.Container{
		IPs: []netip.Addr{ip("172.17.0.2"), ip("172.18.0.2"), ip("fd00::2")},
		Ports: []runtime.PortBinding{
			{ContainerPort: 53, Protocol: "udp", HostPort: 5353},
			{ContainerPort: 80, Protocol: "tcp", HostPort: 8080, HostIP: ip("0.0.0.0")},
			{ContainerPort: 80, Protocol: "tcp", HostPort: 8080, HostIP: ip("::")},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
