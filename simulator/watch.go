package simulator

import (
	"context"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/simulator/internal/store"
)

// WatchOp is what happened to a watched object.
type WatchOp string

// What happens to objects, as the API's watch calls it.
const (
	Added    WatchOp = "ADDED"
	Modified WatchOp = "MODIFIED"
	Deleted  WatchOp = "DELETED"
)

// WatchEvent is a change of an object. Object is as it is now; of a deleted one
// as it was seen last.
type WatchEvent struct {
	Op     WatchOp
	Object Object
}

// Watch tells what is there (as Added) and then every change of the selected
// objects until ctx ends, which closes the channel. Changes that follow each
// other at once may come as one.
func (s *Simulator) Watch(ctx context.Context, kind Kind, o ListOptions) (<-chan WatchEvent, error) {
	sel, err := newSelection(kind, o)
	if err != nil {
		return nil, err
	}
	changes, err := s.store.Watch(ctx)
	if err != nil {
		return nil, err
	}
	w := &watcher{sim: s, kind: kind, ns: s.listed(o), sel: sel, seen: map[seenKey]Object{}, out: make(chan WatchEvent)}
	first, err := w.refresh()
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(w.out)
		w.run(ctx, first, changes)
	}()
	return w.out, nil
}

// The distances of looks that no change asked for. What happens to one object
// is told by its changes, apart from the death of a pod's owner.
const (
	lookAgain      = 200 * time.Millisecond
	lookAgainAtOne = time.Second
)

type seenKey struct{ ns, name string }

// watcher is one running Watch.
type watcher struct {
	sim  *Simulator
	kind Kind
	ns   string
	sel  selection
	// seen are the selected objects as they were told last.
	seen map[seenKey]Object
	out  chan WatchEvent
}

func (w *watcher) run(ctx context.Context, events []WatchEvent, changes <-chan store.Change) {
	for {
		for _, e := range events {
			select {
			case w.out <- e:
			case <-ctx.Done():
				return
			}
		}
		c, ok := <-changes
		if !ok {
			return
		}
		events = w.look(c)
	}
}

// look finds out what a change means for the watch.
func (w *watcher) look(c store.Change) []WatchEvent {
	switch {
	case c.Kind == "":
	case c.Kind != store.Kind(w.kind) || w.ns != "" && c.Namespace != w.ns:
		return nil
	case w.kind != EventKind:
		o, err := w.sim.Get(context.Background(), Ref{Kind: w.kind, Namespace: c.Namespace, Name: c.Name})
		if err != nil && !apierrors.IsNotFound(err) {
			return nil
		}
		return w.compare(seenKey{c.Namespace, c.Name}, o)
	}
	events, _ := w.refresh() // what cannot be read keeps the last word
	return events
}

// refresh looks at everything.
func (w *watcher) refresh() ([]WatchEvent, error) {
	list, err := w.sim.listAll(w.kind, w.ns)
	if err != nil {
		return nil, err
	}
	var events []WatchEvent
	there := map[seenKey]bool{}
	for _, o := range list {
		key := seenKey{o.GetNamespace(), o.GetName()}
		there[key] = true
		events = append(events, w.compare(key, o)...)
	}
	for key := range w.seen {
		if !there[key] {
			events = append(events, w.compare(key, nil)...)
		}
	}
	return events, nil
}

// compare tells what became of one object; o is nil when it is gone.
func (w *watcher) compare(key seenKey, o Object) []WatchEvent {
	old, known := w.seen[key]
	if o == nil || !w.sel.matches(o) {
		delete(w.seen, key)
		switch {
		case !known:
			return nil
		case o == nil:
			return lastOf(old)
		}
		return []WatchEvent{{Deleted, old}}
	}
	w.seen[key] = o
	switch {
	case !known:
		return []WatchEvent{{Added, o}}
	case old.GetUID() != o.GetUID():
		return append(lastOf(old), WatchEvent{Added, o})
	case old.GetResourceVersion() != o.GetResourceVersion():
		return []WatchEvent{{Modified, o}}
	}
	return nil
}

// lastOf is what a watch tells of an object that is gone. An API server writes
// a pod once more, without any grace left, in the act of removing it.
func lastOf(old Object) []WatchEvent {
	pod, ok := old.(*v1.Pod)
	if !ok {
		return []WatchEvent{{Deleted, old}}
	}
	last := pod.DeepCopy()
	last.DeletionTimestamp, last.DeletionGracePeriodSeconds = ptr.To(metav1.Now()), ptr.To[int64](0)
	return []WatchEvent{{Modified, last}, {Deleted, last}}
}

// until looks after every change of the store, and now and then by itself,
// until check says that it is done or fails.
func (s *Simulator) until(ctx context.Context, check func() (done bool, err error)) error {
	return s.untilChanges(ctx, lookAgain, func(store.Change) bool { return true }, check)
}

// untilOf is until about one object. Many are waited for at once, and each
// changes many times.
func (s *Simulator) untilOf(ctx context.Context, ref Ref, check func() (done bool, err error)) error {
	kind, ns := store.Kind(ref.Kind), ""
	if ref.Kind.Namespaced() {
		ns = s.ns(ref.Namespace)
	}
	return s.untilChanges(ctx, lookAgainAtOne, func(c store.Change) bool {
		return c.Kind == kind && c.Name == ref.Name && c.Namespace == ns
	}, check)
}

func (s *Simulator) untilChanges(ctx context.Context, again time.Duration, concerns func(store.Change) bool, check func() (done bool, err error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := s.store.Watch(ctx)
	if err != nil {
		return err
	}
	tick := time.NewTicker(again)
	defer tick.Stop()
	for {
		if done, err := check(); done || err != nil {
			return err
		}
		if err := next(ctx, changes, tick.C, concerns); err != nil {
			return err
		}
	}
}

// next waits for a change that concerns somebody, or the tick.
func next(ctx context.Context, changes <-chan store.Change, tick <-chan time.Time, concerns func(store.Change) bool) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case c, ok := <-changes:
			if !ok || c.Kind == "" || concerns(c) {
				return ctx.Err()
			}
		case <-tick:
			return nil
		}
	}
}
