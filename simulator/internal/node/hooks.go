package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// postStart runs the hook of an instance that was just started.
func (s *start) postStart(ctx context.Context) error {
	h := s.hook(s.c.spec.Lifecycle.PostStart)
	err := h.run(ctx)
	if err == nil {
		return nil
	}
	if unsettled(err) {
		return err
	}
	s.w.log.Info("postStart hook failed", "container", s.c.name, "error", err)
	s.w.tellLater(warning(s.c.name, "FailedPostStartHook", "PostStartHook failed"))
	return &startError{reasonPostStart, errors.New("PostStartHook failed")}
}

// actPreStop runs the hook before a stop, at most a.Grace.
func (w *worker) actPreStop(c *container, a lifecycle.Action) {
	i := c.attempt(a.Attempt)
	if i == nil || c.spec.Lifecycle == nil || c.spec.Lifecycle.PreStop == nil {
		return
	}
	c.busy, i.PreStop = lifecycle.BusyPreStop, lifecycle.HookRunning
	h := w.hook(c, i.id, c.spec.Lifecycle.PreStop)
	ctx, cancel := context.WithTimeout(w.ctx, a.Grace)
	w.taskIn(ctx, func(ctx context.Context) func() {
		err := h.run(ctx)
		return func() {
			cancel()
			w.preStopDone(c, a.Attempt, err)
		}
	})
}

func (w *worker) preStopDone(c *container, attempt int, err error) {
	if c.busy == lifecycle.BusyPreStop {
		c.busy = lifecycle.Idle
	}
	i := c.attempt(attempt)
	if i == nil {
		return
	}
	i.PreStop = lifecycle.HookDone
	if err != nil && w.ctx.Err() == nil {
		i.PreStop = lifecycle.HookFailed
		w.log.Info("preStop hook failed", "container", c.name, "error", err)
		w.tell(warning(c.name, "FailedPreStopHook", "PreStopHook failed"))
	}
}

// hook is one lifecycle handler of one instance.
type hook struct {
	handler *v1.LifecycleHandler
	engine  runtime.Engine
	id      runtime.ContainerID
}

func (s *start) hook(h *v1.LifecycleHandler) hook { return hook{h, s.w.n.Engine, s.id} }
func (w *worker) hook(c *container, id runtime.ContainerID, h *v1.LifecycleHandler) hook {
	return hook{h, w.n.Engine, id}
}

func (h hook) run(ctx context.Context) error {
	switch {
	case h.handler.Sleep != nil:
		pause(ctx, time.Duration(h.handler.Sleep.Seconds)*time.Second)
		return ctx.Err()
	case h.handler.Exec != nil:
		p, err := h.engine.Exec(ctx, h.id, runtime.ExecOptions{Cmd: h.handler.Exec.Command})
		if err != nil {
			return err
		}
		defer p.Close()
		code, err := p.Wait(ctx)
		if err == nil && code != 0 {
			err = fmt.Errorf("exit code %d", code)
		}
		return err
	}
	return errors.New("unsupported handler")
}
