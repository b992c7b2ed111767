package config

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

func mustSandbox(t *testing.T, in Input, s SandboxInput) (runtime.SandboxSpec, wire.Setup) {
	t.Helper()
	if s.Volumes == nil {
		s.Volumes = mustVolumes(t, in)
	}
	spec, setup, err := Sandbox(in, s)
	if err != nil {
		t.Fatal(err)
	}
	return spec, setup
}

func TestSandboxOfATypicalPod(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: e, emptyDir: {medium: Memory}}, {name: cm, configMap: {name: cm, optional: true}}, {name: img, image: {reference: r}}]
initContainers: [{name: i, image: i, terminationMessagePath: /dev/termination-log}]
containers: [{name: c, image: i, volumeMounts: [{name: e, mountPath: /e}, {name: cm, mountPath: /cm}, {name: img, mountPath: /img}]}]`)
	spec, setup := mustSandbox(t, in, SandboxInput{Attempt: 2, PauseImage: "pause:1"})
	oom := -998
	want := runtime.SandboxSpec{
		Meta:     runtime.Meta{Home: "h", Pod: runtime.PodRef{UID: "u1", Namespace: "ns", Name: "p"}, Kind: runtime.KindSandbox, Attempt: 2},
		Name:     "k8s_POD_p_ns_u1_2",
		Image:    "pause:1",
		Stdin:    true,
		Hostname: "p",
		Mounts: []runtime.Mount{
			{Kind: runtime.MountVolume, Source: "podsim_u1__state", Target: "/podsim/state"},
			{Kind: runtime.MountVolume, Source: "podsim_u1_e", Target: "/podsim/volumes/e"},
			{Kind: runtime.MountVolume, Source: "podsim_u1_cm", Target: "/podsim/volumes/cm"},
		},
		OOMScoreAdj: &oom,
		Sysctls:     map[string]string{"net.ipv4.ip_unprivileged_port_start": "1024", "net.ipv4.ping_group_range": "1 0"},
	}
	got := spec
	got.Env, got.Meta.Extra = nil, nil
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Error(diff)
	}
	value, _ := strings.CutPrefix(spec.Env[0], wire.SetupEnv+"=")
	parsed, err := wire.ParseSetup(value)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(setup, parsed); diff != "" {
		t.Errorf("the setup in the environment is another: %s", diff)
	}
	if len(setup.Volumes) != 2 || *setup.Volumes[0].Mode != 0o1777 || *setup.Volumes[1].Mode != 0o777 {
		t.Errorf("volumes: %+v", setup.Volumes)
	}
	if len(setup.Files) != 16 || setup.Files[15] != (wire.File{Path: "/podsim/state/term/i/15", Mode: 0o666}) {
		t.Errorf("message files: %+v", setup.Files)
	}
}

func TestSandboxRemembersThePodButNoSecret(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: s, secret: {secretName: sec}}]
containers: [{name: c, image: i, envFrom: [{secretRef: {name: sec}}], volumeMounts: [{name: s, mountPath: /s}]}]`)
	in.Objects.Secrets["sec"] = &v1.Secret{Data: map[string][]byte{"k": []byte("hunter2")}}
	in.Pod.Status.Phase = v1.PodRunning
	in.Pod.Annotations = map[string]string{v1.LastAppliedConfigAnnotation: "{}", "mine": "1"}
	spec, setup := mustSandbox(t, in, SandboxInput{})
	pod := &v1.Pod{}
	if err := json.Unmarshal([]byte(spec.Meta.Extra[ExtraPod]), pod); err != nil {
		t.Fatal(err)
	}
	if pod.Name != "p" || pod.Status.Phase != "" || len(pod.Annotations) != 1 {
		t.Errorf("pod: %+v", pod)
	}
	container := mustSpec(t, in, "c")
	for what, value := range map[string]any{"sandbox": spec, "setup": setup, "labels": container.Meta, "mounts": container.Mounts} {
		text, err := json.Marshal(value)
		if err != nil || strings.Contains(string(text), "hunter2") {
			t.Errorf("%s has the value of a Secret (%v)", what, err)
		}
	}
	if len(in.Pod.Annotations) != 2 {
		t.Error("the pod was changed")
	}
}

