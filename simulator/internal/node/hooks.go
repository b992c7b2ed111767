package node

import (
	"context"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/probe"
)

// postStart runs the hook of an instance that was just started, to its end.
func (s *start) postStart(ctx context.Context) error {
	r := probe.RunHook(ctx, s.c.spec.Lifecycle.PostStart, s.target)
	s.w.hookFellBack(r)
	if r.Err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.w.log.Info("postStart hook failed", "container", s.c.name, "error", r.Err)
	s.w.tellLater(warning(s.c.name, "FailedPostStartHook", "PostStartHook failed"))
	return &startError{reasonPostStart, r.Err}
}

// hookFellBack tells that a hook asked for TLS where there was none. The kubelet
// tells it of the pod (lifecycle/handlers.go, runHTTPHandler).
func (w *worker) hookFellBack(r probe.HookResult) {
	if r.Fallback != "" {
		w.tellLater(warning("", probe.ReasonHTTPFallback, r.Fallback))
	}
}

// outlived gives up a hook that only sleeps when its container has ended: all
// others notice by themselves.
func (w *worker) outlived(c *container, i *instance) {
	l := c.spec.Lifecycle
	switch {
	case l == nil:
	case sleeps(l.PostStart) && i.PostStart == lifecycle.HookRunning && c.busy == lifecycle.BusyStart && c.cancel != nil:
		c.cancel()
	case sleeps(l.PreStop) && i.PreStop == lifecycle.HookRunning && c.busy == lifecycle.BusyPreStop && c.cancelHook != nil:
		c.cancelHook()
	}
}

func sleeps(h *v1.LifecycleHandler) bool { return h != nil && h.Sleep != nil }

// actPreStop runs the hook before a stop, at most a.Grace.
func (w *worker) actPreStop(c *container, a lifecycle.Action) {
	i := c.attempt(a.Attempt)
	if i == nil || c.spec.Lifecycle == nil || c.spec.Lifecycle.PreStop == nil {
		return
	}
	c.giveUp()
	c.busy, i.PreStop = lifecycle.BusyPreStop, lifecycle.HookRunning
	handler, target := c.spec.Lifecycle.PreStop, w.target(c, i.id)
	ctx, cancel := context.WithTimeout(w.ctx, a.Grace)
	c.cancelHook = cancel
	w.taskIn(ctx, func(ctx context.Context) func() {
		r := probe.RunHook(ctx, handler, target)
		w.hookFellBack(r)
		return func() {
			cancel()
			if sleeps(handler) {
				r.Err = nil // a kubelet leaves it behind and hears no more of it
			}
			w.preStopDone(c, a.Attempt, r.Err)
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
