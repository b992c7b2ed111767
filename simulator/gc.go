package simulator

import (
	"context"
	"errors"
	"slices"

	"github.com/podsim/podsim/runtime"
)

// Leftover is something on the engine that belongs to no pod of the store.
type Leftover struct {
	Kind string // "container", "volume"
	Name string
	Pod  string // namespace/name it was made for
}

// leftover is a Leftover and how to remove it.
type leftover struct {
	Leftover
	remove func(context.Context) error
}

// Leftovers finds what pods left on the engine that are not in the store any
// more. Claims are never among them, nor is what another store made.
func (s *Simulator) Leftovers(ctx context.Context) ([]Leftover, error) {
	found, err := s.leftovers(ctx)
	var out []Leftover
	for _, l := range found {
		out = append(out, l.Leftover)
	}
	return out, err
}

// RemoveLeftovers removes them and returns what was removed, with the errors
// of what was not.
func (s *Simulator) RemoveLeftovers(ctx context.Context) ([]Leftover, error) {
	found, err := s.leftovers(ctx)
	errs := []error{err}
	var out []Leftover
	for _, l := range found {
		if err := l.remove(ctx); err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, l.Leftover)
	}
	return out, errors.Join(errs...)
}

// leftovers finds containers, then sandboxes, then volumes. The engine is asked
// before the store: a pod that is just being made is in the store first.
func (s *Simulator) leftovers(ctx context.Context) ([]leftover, error) {
	mine := runtime.Filter{Home: s.store.Home()}
	containers, err := s.engine.ListContainers(ctx, mine)
	if err != nil {
		return nil, err
	}
	volumes, err := s.engine.ListVolumes(ctx, mine)
	if err != nil {
		return nil, err
	}
	pods, err := s.store.Pods("")
	if err != nil {
		return nil, err // a pod that cannot be read is no pod that is gone
	}
	live := map[string]bool{}
	for _, p := range pods {
		live[string(p.Object.UID)] = true
	}
	var first, sandboxes, last []leftover
	for _, c := range containers {
		if gone, err := s.gone(c.Meta, live); err != nil {
			return nil, err
		} else if !gone {
			continue
		}
		l := leftover{leftBy(c.Meta, "container", c.Name), func(ctx context.Context) error { return s.engine.RemoveContainer(ctx, c.ID) }}
		if c.Meta.Kind == runtime.KindSandbox {
			sandboxes = append(sandboxes, l)
		} else {
			first = append(first, l)
		}
	}
	for _, v := range volumes {
		if gone, err := s.gone(v.Meta, live); err != nil {
			return nil, err
		} else if gone {
			last = append(last, leftover{leftBy(v.Meta, "volume", v.Name), func(ctx context.Context) error { return s.engine.RemoveVolume(ctx, v.Name) }})
		}
	}
	return slices.Concat(first, sandboxes, last), nil
}

// gone tells whether what the engine has belongs to no pod and no owner.
func (s *Simulator) gone(m runtime.Meta, live map[string]bool) (bool, error) {
	if live[m.Pod.UID] || m.Kind == runtime.KindClaim {
		return false, nil
	}
	owned, err := s.store.Owned(m.Pod.UID)
	return !owned, err
}

func leftBy(m runtime.Meta, kind, name string) Leftover {
	return Leftover{Kind: kind, Name: name, Pod: m.Pod.Namespace + "/" + m.Pod.Name}
}
