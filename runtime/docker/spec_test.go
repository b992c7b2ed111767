package docker

import (
	"net/netip"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/podsim/podsim/runtime"
)

func TestASandboxOwnsTheNetwork(t *testing.T) {
	t.Parallel()
	score := -998
	got, err := sandboxRequest(runtime.SandboxSpec{
		Meta:     runtime.Meta{Kind: runtime.KindSandbox},
		Name:     "k8s_POD_web",
		Image:    "pause",
		Env:      []string{"A=b"},
		Hostname: "web",
		Ports: []runtime.PortBinding{
			{ContainerPort: 80, Protocol: "tcp", HostPort: 8080, HostIP: netip.MustParseAddr("127.0.0.1")},
			{ContainerPort: 53, Protocol: "udp"},
		},
		Sysctls:     map[string]string{"net.core.somaxconn": "1024"},
		OOMScoreAdj: &score,
		UserNS:      "host",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := container.HostConfig{
		NetworkMode:   "default",
		IpcMode:       "shareable",
		PortBindings:  nat.PortMap{"80/tcp": {{HostIP: "127.0.0.1", HostPort: "8080"}}},
		Sysctls:       map[string]string{"net.core.somaxconn": "1024"},
		OomScoreAdj:   -998,
		UsernsMode:    "host",
		RestartPolicy: container.RestartPolicy{Name: "no"},
		LogConfig:     container.LogConfig{Type: "json-file"},
		Init:          new(bool),
	}
	if diff := cmp.Diff(want, *got.host); diff != "" {
		t.Errorf("host (-want +got):\n%s", diff)
	}
	config := container.Config{
		Image: "pause", Env: []string{"A=b"}, Hostname: "web",
		ExposedPorts: nat.PortSet{"80/tcp": {}, "53/udp": {}},
		Healthcheck:  &container.HealthConfig{Test: []string{"NONE"}},
	}
	if diff := cmp.Diff(config, *got.config, cmpopts.IgnoreFields(container.Config{}, "Labels")); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if got.name != "k8s_POD_web" {
		t.Errorf("name %q", got.name)
	}
}

func TestPortsWithoutAHostPortArePublishedOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	spec := runtime.SandboxSpec{Ports: []runtime.PortBinding{{ContainerPort: 80}, {ContainerPort: 81, HostPort: 81}}}
	for _, c := range []struct {
		name       string
		publishAll bool
		host       bool
		want       nat.PortMap
	}{
		{"not asked for", false, false, nat.PortMap{"81/tcp": {{HostPort: "81"}}}},
		{"asked for", true, false, nat.PortMap{"80/tcp": {{}}, "81/tcp": {{HostPort: "81"}}}},
		{"in the host's network nothing is", true, true, nil},
	} {
		spec.PublishAll, spec.HostNetwork = c.publishAll, c.host
		got, err := sandboxRequest(spec)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got.host.PortBindings); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestASandboxSharesTheHostsNamespacesOnDemand(t *testing.T) {
	t.Parallel()
	got, err := sandboxRequest(runtime.SandboxSpec{HostNetwork: true, HostPID: true, HostIPC: true})
	if err != nil {
		t.Fatal(err)
	}
	if h := got.host; h.NetworkMode != "host" || h.PidMode != "host" || h.IpcMode != "host" {
		t.Errorf("got %+v", h)
	}
}

func TestAContainerJoinsItsSandbox(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		spec          runtime.ContainerSpec
		net, ipc, pid string
	}{
		{"alone", runtime.ContainerSpec{}, "", "", ""},
		{"in a sandbox", runtime.ContainerSpec{Sandbox: "s"}, "container:s", "container:s", ""},
		{"with a shared process namespace", runtime.ContainerSpec{Sandbox: "s", PID: "sandbox"}, "container:s", "container:s", "container:s"},
		{"aimed at another container", runtime.ContainerSpec{Sandbox: "s", PID: "container:x"}, "container:s", "container:s", "container:x"},
		{"in the host's namespaces", runtime.ContainerSpec{Sandbox: "s", HostNetwork: true, HostIPC: true, PID: "host"}, "container:s", "host", "host"},
		{"on the host without a sandbox", runtime.ContainerSpec{HostNetwork: true}, "host", "", ""},
	} {
		got, err := containerRequest(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		h := got.host
		if string(h.NetworkMode) != c.net || string(h.IpcMode) != c.ipc || string(h.PidMode) != c.pid {
			t.Errorf("%s: network %q, ipc %q, pid %q", c.name, h.NetworkMode, h.IpcMode, h.PidMode)
		}
	}
}

func TestAContainerIsTranslatedWhole(t *testing.T) {
	t.Parallel()
	score := 1000
	got, err := containerRequest(runtime.ContainerSpec{
		Meta: runtime.Meta{Kind: runtime.KindContainer}, Name: "n", Image: "i", Sandbox: "s",
		Entrypoint: []string{"sh"}, Cmd: []string{"-c", "true"}, WorkingDir: "/w", Env: []string{"A=b"},
		User: "1000:2000", Groups: []string{"3000"}, TTY: true, Stdin: true, StdinOnce: true, StopSignal: "SIGINT",
		OOMScoreAdj: &score,
		Security: runtime.Security{
			Privileged: true, CapAdd: []string{"NET_ADMIN"}, CapDrop: []string{"ALL"}, NoNewPrivileges: true,
			ReadonlyRootfs: true, Seccomp: "unconfined", AppArmor: "profile", SELinux: []string{"level:s0"},
			UnmaskedPaths: true,
		},
		Resources: runtime.Resources{CPUShares: 2, CPUQuota: 3, CPUPeriod: 4, Memory: 5, MemorySwap: 6, PIDs: 7, GPUs: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	pids := int64(7)
	want := container.HostConfig{
		NetworkMode: "container:s", IpcMode: "container:s",
		GroupAdd: []string{"3000"}, OomScoreAdj: 1000, Privileged: true,
		CapAdd: []string{"NET_ADMIN"}, CapDrop: []string{"ALL"}, ReadonlyRootfs: true,
		SecurityOpt: []string{"no-new-privileges", "seccomp=unconfined", "apparmor=profile", "label=level:s0"},
		MaskedPaths: []string{}, ReadonlyPaths: []string{},
		RestartPolicy: container.RestartPolicy{Name: "no"},
		LogConfig:     container.LogConfig{Type: "json-file"},
		Init:          new(bool),
		Resources: container.Resources{
			CPUShares: 2, CPUQuota: 3, CPUPeriod: 4, Memory: 5, MemorySwap: 6, PidsLimit: &pids,
			DeviceRequests: []container.DeviceRequest{{Count: -1, Capabilities: [][]string{{"gpu"}}}},
		},
	}
	if diff := cmp.Diff(want, *got.host); diff != "" {
		t.Errorf("host (-want +got):\n%s", diff)
	}
	config := container.Config{
		Image: "i", Entrypoint: []string{"sh"}, Cmd: []string{"-c", "true"}, WorkingDir: "/w", Env: []string{"A=b"},
		User: "1000:2000", Tty: true, OpenStdin: true, AttachStdin: true, StdinOnce: true, StopSignal: "SIGINT",
		Healthcheck: &container.HealthConfig{Test: []string{"NONE"}},
	}
	if diff := cmp.Diff(config, *got.config, cmpopts.IgnoreFields(container.Config{}, "Labels")); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(runtime.Resources{CPUShares: 2, CPUQuota: 3, CPUPeriod: 4, Memory: 5, MemorySwap: 6, PIDs: 7, GPUs: -1},
		fromResources(got.host.Resources)); diff != "" {
		t.Errorf("resources do not come back (-want +got):\n%s", diff)
	}
}
