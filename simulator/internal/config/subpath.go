package config

import (
	"maps"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/expansion"
)

// Subpath is a path inside a volume that a container mounts. The agent says
// where it really is, and makes it when it is missing.
type Subpath struct {
	Volume string // in the pod
	Path   string // as asked for, expanded
}

// Dir is the volume as the sandbox sees it.
func (s Subpath) Dir() string { return VolumePath(s.Volume) }

// Failed is the error for a container one of whose mounts has a subpath that
// is missing and could not be made, or that is there and cannot be mounted: it
// leads out of the volume or through a file. The kubelet tells no more, not to
// show the host's files.
func (s Subpath) Failed(container string, missing bool) *Error {
	if missing {
		return containerError("failed to create subPath directory for volumeMount %q of container %q", s.Volume, container)
	}
	return containerError("failed to prepare subPath for volumeMount %q of container %q", s.Volume, container)
}

// subpathOf is the path that a mount asks for; empty is the whole volume.
// (pkg/kubelet/kubelet_pods.go, makeMounts)
func subpathOf(m *v1.VolumeMount, env Env) (string, error) {
	sub := m.SubPath
	if m.SubPathExpr != "" {
		missing := map[string]bool{}
		sub = expansion.Expand(m.SubPathExpr, func(name string) (string, bool) {
			value, _ := env.Lookup(name)
			if value == "" {
				missing[name] = true
			}
			return value, true
		})
		if len(missing) > 0 {
			return "", containerError("missing value for %s", strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
		}
	}
	if strings.HasPrefix(sub, "/") {
		return "", containerError("error SubPath `%s` must not be an absolute path", sub)
	}
	if slices.Contains(strings.Split(sub, "/"), "..") {
		return "", containerError("unable to provision SubPath `%s`: must not contain '..'", sub)
	}
	return sub, nil
}

// Subpaths are the paths inside volumes that have to be resolved before
// Container is asked. Paths inside images are not among them: the engine mounts
// those itself.
func Subpaths(in Input, ci ContainerInput) ([]Subpath, error) {
	c, _ := findContainer(in.Pod, ci.Name)
	if c == nil {
		return nil, containerError("container %q is not in the pod", ci.Name)
	}
	if !slices.ContainsFunc(c.VolumeMounts, func(m v1.VolumeMount) bool { return m.SubPath != "" || m.SubPathExpr != "" }) {
		return nil, nil
	}
	env, err := environment(in, c, ci.addresses(in))
	if err != nil {
		return nil, err
	}
	var subs []Subpath
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		sub, err := subpathOf(m, env)
		if err != nil {
			return nil, err
		}
		s := Subpath{Volume: m.Name, Path: sub}
		if sub != "" && !mountsItself(ci.Volumes, m.Name) && !slices.Contains(subs, s) {
			subs = append(subs, s)
		}
	}
	return subs, nil
}

// mountsItself says whether a volume is an image that the engine mounts.
func mountsItself(volumes []Volume, name string) bool {
	v, ok := findVolume(volumes, name)
	return ok && v.Source == SourceImage && v.Engine.Name == ""
}

func findVolume(volumes []Volume, name string) (*Volume, bool) {
	for i := range volumes {
		if volumes[i].Name == name {
			return &volumes[i], true
		}
	}
	return nil, false
}
