package simulator

import (
	"context"
	"errors"
	"sort"

	"github.com/podsim/podsim/runtime"
)

// Leftover is something on the engine that belongs to no pod of the store.
type Leftover struct {
	Kind string // "container", "volume"
	Name string
	Pod  string // namespace/name it was made for
}

// Leftovers finds what pods left on the engine that are not in the store any
// more. Claims are never among them, nor is what another store made.
func (s *Simulator) Leftovers(ctx context.Context) ([]Leftover, error) {
	containers, volumes, err := s.leftovers(ctx)
	if err != nil {
		return nil, err
	}
	var out []Leftover
	for _, c := range containers {
		out = append(out, leftContainer(c))
	}
	for _, v := range volumes {
		out = append(out, leftVolume(v))
	}
	return out, nil
}

// RemoveLeftovers removes them and returns what was removed, with the errors
// of what was not.
func (s *Simulator) RemoveLeftovers(ctx context.Context) ([]Leftover, error) {
	containers, volumes, err := s.leftovers(ctx)
	if err != nil {
		return nil, err
	}
	var out []Leftover
	var errs []error
	for _, c := range containers {
		if err := s.engine.RemoveContainer(ctx, c.ID); err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, leftContainer(c))
	}
	for _, v := range volumes {
		if err := s.engine.RemoveVolume(ctx, v.Name); err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, leftVolume(v))
	}
	return out, errors.Join(errs...)
}

// leftovers finds containers, sandboxes last, and volumes. The engine is asked
// before the store: a pod that is just being made is in the store first.
func (s *Simulator) leftovers(ctx context.Context) ([]runtime.Container, []runtime.Volume, error) {
	mine := runtime.Filter{Home: s.store.Home()}
	containers, err := s.engine.ListContainers(ctx, mine)
	if err != nil {
		return nil, nil, err
	}
	volumes, err := s.engine.ListVolumes(ctx, mine)
	if err != nil {
		return nil, nil, err
	}
	pods, err := s.store.Pods("")
	if err != nil {
		return nil, nil, err // a pod that cannot be read is no pod that is gone
	}
	known := map[string]bool{}
	for _, p := range pods {
		known[string(p.Object.UID)] = true
	}
	gone := func(m runtime.Meta) (bool, error) {
		if known[m.Pod.UID] || m.Kind == runtime.KindClaim {
			return false, nil
		}
		owned, err := s.store.Owned(m.Pod.UID)
		return !owned, err
	}
	return filterGone(containers, volumes, gone)
}

func filterGone(
	containers []runtime.Container, volumes []runtime.Volume, gone func(runtime.Meta) (bool, error),
) (cs []runtime.Container, vs []runtime.Volume, err error) {
	for _, c := range containers {
		left, err := gone(c.Meta)
		if err != nil {
			return nil, nil, err
		}
		if left {
			cs = append(cs, c)
		}
	}
	for _, v := range volumes {
		left, err := gone(v.Meta)
		if err != nil {
			return nil, nil, err
		}
		if left {
			vs = append(vs, v)
		}
	}
	last := func(c runtime.Container) int {
		if c.Meta.Kind == runtime.KindSandbox {
			return 1
		}
		return 0
	}
	sort.SliceStable(cs, func(i, j int) bool { return last(cs[i]) < last(cs[j]) })
	return cs, vs, nil
}

func leftContainer(c runtime.Container) Leftover {
	return Leftover{Kind: "container", Name: c.Name, Pod: c.Meta.Pod.Namespace + "/" + c.Meta.Pod.Name}
}

func leftVolume(v runtime.Volume) Leftover {
	return Leftover{Kind: "volume", Name: v.Name, Pod: v.Meta.Pod.Namespace + "/" + v.Meta.Pod.Name}
}