func TestRecordedHosts(t *testing.T) {
	t.Parallel()
	for name, ip := range map[string]string{
		"two-containers": "10.88.0.79", "hostname-fqdn": "10.88.0.108", "hostname-subdomain-only": "10.88.0.111",
		"host-network": "",
	} {
		_, setup := mustSandbox(t, recorded(t, name), SandboxInput{})
		got := setup.Hosts.Text([]string{ip}, "127.0.0.1 localhost\n127.0.0.1 runsc\n127.0.0.1 vm\n")
		want, _, _ := strings.Cut(output(t, name, "hosts.txt"), "-rw-r--r--")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-recorded +got)\n%s", name, diff)
		}
	}
}

func TestRecordedResolv(t *testing.T) {
	t.Parallel()
	const engine = "search ref.test\nnameserver 10.88.0.1\noptions timeout:1\n"
	for _, name := range []string{"two-containers", "dns-default", "dns-none", "host-network"} {
		_, setup := mustSandbox(t, recorded(t, name), SandboxInput{})
		got := engine
		if setup.Resolv != nil {
			got, _ = setup.Resolv.Text(engine)
		}
		want, _, _ := strings.Cut(output(t, name, "resolv.txt"), "-rw-r--r--")
		want = strings.Replace(want, "10.89.0.10", "10.88.0.1", 1) // there is no cluster DNS
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-recorded +got)\n%s", name, diff)
		}
	}
}

func TestHostNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 62) + "-.b"
	tests := map[string]struct{ spec, name, kernel, fqdn string }{
		"the pod's name":               {``, "p", "p", ""},
		"hostname":                     {`hostname: web`, "p", "web", ""},
		"subdomain":                    {`subdomain: sub`, "p", "p", "p.sub.ns.svc.cluster.local"},
		"both, as the kernel's too":    {`{hostname: web, subdomain: sub, setHostnameAsFQDN: true}`, "p", "web.sub.ns.svc.cluster.local", "web.sub.ns.svc.cluster.local"},
		"the kernel's without domain":  {`setHostnameAsFQDN: true`, "p", "p", ""},
		"an override takes all":        {`{hostnameOverride: a.b, hostname: web, subdomain: sub}`, "p", "a.b", ""},
		"a long name is cut, trimmed":  {``, long, strings.Repeat("a", 62), ""},
		"a name of 63 is long enough ": {``, strings.Repeat("a", 64), strings.Repeat("a", 63), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := inputOf(t, test.spec)
			in.Pod.Name = test.name
			n, err := hostNames(in)
			if err != nil || n.kernel != test.kernel || n.fqdn() != test.fqdn {
				t.Errorf("got %+v, %v", n, err)
			}
		})
	}
	in := inputOf(t, `{hostname: `+strings.Repeat("a", 40)+`, subdomain: sub, setHostnameAsFQDN: true}`)
	_, _, err := Sandbox(in, SandboxInput{})
	name := strings.Repeat("a", 40) + ".sub.ns.svc.cluster.local"
	wantError(t, err, "CreatePodSandboxError", "failed to construct FQDN from pod hostname and cluster domain, FQDN "+name+
		" is too long (64 characters is the max, 65 characters requested)")
}

