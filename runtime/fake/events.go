package fake

import (
	"context"
	"sync"
	"time"

	"github.com/podsim/podsim/runtime"
)

// subscription is one Events call.
type subscription struct {
	filter runtime.Filter
	mu     sync.Mutex
	queue  []runtime.Event
	more   chan struct{}
	done   chan struct{}
	once   sync.Once
}

func (s *subscription) end() { s.once.Do(func() { close(s.done) }) }

func (s *subscription) push(ev runtime.Event) {
	s.mu.Lock()
	s.queue = append(s.queue, ev)
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *subscription) pop() []runtime.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue
	s.queue = nil
	return q
}

// Events tells changes; see runtime.Engine.
func (e *Engine) Events(ctx context.Context, f runtime.Filter) (<-chan runtime.Event, error) {
	s := &subscription{filter: f, more: make(chan struct{}, 1), done: make(chan struct{})}
	err := e.locked(ctx, "events", "", func() error {
		if e.life == nil {
			return errDown
		}
		e.subs[s] = true
		return nil
	})
	if err != nil {
		s.end()
		e.forget(s)
		return nil, err
	}
	out := make(chan runtime.Event)
	go e.pump(ctx, s, out)
	return out, nil
}

func (e *Engine) forget(s *subscription) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.subs, s)
}

func (e *Engine) pump(ctx context.Context, s *subscription, out chan<- runtime.Event) {
	defer close(out)
	defer e.forget(s)
	for {
		for _, ev := range s.pop() {
			select {
			case out <- ev:
			case <-s.done:
				return
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-s.more:
		case <-s.done:
			return
		case <-ctx.Done():
			return
		}
	}
}

// emit tells an event to the subscribers; e.mu is held.
func (e *Engine) emit(kind runtime.EventKind, c *container) {
	ev := runtime.Event{Kind: kind, ID: c.c.ID, Meta: c.c.Meta, Time: time.Now()}
	if e.hooks.Drop != nil && e.hooks.Drop(ev) {
		return
	}
	for s := range e.subs {
		if matches(s.filter, c.c.Meta) {
			s.push(ev)
		}
	}
}

func matches(f runtime.Filter, m runtime.Meta) bool {
	return m.Kind != "" &&
		(f.Home == "" || f.Home == m.Home) &&
		(f.PodUID == "" || f.PodUID == m.Pod.UID) &&
		(f.Kind == "" || f.Kind == m.Kind)
}
