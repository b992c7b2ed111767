package fake

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/podsim/podsim/runtime"
)

// Hooks change how an engine behaves. Each may be nil.
type Hooks struct {
	// Before is called at the beginning of every call, outside all locks; an
	// error is the call's answer and nothing was done. It may sleep.
	Before func(op string, subject string) error
	// After is called when the work of a call is done; an error is a reply that
	// was lost.
	After func(op string, subject string) error
	// Drop says whether an event is lost.
	Drop func(e runtime.Event) bool
	// Program is what a container runs; nil is Shell.
	Program func(s runtime.ContainerSpec) Program
	// Exec is what a process started by Exec does; nil is Shell.
	Exec func(m runtime.Meta, o runtime.ExecOptions) Program
}

// Engine is an engine in memory. Use New.
type Engine struct {
	hooks Hooks

	mu         sync.Mutex
	containers map[runtime.ContainerID]*container
	images     map[string]runtime.Image
	volumes    map[string]*volume
	subs       map[*subscription]bool
	next       int
	down       bool
	running    sync.WaitGroup
}

var _ runtime.Engine = (*Engine)(nil)

// New returns an engine that has no containers and the given images.
func New(h Hooks, images ...runtime.Image) *Engine {
	e := &Engine{
		hooks:      h,
		containers: map[runtime.ContainerID]*container{},
		images:     map[string]runtime.Image{},
		volumes:    map[string]*volume{},
		subs:       map[*subscription]bool{},
	}
	for _, i := range images {
		e.AddImage(i)
	}
	return e
}

// AddImage puts an image into the engine under its id and its tags.
func (e *Engine) AddImage(i runtime.Image) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.images[i.ID] = i
	for _, t := range i.Tags {
		e.images[t] = i
	}
}

// call wraps the work of one engine call with the hooks.
func (e *Engine) call(ctx context.Context, op, subject string, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.hooks.Before != nil {
		if err := e.hooks.Before(op, subject); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := e.available(); err != nil {
		return err
	}
	if err := work(); err != nil {
		return err
	}
	if e.hooks.After != nil {
		return e.hooks.After(op, subject)
	}
	return nil
}

func (e *Engine) available() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.down {
		return fmt.Errorf("fake engine is down: %w", runtime.ErrUnavailable)
	}
	return nil
}

// Info describes a machine of 4 cores and 8 GiB.
func (e *Engine) Info(ctx context.Context) (runtime.Info, error) {
	return runtime.Info{
		ID: "fake", Name: "fake", Endpoint: "fake://", Version: "0", APIVersion: "1.51", OSType: "linux", Arch: "amd64",
		NCPU: 4, MemTotal: 8 << 30, CgroupVersion: "2", CgroupDriver: "systemd", Local: true,
	}, e.call(ctx, "info", "", func() error { return nil })
}

// Ping answers unless the engine is down.
func (e *Engine) Ping(ctx context.Context) error {
	return e.call(ctx, "ping", "", func() error { return nil })
}

// Close kills every process and waits for it.
func (e *Engine) Close() error {
	e.Crash(false)
	e.running.Wait()
	return nil
}

// Crash takes the engine down: event streams end and calls fail until Start.
// Without liveRestore every process is killed.
func (e *Engine) Crash(liveRestore bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.down = true
	for s := range e.subs {
		s.end()
		delete(e.subs, s)
	}
	if liveRestore {
		return
	}
	for _, c := range e.containers {
		c.kill()
	}
}

// Start brings the engine back after Crash.
func (e *Engine) Start() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.down = false
}

func (e *Engine) newID() runtime.ContainerID {
	e.next++
	return runtime.ContainerID(fmt.Sprintf("%064x", e.next))
}

func (e *Engine) newIP() netip.Addr {
	return netip.AddrFrom4([4]byte{172, 17, byte(e.next >> 8), byte(e.next)})
}

func notFound(what, name string) error {
	return fmt.Errorf("no such %s: %s: %w", what, name, runtime.ErrNotFound)
}

func conflict(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, runtime.ErrConflict)...)
}

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
	err := e.call(ctx, "events", "", func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.subs[s] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make(chan runtime.Event)
	go e.pump(ctx, s, out)
	return out, nil
}

func (e *Engine) pump(ctx context.Context, s *subscription, out chan<- runtime.Event) {
	defer close(out)
	defer func() {
		e.mu.Lock()
		delete(e.subs, s)
		e.mu.Unlock()
	}()
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
