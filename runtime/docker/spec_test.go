package docker

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/podsim/podsim/runtime"
)

func TestASandboxOwnsTheNetwork(t *testing.T) {
	t.Parallel()
	score := -998
	got, err := sandboxRequest(runtime.SandboxSpec{
		Meta:       runtime.Meta{Kind: runtime.KindSandbox},
		Name:       "k8s_POD_web",
		Image:      "pause",
		Env:        []string{"A=b"},
		Hostname:   "web",
		Domainname: "sub.default.svc.cluster.local",
		Network:    "net1",
		Aliases:    []string{"web"},
		DNS:        runtime.DNS{Servers: []string{"1.1.1.1"}, Searches: []string{"x"}, Options: []string{"ndots:5"}},
		Ports: []runtime.PortBinding{
			{ContainerPort: 80, Protocol: "tcp", HostPort: 8080, HostIP: netip.MustParseAddr("127.0.0.1")},
			{ContainerPort: 53, Protocol: "udp"},
		},
		Sysctls:     map[string]string{"net.core.somaxconn": "1024"},
		ShmSize:     1 << 20,
		OOMScoreAdj: &score,
		UserNS:      "host",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := container.HostConfig{
		NetworkMode:   "net1",
		IpcMode:       "shareable",
		DNS:           []string{"1.1.1.1"},
		DNSSearch:     []string{"x"},
		DNSOptions:    []string{"ndots:5"},
		PortBindings:  nat.PortMap{"80/tcp": {{HostIP: "127.0.0.1", HostPort: "8080"}}},
		Sysctls:       map[string]string{"net.core.somaxconn": "1024"},
		ShmSize:       1 << 20,
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
		Image: "pause", Env: []string{"A=b"}, Hostname: "web", Domainname: "sub.default.svc.cluster.local",
		ExposedPorts: nat.PortSet{"80/tcp": {}, "53/udp": {}},
		Healthcheck:  &container.HealthConfig{Test: []string{"NONE"}},
	}
	if diff := cmp.Diff(config, *got.config, cmpopts.IgnoreFields(container.Config{}, "Labels")); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]*network.EndpointSettings{"net1": {Aliases: []string{"web"}}}, got.network.EndpointsConfig); diff != "" {
		t.Errorf("network (-want +got):\n%s", diff)
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
	got, err := sandboxRequest(runtime.SandboxSpec{HostNetwork: true, HostPID: true, HostIPC: true, Network: "ignored"})
	if err != nil {
		t.Fatal(err)
	}
	if h := got.host; h.NetworkMode != "host" || h.PidMode != "host" || h.IpcMode != "host" || got.network != nil {
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
		Devices:     []string{"/dev/fuse", "/dev/a:/dev/b:r"},
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
			Devices: []container.DeviceMapping{
				{PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm"},
				{PathOnHost: "/dev/a", PathInContainer: "/dev/b", CgroupPermissions: "r"},
			},
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

func TestADeviceOfFourPartsIsInvalid(t *testing.T) {
	t.Parallel()
	if _, err := devices([]string{"a:b:c:d"}); !errors.Is(err, runtime.ErrInvalid) {
		t.Errorf("error %v", err)
	}
}
