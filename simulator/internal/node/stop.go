package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// giveUp ends whatever is under way for the container.
func (c *container) giveUp() {
	for _, cancel := range []context.CancelFunc{c.cancel, c.cancelHook, c.cancelStop} {
		if cancel != nil {
			cancel()
		}
	}
}

// actStop signals, waits and kills. A stop that is under way is given up for
// one with less grace.
func (w *worker) actStop(c *container, a lifecycle.Action) {
	i := c.attempt(a.Attempt)
	if i == nil {
		return
	}
	c.giveUp()
	ctx, cancel := context.WithCancel(w.ctx)
	c.busy, c.cancelStop = lifecycle.BusyStop, cancel
	c.stopRound++
	round, id := c.stopRound, i.id
	w.taskIn(ctx, func(ctx context.Context) func() {
		err := w.n.Engine.StopContainer(ctx, id, "", a.Grace)
		var rc runtime.Container
		if err == nil {
			rc, err = w.n.Engine.Container(ctx, id)
		}
		return func() {
			cancel()
			if c.stopRound == round {
				w.stopped(c, id, rc, err)
			}
		}
	})
}

func (w *worker) stopped(c *container, id runtime.ContainerID, rc runtime.Container, err error) {
	c.busy, c.cancelStop = lifecycle.Idle, nil
	switch {
	case err == nil:
		w.observeOne(rc)
	case errors.Is(err, runtime.ErrNotFound):
		w.missing(id)
	case !w.engineFailed(err):
		w.log.Warn("stop container", "container", c.name, "error", err)
		w.retryAt = time.Now().Add(engineRetry)
	}
}

// actRemove removes a dead instance.
func (w *worker) actRemove(c *container, attempt int) {
	i := c.attempt(attempt)
	if i == nil {
		return
	}
	// A removal runs beside whatever the container does next.
	c.drop(i.id)
	w.discard(i.id)
	w.task(func(ctx context.Context) func() {
		err := w.n.Engine.RemoveContainer(ctx, i.id)
		return func() {
			if err != nil {
				w.engineFailed(err)
				delete(w.discarded, i.id)
				c.put(i)
			}
		}
	})
}

// discard notes that a container is on its way out.
func (w *worker) discard(id runtime.ContainerID) {
	if id != "" {
		w.discarded[id] = time.Now()
	}
}

// actResize applies the container's present resources in place.
func (w *worker) actResize(c *container) {
	i := c.newest()
	if i == nil {
		return
	}
	spec, err := config.Container(w.configInput(), w.containerInput(c, i.Attempt, w.sandbox.id, nil))
	if err != nil {
		w.log.Warn("resize container", "container", c.name, "error", err)
		return
	}
	c.busy = lifecycle.BusyResize
	hash := c.resourceHash
	w.task(func(ctx context.Context) func() {
		err := w.n.Engine.UpdateResources(ctx, i.id, spec.Resources)
		return func() {
			c.busy = lifecycle.Idle
			if err != nil && w.engineFailed(err) {
				return
			}
			if i := c.byID(i.id); i != nil {
				i.ResourceHash = hash
			}
			if err != nil {
				w.tell(warning(c.name, "ResizeError", err.Error()))
			}
		}
	})
}

// actTeardown removes everything of the pod, then its object. It tries until
// nothing is left or the node ends.
func (w *worker) actTeardown() {
	w.teardown = true
	for _, c := range w.containers {
		w.stopProbes(c)
		c.giveUp()
	}
	if w.sandbox.tunnel != nil {
		w.sandbox.tunnel.Close() // and stays closed for who still uses it
	}
	w.flushEvents()
	w.task(func(ctx context.Context) func() {
		w.making.Wait()
		delay, began := engineRetry, time.Now()
		for {
			err := w.removeAll(ctx, time.Since(began) > volumePatience)
			if err == nil {
				return func() { w.gone = true }
			}
			if ctx.Err() != nil {
				return nil
			}
			w.log.Warn("tear down pod", "error", err)
			pause(ctx, delay)
			delay = min(2*delay, 10*time.Second)
		}
	})
}

// volumePatience is how long an engine may refuse to remove a pod's volumes
// although no container is left that could use them. Engines before 25 count
// the users of a tmpfs volume wrongly once they were restarted beside running
// containers, and let go of it only when they are restarted again.
const volumePatience = 10 * time.Second

// removeAll removes the pod's containers, the sandbox last, its volumes, and
// then the pod object: nothing of the pod exists any more. With leaveVolumes
// the object goes although the engine keeps volumes: their labels still say
// whose they were.
func (w *worker) removeAll(ctx context.Context, leaveVolumes bool) error {
	err := RemovePod(ctx, w.n.Engine, runtime.Filter{Home: w.n.Store.Home(), PodUID: string(w.key.UID)}, w.n.leaving)
	var kept *volumeError
	switch {
	case leaveVolumes && errors.As(err, &kept) && !errors.Is(err, runtime.ErrUnavailable):
		w.log.Warn("the engine keeps a volume of a pod that is gone", "error", err)
	case err != nil:
		return err
	}
	if err := w.n.Store.RemovePod(w.key.Namespace, w.key.Name, string(w.key.UID)); err != nil {
		return fmt.Errorf("remove pod object: %w", err)
	}
	// Whoever waited for the pod may end the node now, but not this.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = FinishClaims(ctx, w.n.Engine, w.n.Store, w.key.Namespace)
	if err != nil && !errors.Is(err, runtime.ErrUnavailable) {
		w.log.Warn("finish claims", "error", err) // somebody else uses their data; the pod is gone all the same
		return nil
	}
	return err
}
