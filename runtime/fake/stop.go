package fake

import (
	"context"
	"strings"
	"time"

	"github.com/podsim/podsim/runtime"
)

// StopContainer signals, waits and kills. It kills no more once ctx ended or
// the engine went down: the caller does both, as a client of Docker does.
func (e *Engine) StopContainer(ctx context.Context, id runtime.ContainerID, signal string, grace time.Duration) error {
	return e.call(ctx, "stop", string(id), func() error {
		down := e.alive()
		if grace > 0 {
			ended := e.deliver(id, signal)
			timer := time.NewTimer(grace)
			defer timer.Stop()
			select {
			case <-ended:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			case <-down:
				return errDown
			case <-timer.C:
			}
		}
		<-e.deliver(id, "KILL")
		return nil
	})
}

// deliver sends a signal, "" being the container's own, and returns what is
// closed at the end of the process.
func (e *Engine) deliver(id runtime.ContainerID, signal string) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.containers[id]
	if c == nil || c.c.State != runtime.StateRunning {
		ended := make(chan struct{})
		close(ended)
		return ended
	}
	if signal == "" {
		signal = e.stopSignal(c)
	}
	e.signal(c, signal)
	return c.proc.done
}

func (e *Engine) stopSignal(c *container) string {
	if c.spec.StopSignal != "" {
		return c.spec.StopSignal
	}
	if s := e.images[c.c.Image].StopSignal; s != "" {
		return s
	}
	return "TERM"
}

// signal passes a signal to the process, if there is one; e.mu is held.
func (e *Engine) signal(c *container, signal string) {
	if c.c.State != runtime.StateRunning {
		return
	}
	signal = strings.TrimPrefix(signal, "SIG")
	e.tell(Signaled, c, signal)
	if signal == "KILL" {
		c.stdin.close()
	}
	c.proc.signal(signal)
}

// RemoveContainer kills and removes; gone is success.
func (e *Engine) RemoveContainer(ctx context.Context, id runtime.ContainerID) error {
	return e.call(ctx, "remove", string(id), func() error {
		e.Drop(id)
		return nil
	})
}

// Kill kills the container's process, as "docker kill" would.
func (e *Engine) Kill(id runtime.ContainerID) { <-e.deliver(id, "KILL") }

// Drop kills and removes a container, as "docker rm -f" would.
func (e *Engine) Drop(id runtime.ContainerID) {
	e.Kill(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.containers[id]; c != nil {
		e.remove(c)
	}
}

func (e *Engine) remove(c *container) {
	delete(e.containers, c.c.ID)
	e.tell(Removed, c, "")
	e.emit(runtime.EventDestroy, c)
}

// Prune removes every container that does not run, as "docker container
// prune" would.
func (e *Engine) Prune() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.containers {
		if c.c.State != runtime.StateRunning {
			e.remove(c)
		}
	}
}

// Left lists the containers that match, also while the engine is down.
func (e *Engine) Left(f runtime.Filter) []runtime.Container {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.matching(f)
}
