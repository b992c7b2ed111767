package config

import (
	"encoding/json"
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// SandboxInput is what a sandbox is made from besides its pod.
type SandboxInput struct {
	Attempt    int
	PauseImage string
	// Volumes are what Volumes returned.
	Volumes []Volume
	// Publish are ports to publish besides the hostPorts of the pod; PublishAll
	// publishes every other declared port on a port of the engine's choice.
	Publish    []runtime.PortBinding
	PublishAll bool
}

// Sandbox is the pause container of the pod and what its process sets up before
// any container runs; the setup is in the environment of the spec already.
func Sandbox(in Input, s SandboxInput) (runtime.SandboxSpec, wire.Setup, error) {
	spec := &in.Pod.Spec
	names, err := hostNames(in)
	if err != nil {
		return runtime.SandboxSpec{}, wire.Setup{}, err
	}
	ports, err := publishedPorts(in.Pod, s)
	if err != nil {
		return runtime.SandboxSpec{}, wire.Setup{}, err
	}
	setup := sandboxSetup(in, names, s.Volumes)
	env, err := setup.Env()
	if err != nil {
		return runtime.SandboxSpec{}, wire.Setup{}, fmt.Errorf("encode setup of the sandbox: %w", err)
	}
	podText, err := podLabel(in.Pod)
	if err != nil {
		return runtime.SandboxSpec{}, wire.Setup{}, err
	}
	oom := oomSandbox
	out := runtime.SandboxSpec{
		Meta: runtime.Meta{
			Home: in.Home, Pod: in.podRef(), Kind: runtime.KindSandbox, Attempt: s.Attempt,
			Extra: map[string]string{ExtraPod: podText},
		},
		Name:        ContainerName(in.Pod, "", s.Attempt),
		Image:       s.PauseImage,
		Env:         []string{env},
		Stdin:       setup.Payload,
		HostNetwork: spec.HostNetwork,
		HostPID:     spec.HostPID,
		HostIPC:     spec.HostIPC,
		Ports:       ports,
		PublishAll:  s.PublishAll && !spec.HostNetwork,
		Sysctls:     sysctls(in.Pod),
		Mounts:      sandboxMounts(in, s.Volumes),
		OOMScoreAdj: &oom,
		UserNS:      userNS(in.Pod),
	}
	if !spec.HostNetwork {
		out.Hostname = names.kernel
	}
	return out, setup, nil
}

func sandboxSetup(in Input, n names, volumes []Volume) wire.Setup {
	setup := wire.Setup{Hosts: hosts(in, n), Resolv: resolv(in)}
	for _, v := range volumes {
		if v.Setup != nil {
			setup.Volumes = append(setup.Volumes, *v.Setup)
		}
		setup.Payload = setup.Payload || v.Source == SourcePayload
	}
	for _, c := range allContainers(in.Pod) {
		setup.Files = append(setup.Files, MessageFiles(c, 0, madeMessages)...)
	}
	return setup
}

// sandboxMounts are all volumes that the agent has to see, and those that would
// vanish if nobody held them.
func sandboxMounts(in Input, volumes []Volume) []runtime.Mount {
	mounts := []runtime.Mount{{Kind: runtime.MountVolume, Source: StateVolumeName(in.Pod), Target: StateDir}}
	for _, v := range volumes {
		switch {
		case v.Path == "":
		case v.Source == SourceHost:
			mounts = append(mounts, runtime.Mount{
				Kind: runtime.MountBind, Source: v.Host.Path, Target: v.Path, CreateHostPath: v.Host.createHostPath(),
			})
		default:
			mounts = append(mounts, runtime.Mount{Kind: runtime.MountVolume, Source: v.Engine.Name, Target: v.Path})
		}
	}
	return mounts
}

// podLabel is the pod for the sandbox's label: no status, nobody's notes about
// what was applied. It names Secrets and has none of their values.
func podLabel(pod *v1.Pod) (string, error) {
	p := pod.DeepCopy()
	p.Status = v1.PodStatus{}
	p.ManagedFields = nil
	delete(p.Annotations, v1.LastAppliedConfigAnnotation)
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("encode pod %q: %w", pod.Name, err)
	}
	return string(text), nil
}

// sysctls by their names with dots. (A slash separates elements of names that
// have dots in them.) Docker opens low ports and ICMP sockets to everybody in a
// network namespace of its own; the kernel's defaults, which a node's runtime
// leaves alone, are put back.
func sysctls(pod *v1.Pod) map[string]string {
	out := map[string]string{}
	if !pod.Spec.HostNetwork {
		out["net.ipv4.ip_unprivileged_port_start"] = "1024"
		out["net.ipv4.ping_group_range"] = "1 0"
	}
	if sc := pod.Spec.SecurityContext; sc != nil {
		for _, s := range sc.Sysctls {
			out[dotted(s.Name)] = s.Value
		}
	}
	return out
}

func dotted(name string) string {
	i := strings.IndexAny(name, "./")
	if i < 0 || name[i] == '.' {
		return name
	}
	return strings.NewReplacer("/", ".", ".", "/").Replace(name)
}
