package node

import (
	"context"
	"slices"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// startsUnderWay is how long the engine may still be about a start whose owner
// died after asking for it.
const startsUnderWay = time.Second

// adopt is the first observe. What is only created may be about to run, for an
// owner that died: it is looked at again, since a leftover is removed, and what
// has run is not.
func (w *worker) adopt(ctx context.Context) func() {
	cs, taken, err := w.list(ctx)
	if slices.ContainsFunc(cs, func(c runtime.Container) bool { return c.State == runtime.StateCreated }) {
		pause(ctx, startsUnderWay)
		cs, taken, err = w.list(ctx)
	}
	if err != nil {
		return nil
	}
	return func() { w.observeAll(cs, taken) }
}

// settle mends what a crash may have left half done, once, after the first
// list: a sandbox that never hosted a started container may lack its volumes'
// content.
func (w *worker) settle() {
	if w.sandbox.state != lifecycle.SandboxReady {
		return
	}
	if w.published.SandboxReady == w.sandbox.attempt+1 {
		return
	}
	for _, c := range w.containers {
		if c.newest() != nil {
			return
		}
	}
	id := w.sandbox.id
	w.discard(id)
	w.sandbox.state, w.sandbox.id = lifecycle.SandboxNone, ""
	w.removeLater(id)
}