func TestPublishedPorts(t *testing.T) {
	t.Parallel()
	bind := func(container, host uint16, more ...string) runtime.PortBinding {
		b := runtime.PortBinding{ContainerPort: container, HostPort: host, Protocol: "tcp"}
		if len(more) > 0 {
			b.Protocol = more[0]
		}
		if len(more) > 1 {
			b.HostIP = netip.MustParseAddr(more[1])
		}
		return b
	}
	const ports = `containers:
- {name: a, image: i, ports: [{containerPort: 80, hostPort: 8080, protocol: TCP}, {containerPort: 53, protocol: UDP}]}
- {name: b, image: i, ports: [{containerPort: 80, protocol: TCP}, {containerPort: 90, hostPort: 90, hostIP: 127.0.0.1, protocol: TCP}]}`
	tests := map[string]struct {
		spec string
		s    SandboxInput
		want []runtime.PortBinding
	}{
		"hostPorts": {ports, SandboxInput{}, []runtime.PortBinding{bind(80, 8080), bind(90, 90, "tcp", "127.0.0.1")}},
		"those asked for come first": {ports, SandboxInput{Publish: []runtime.PortBinding{{ContainerPort: 1, HostPort: 2}}},
			[]runtime.PortBinding{bind(1, 2), bind(80, 8080), bind(90, 90, "tcp", "127.0.0.1")}},
		"one asked for twice is one": {ports, SandboxInput{Publish: []runtime.PortBinding{{ContainerPort: 80, HostPort: 8080}}},
			[]runtime.PortBinding{bind(80, 8080), bind(90, 90, "tcp", "127.0.0.1")}},
		"all the others on free ports": {ports, SandboxInput{PublishAll: true},
			[]runtime.PortBinding{bind(80, 8080), bind(90, 90, "tcp", "127.0.0.1"), bind(53, 0, "udp")}},
		"nothing in the host's network": {"hostNetwork: true\n" + ports, SandboxInput{PublishAll: true}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, _ := mustSandbox(t, inputOf(t, test.spec), test.s)
			if diff := cmp.Diff(test.want, spec.Ports, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHostNamespaces(t *testing.T) {
	t.Parallel()
	in := inputOf(t, "hostNetwork: true\nhostPID: true\nhostIPC: true\nsubdomain: sub\ncontainers: [{name: c, image: i}]")
	spec, setup := mustSandbox(t, in, SandboxInput{})
	if !spec.HostNetwork || !spec.HostPID || !spec.HostIPC || spec.Hostname != "" || spec.UserNS != "host" {
		t.Errorf("%+v", spec)
	}
	if setup.Resolv != nil || !setup.Hosts.HostNetwork || setup.Hosts.Hostname != "" {
		t.Errorf("%+v", setup)
	}
	c := mustSpec(t, in, "c")
	if !c.HostNetwork || c.PID != "host" || !c.HostIPC {
		t.Errorf("%+v", c)
	}
	for _, v := range c.Env {
		if strings.HasPrefix(v, "HOSTNAME=") {
			t.Errorf("the engine knows the host's name: %s", v)
		}
	}
}

func TestSysctls(t *testing.T) {
	t.Parallel()
	spec, _ := mustSandbox(t, recorded(t, "sysctls"), SandboxInput{})
	want := map[string]string{
		"net.ipv4.ip_local_port_range": "20000 30000", "net.ipv4.ip_unprivileged_port_start": "0", "kernel.shm_rmid_forced": "1",
		"net.ipv4.ping_group_range": "1 0",
	}
	if diff := cmp.Diff(want, spec.Sysctls); diff != "" {
		t.Error(diff)
	}
	for in, want := range map[string]string{"a.b.c": "a.b.c", "net/ipv4/x": "net.ipv4.x", "net/ipv4/conf/eth0.1/x": "net.ipv4.conf.eth0/1.x"} {
		if got := dotted(in); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

func TestDNSConfigComesAfterThePolicy(t *testing.T) {
	t.Parallel()
	const engine = "search ref.test\nnameserver 10.88.0.1\noptions timeout:1 attempts:2\n"
	const config = "\ndnsConfig: {nameservers: [9.9.9.9], searches: [pod.test, ref.test], options: [{name: timeout, value: \"3\"}, {name: edns0}]}"
	const cluster = "ns.svc.cluster.local svc.cluster.local cluster.local"
	const servers = "nameserver 10.88.0.1\nnameserver 9.9.9.9\n"
	tests := map[string]struct{ spec, want string }{
		"cluster first": {`dnsPolicy: ClusterFirst` + config,
			"search " + cluster + " ref.test pod.test\n" + servers + "options ndots:5 timeout:3 edns0\n"},
		"the host's": {`dnsPolicy: Default` + config,
			"search ref.test pod.test\n" + servers + "options timeout:3 attempts:2 edns0\n"},
		"the host's, as it has its network": {"dnsPolicy: ClusterFirst\nhostNetwork: true" + config,
			"search ref.test pod.test\n" + servers + "options timeout:3 attempts:2 edns0\n"},
		"the cluster's on the host's network": {"dnsPolicy: ClusterFirstWithHostNet\nhostNetwork: true",
			"search " + cluster + " ref.test\nnameserver 10.88.0.1\noptions ndots:5\n"},
		"none": {`dnsPolicy: None` + config,
			"search pod.test ref.test\nnameserver 9.9.9.9\noptions timeout:3 edns0\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, setup := mustSandbox(t, inputOf(t, test.spec), SandboxInput{})
			got, _ := setup.Resolv.Text(engine)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
