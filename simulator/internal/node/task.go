package node

import (
	"context"
	"errors"
	"time"

	"github.com/podsim/podsim/runtime"
)

// engineRetry is how long actions wait after the engine failed one for a
// reason of its own.
const engineRetry = 500 * time.Millisecond

// task runs f beside the worker. What f returns is run by the worker; nil is
// nothing to do.
func (w *worker) task(f func(ctx context.Context) func()) {
	w.taskIn(w.ctx, f)
}

func (w *worker) taskIn(ctx context.Context, f func(ctx context.Context) func()) {
	w.tasks.Go(func() {
		if apply := f(ctx); apply != nil {
			w.post(apply)
		}
	})
}

// make is taskIn for tasks that put something on the engine: a teardown waits
// for them first.
func (w *worker) make(ctx context.Context, f func(ctx context.Context) func()) {
	w.making.Add(1)
	w.taskIn(ctx, func(ctx context.Context) func() {
		defer w.making.Done()
		return f(ctx)
	})
}

// engineFailed says whether err is the engine's own trouble: the action is
// neither done nor failed, and the plan will ask for it again.
func (w *worker) engineFailed(err error) bool {
	if err == nil || !(errors.Is(err, runtime.ErrUnavailable) || errors.Is(err, context.Canceled)) {
		return false
	}
	w.retryAt = time.Now().Add(engineRetry)
	return true
}
