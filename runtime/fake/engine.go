package fake

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/podsim/podsim/runtime"
)

// Hooks change how an engine behaves, or watch it. Each may be nil.
type Hooks struct {
	// Before is called at the beginning of every call, outside all locks; an
	// error is the call's answer and nothing was done. It may wait, and decides
	// itself what the end of ctx means: when it returns nil, the work is done.
	Before func(ctx context.Context, c Call) error
	// After is called when the work of a call is done, whatever came of it; an
	// error is a reply that was lost.
	After func(ctx context.Context, c Call) error
	// Drop says whether an event is lost.
	Drop func(e runtime.Event) bool
	// Moment hears of all that happens to containers, in order. The engine is
	// locked meanwhile.
	Moment func(m Moment)
	// Program is what a container runs; nil is Shell.
	Program func(s runtime.ContainerSpec) Program
	// Exec is what a process started by Exec does; nil is Shell.
	Exec func(m runtime.Meta, o runtime.ExecOptions) Program
}

// Call is one call of the engine.
type Call struct {
	Op string // "create container", "start", "list", ...
	// Subject is the name or id of what the call is about.
	Subject string
	// Number counts the calls of the engine, from 1.
	Number int
}

// Moment is something that happened to a container.
type Moment struct {
	At   time.Time
	What Happening
	// Container is what it is about, as it was afterwards.
	Container runtime.Container
	// Sandbox is the container whose network it lives in.
	Sandbox runtime.ContainerID
	// Signal is what was sent, without SIG.
	Signal string
}

// Happening is what happened at a Moment.
type Happening string

// What happens to a container.
const (
	Made     Happening = "made"
	Started  Happening = "started"
	Failed   Happening = "failed" // its process could not be started
	Signaled Happening = "signaled"
	Ended    Happening = "ended"
	Removed  Happening = "removed"
)

// Engine is an engine in memory. Use New.
type Engine struct {
	hooks Hooks
	calls atomic.Int64

	mu         sync.Mutex
	containers map[runtime.ContainerID]*container
	images     map[string]runtime.Image
	volumes    map[string]*volume
	subs       map[*subscription]bool
	streams    map[*stream]bool
	next       int
	// life is closed when the engine goes down; nil while it is.
	life    chan struct{}
	running sync.WaitGroup
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
		streams:    map[*stream]bool{},
		life:       make(chan struct{}),
	}
	for _, i := range images {
		e.AddImage(i)
	}
	return e
}

// call wraps the work of one engine call with the hooks.
func (e *Engine) call(ctx context.Context, op, subject string, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := Call{op, subject, int(e.calls.Add(1))}
	if e.hooks.Before != nil {
		if err := e.hooks.Before(ctx, c); err != nil {
			return err
		}
	}
	if e.alive() == nil {
		return errDown
	}
	err := work()
	if e.hooks.After != nil {
		if lost := e.hooks.After(ctx, c); lost != nil {
			return lost
		}
	}
	return err
}

// locked is call for work that needs e.mu.
func (e *Engine) locked(ctx context.Context, op, subject string, work func() error) error {
	return e.call(ctx, op, subject, func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		return work()
	})
}

var errDown = fmt.Errorf("the fake engine is down: %w", runtime.ErrUnavailable)

// alive is closed when the engine goes down; it is nil when it is down.
func (e *Engine) alive() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.life
}

// Info describes a machine of 4 cores and 8 GiB.
func (e *Engine) Info(ctx context.Context) (runtime.Info, error) {
	return runtime.Info{
		ID: "fake", Name: "fake", Endpoint: "fake://", Version: "0", APIVersion: "1.51", Arch: "amd64",
		NCPU: 4, MemTotal: 8 << 30, Local: true,
	}, e.call(ctx, "info", "", func() error { return nil })
}

// Close kills every process and waits for it.
func (e *Engine) Close() error {
	e.Crash(false)
	e.running.Wait()
	return nil
}

// Crash takes the engine down: event streams and connections to processes end,
// and calls fail until Start. Without liveRestore every process is killed.
func (e *Engine) Crash(liveRestore bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.life != nil {
		close(e.life)
		e.life = nil
	}
	for s := range e.subs {
		s.end()
		delete(e.subs, s)
	}
	for s := range e.streams {
		s.hangUp()
	}
	if liveRestore {
		return
	}
	for _, c := range e.containers {
		e.signal(c, "KILL")
	}
}

// Start brings the engine back after Crash.
func (e *Engine) Start() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.life == nil {
		e.life = make(chan struct{})
	}
}

// tell reports a moment of a container; e.mu is held.
func (e *Engine) tell(what Happening, c *container, signal string) {
	if e.hooks.Moment != nil {
		e.hooks.Moment(Moment{At: time.Now(), What: what, Container: c.c, Sandbox: c.spec.Sandbox, Signal: signal})
	}
}

func (e *Engine) newID() runtime.ContainerID {
	e.next++
	return runtime.ContainerID(fmt.Sprintf("%064x", e.next))
}

func (e *Engine) newIP() netip.Addr {
	e.next++
	return netip.AddrFrom4([4]byte{172, 17, byte(e.next >> 8), byte(e.next)})
}

func notFound(what, name string) error {
	return fmt.Errorf("no such %s: %s: %w", what, name, runtime.ErrNotFound)
}

func conflict(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, runtime.ErrConflict)...)
}
