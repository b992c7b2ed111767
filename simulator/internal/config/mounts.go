package config

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/runtime"
)

// containerMounts are the mounts of an instance in the order in which they are
// to be made: what lies deeper comes later, whatever the order in the spec. Of
// two at one path the later counts.
func containerMounts(in Input, c *v1.Container, ci ContainerInput, env Env) ([]runtime.Mount, error) {
	var mounts []runtime.Mount
	if m, ok := messageMount(in.Pod, c, ci.Attempt); ok {
		mounts = append(mounts, m)
	}
	for i := range c.VolumeMounts {
		m, err := containerMount(in, c, ci, &c.VolumeMounts[i], env)
		if err != nil {
			return nil, err
		}
		mounts = slices.DeleteFunc(mounts, func(other runtime.Mount) bool { return other.Target == m.Target })
		mounts = append(mounts, m)
	}
	slices.SortStableFunc(mounts, func(a, b runtime.Mount) int { return cmp.Compare(depth(a.Target), depth(b.Target)) })
	return mounts, nil
}

func containerMount(in Input, c *v1.Container, ci ContainerInput, m *v1.VolumeMount, env Env) (runtime.Mount, error) {
	v, ok := findVolume(ci.Volumes, m.Name)
	if !ok {
		v, ok = writtenVolume(in, m.Name)
	}
	if !ok {
		return runtime.Mount{}, containerError("cannot find volume %q to mount into container %q", m.Name, c.Name)
	}
	sub, err := subpathOf(m, env)
	if err != nil {
		return runtime.Mount{}, err
	}
	recursive, err := recursiveReadOnly(in, m)
	if err != nil {
		return runtime.Mount{}, containerError("failed to resolve recursive read-only mode: %s", err)
	}
	out := runtime.Mount{
		Target:            absolute(m.MountPath),
		ReadOnly:          m.ReadOnly || v.ReadOnly,
		RecursiveReadOnly: recursive,
		Propagation:       propagation(m.MountPropagation),
	}
	switch v.Source {
	case SourceImage:
		if v.Engine.Name == "" {
			out.Kind, out.Source, out.Subpath = runtime.MountImage, v.Image.Reference, sub
			return out, nil
		}
		out.Kind, out.Source = runtime.MountVolume, v.Engine.Name
	case SourceHost:
		out.Kind, out.Source = runtime.MountBind, v.Host.Path
		out.CreateHostPath = sub == "" && v.Host.createHostPath()
	default:
		out.Kind, out.Source = runtime.MountVolume, v.Engine.Name
	}
	if sub != "" {
		s := Subpath{Volume: m.Name, Path: sub}
		resolved, ok := ci.Subpaths[s]
		if !ok {
			return runtime.Mount{}, s.Failed(c.Name, false)
		}
		out.Subpath = resolved
	}
	return out, nil
}

// writtenVolume is a payload volume of which only the name is known: one of a
// running pod whose ConfigMap or Secret was deleted. What lies in it stays.
func writtenVolume(in Input, name string) (*Volume, bool) {
	for i := range in.Pod.Spec.Volumes {
		spec := &in.Pod.Spec.Volumes[i]
		if spec.Name == name && isPayload(&spec.VolumeSource) {
			return &Volume{Name: name, Source: SourcePayload, Engine: in.engineVolume(name), ReadOnly: true}, true
		}
	}
	return nil, false
}

// recursiveReadOnly says whether what is mounted below is read-only too.
// (pkg/kubelet/kubelet_pods.go, resolveRecursiveReadOnly)
func recursiveReadOnly(in Input, m *v1.VolumeMount) (bool, error) {
	switch mode := ptr.Deref(m.RecursiveReadOnly, v1.RecursiveReadOnlyDisabled); {
	case mode == v1.RecursiveReadOnlyDisabled:
		return false, nil
	case !m.ReadOnly:
		return false, fmt.Errorf("volume %q requested recursive read-only mode, but it is not read-only", m.Name)
	case m.MountPropagation != nil && *m.MountPropagation != v1.MountPropagationNone:
		return false, fmt.Errorf("volume %q requested recursive read-only mode, but it is not compatible with propagation %q",
			m.Name, *m.MountPropagation)
	case mode == v1.RecursiveReadOnlyEnabled && !in.Node.RecursiveReadOnly:
		return false, fmt.Errorf("volume %q requested recursive read-only mode, but it is not supported by the runtime", m.Name)
	}
	return in.Node.RecursiveReadOnly, nil
}

func propagation(mode *v1.MountPropagationMode) string {
	switch ptr.Deref(mode, v1.MountPropagationNone) {
	case v1.MountPropagationHostToContainer:
		return "rslave"
	case v1.MountPropagationBidirectional:
		return "rshared"
	}
	return ""
}

// absolute takes a relative path from the root and drops what is redundant.
func absolute(p string) string { return path.Join("/", p) }

func depth(target string) int {
	if target == "/" {
		return 0
	}
	return strings.Count(target, "/")
}
