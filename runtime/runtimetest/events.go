package runtimetest

import (
	"context"

	"github.com/podsim/podsim/runtime"
)

func eventCases() []testCase {
	return []testCase{
		{"start, end and removal are told", eventsTold},
		{"events are filtered", eventsFiltered},
		{"the stream of events ends with its context", eventsEnd},
	}
}

func eventsTold(w *world) {
	events, err := w.Engine.Events(w.ctx, runtime.Filter{Home: w.home})
	w.must(err, "subscribe")
	s := w.spec("app", Program{Wait: true})
	s.Meta.Attempt = 2
	id := w.start(s)
	w.must(w.Engine.StopContainer(w.ctx, id, "", 0), "stop")
	w.must(w.Engine.RemoveContainer(w.ctx, id), "remove")
	for _, kind := range []runtime.EventKind{runtime.EventStart, runtime.EventDie, runtime.EventDestroy} {
		ev := w.next(events, kind)
		if ev.ID != id || ev.Time.IsZero() {
			w.Errorf("event %+v", ev)
		}
		w.same("meta of "+string(kind), s.Meta, ev.Meta)
	}
}

func eventsFiltered(w *world) {
	events, err := w.Engine.Events(w.ctx, runtime.Filter{Home: w.home, PodUID: w.home + "-uid"})
	w.must(err, "subscribe")
	other := w.spec("other", Program{})
	other.Meta.Pod.UID = w.home + "-other"
	w.ended(w.start(other))
	id := w.start(w.spec("app", Program{}))
	if ev := w.next(events, runtime.EventStart); ev.ID != id {
		w.Errorf("event of another pod: %+v", ev)
	}
}

func eventsEnd(w *world) {
	ctx, cancel := context.WithCancel(w.ctx)
	events, err := w.Engine.Events(ctx, runtime.Filter{Home: w.home})
	w.must(err, "subscribe")
	cancel()
	for {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		case <-w.ctx.Done():
			w.Fatal("the channel is not closed")
		}
	}
}

// next waits for an event of one kind; those between are passed over, for
// events may be doubled.
func (w *world) next(events <-chan runtime.Event, kind runtime.EventKind) runtime.Event {
	w.Helper()
	for {
		select {
		case ev, open := <-events:
			if !open {
				w.Fatalf("the stream ended before an event %q", kind)
			}
			if ev.Kind == kind {
				return ev
			}
		case <-w.ctx.Done():
			w.Fatalf("no event %q", kind)
		}
	}
}
