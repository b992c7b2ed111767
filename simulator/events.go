package simulator

import (
	"context"
	"slices"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/store"
)

// EventOptions select events.
type EventOptions struct {
	Namespace     string
	AllNamespaces bool
	// For is the object they are about (kubectl events --for pod/web).
	For *Ref
	// Types are "Normal" and "Warning"; none is all.
	Types []string
}

func (o EventOptions) list() ListOptions {
	return ListOptions{Namespace: o.Namespace, AllNamespaces: o.AllNamespaces}
}

func (o EventOptions) matches(e *v1.Event) bool {
	if o.For != nil && (e.InvolvedObject.Kind != string(o.For.Kind) || e.InvolvedObject.Name != o.For.Name) {
		return false
	}
	return len(o.Types) == 0 || slices.Contains(o.Types, e.Type)
}

// Events reads events, the oldest first by when they happened last.
func (s *Simulator) Events(ctx context.Context, o EventOptions) ([]v1.Event, error) {
	list, err := s.List(ctx, EventKind, o.list())
	var out []v1.Event
	for _, obj := range list {
		if e := obj.(*v1.Event); o.matches(e) {
			out = append(out, *e)
		}
	}
	store.SortEvents(out)
	return out, err
}

// WatchEvents tells the events there are and then each that is new or counted
// up, until ctx ends.
func (s *Simulator) WatchEvents(ctx context.Context, o EventOptions) (<-chan v1.Event, error) {
	all, err := s.Watch(ctx, EventKind, o.list())
	if err != nil {
		return nil, err
	}
	out := make(chan v1.Event)
	go func() {
		defer close(out)
		for w := range all {
			e := w.Object.(*v1.Event)
			if w.Op == Deleted || !o.matches(e) {
				continue
			}
			select {
			case out <- *e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
