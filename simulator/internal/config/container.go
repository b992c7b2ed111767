package config

import (
	"errors"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// ContainerInput is what an instance of a container is made from besides its
// pod.
type ContainerInput struct {
	Name    string
	Attempt int
	// Image is what the engine has under the container's image.
	Image runtime.Image
	// Ref is what to create it from; empty is the id of Image.
	Ref string
	// Sandbox and SandboxAttempt are the sandbox it joins.
	Sandbox        runtime.ContainerID
	SandboxAttempt int
	// PodIPs are known once the sandbox runs; HostIPs are empty for the node's.
	PodIPs, HostIPs []string
	// Volumes are what Volumes returned.
	Volumes []Volume
	// Subpaths are the resolved paths of what Subpaths returned, relative to
	// their volumes and free of links; "" is the root of the volume.
	Subpaths map[Subpath]string
	// Target is the container whose processes an ephemeral container sees.
	Target runtime.ContainerID
	// Backoff is the restart back-off in force.
	Backoff time.Duration
}

// addresses with the node's own where none are given.
func (ci ContainerInput) addresses(in Input) addresses {
	a := addresses{pod: ci.PodIPs, host: ci.HostIPs}
	if len(a.host) == 0 {
		a.host = in.Node.IPs
	}
	return a
}

// Container is one instance of a container. Errors are of type *Error with the
// kubelet's texts; the checks come in its order: environment, mounts, user.
func Container(in Input, ci ContainerInput) (runtime.ContainerSpec, error) {
	c, kind := findContainer(in.Pod, ci.Name)
	if c == nil {
		return runtime.ContainerSpec{}, containerError("container %q is not in the pod", ci.Name)
	}
	env, err := environment(in, c, ci.addresses(in))
	if err != nil {
		return runtime.ContainerSpec{}, asError(err)
	}
	mounts, err := containerMounts(in, c, ci, env)
	if err != nil {
		return runtime.ContainerSpec{}, asError(err)
	}
	if err := checkNonRoot(in.Pod, c, ci.Image.User); err != nil {
		return runtime.ContainerSpec{}, err
	}
	sec, err := security(in.Pod, c)
	if err != nil {
		return runtime.ContainerSpec{}, asError(err)
	}
	whole, err := containerEnv(in, ci.Image, env)
	if err != nil {
		return runtime.ContainerSpec{}, asError(err)
	}
	spec := baseSpec(in, ci, c, kind)
	spec.Entrypoint, spec.Cmd = command(c, env)
	spec.Env = whole
	spec.Mounts = mounts
	spec.Security = sec
	spec.User = userString(in.Pod, c, ci.Image.User)
	spec.Groups = supplementalGroups(in.Pod)
	return spec, nil
}

// baseSpec is what needs no look at other objects.
func baseSpec(in Input, ci ContainerInput, c *v1.Container, kind runtime.Kind) runtime.ContainerSpec {
	oom := OOMScoreAdj(in.Pod, c, in.Node.MemoryBytes)
	spec := runtime.ContainerSpec{
		Meta: runtime.Meta{
			Home: in.Home, Pod: in.podRef(), Kind: kind, Container: c.Name, Attempt: ci.Attempt,
			Extra: map[string]string{
				ExtraSpecHash: SpecHash(c),
				ExtraSandbox:  strconv.Itoa(ci.SandboxAttempt),
			},
		},
		Name:        ContainerName(in.Pod, c.Name, ci.Attempt),
		Image:       ci.Ref,
		Sandbox:     ci.Sandbox,
		PID:         pidNamespace(in.Pod, kind, ci.Target),
		HostNetwork: in.Pod.Spec.HostNetwork,
		HostIPC:     in.Pod.Spec.HostIPC,
		UserNS:      userNS(in.Pod),
		WorkingDir:  c.WorkingDir,
		TTY:         c.TTY,
		Stdin:       c.Stdin,
		StdinOnce:   c.StdinOnce,
		Resources:   ContainerResources(in.Pod, c),
		OOMScoreAdj: &oom,
	}
	if spec.Image == "" {
		spec.Image = ci.Image.ID
	}
	if ci.Backoff > 0 {
		spec.Meta.Extra[ExtraBackoff] = ci.Backoff.String()
	}
	if c.Lifecycle != nil && c.Lifecycle.StopSignal != nil {
		spec.StopSignal = string(*c.Lifecycle.StopSignal)
	}
	return spec
}

// pidNamespace is whose processes a container sees.
func pidNamespace(pod *v1.Pod, kind runtime.Kind, target runtime.ContainerID) string {
	switch {
	case pod.Spec.HostPID:
		return "host"
	case isTrue(pod.Spec.ShareProcessNamespace):
		return "sandbox"
	case kind == runtime.KindEphemeral && target != "":
		return "container:" + string(target)
	}
	return ""
}

// asError gives an error without a reason the one of a bad configuration.
func asError(err error) error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	return containerError("%s", err)
}
