package node

import (
	"context"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// ahead is a container created before its turn, while the sandbox starts. It
// is a wager: whatever goes wrong, the turn itself does it again and tells.
type ahead struct {
	done chan struct{}
	hash string
	id   runtime.ContainerID // empty when it failed
}

// prefetch looks up the images of the pod, and begins to pull those that are
// missing, before their turn.
func (w *worker) prefetch() {
	auth, _ := w.pullSecrets()
	for _, c := range w.containers {
		for _, iw := range w.wants(c) {
			iw.auth = auth
			w.task(func(ctx context.Context) func() { return w.prefetchImage(ctx, c, iw) })
		}
	}
}

func (w *worker) prefetchImage(ctx context.Context, c *container, iw imageWant) func() {
	image, err := w.n.Engine.Image(ctx, iw.ref)
	if err == nil && iw.container != "" {
		return func() { c.image = image; w.createAhead() }
	}
	if err != nil && iw.policy == v1.PullIfNotPresent && ctx.Err() == nil {
		w.pull(ctx, iw) // the turn reports
	}
	return nil
}

// createAhead creates first instances whose image and sandbox are known and
// that need nothing else. What they mount need not be there yet, but for
// images: an engine mounts the image that it has then.
func (w *worker) createAhead() {
	if !w.sandbox.busy || w.sandbox.id == "" {
		return
	}
	for _, c := range w.containers {
		if c.ahead != nil || c.image.ID == "" || len(c.instances) > 0 || c.kind == runtime.KindEphemeral {
			continue
		}
		in, ci := w.configInput(), w.containerInput(c, 0, w.sandbox.id, nil)
		if subs, err := config.Subpaths(in, ci); err != nil || len(subs) > 0 || config.NeedsPodIP(w.pod.Object, c.spec) || config.NeedsFiles(c.spec) || len(lifecycle.ImageVolumes(w.pod.Object, c.spec)) > 0 {
			continue
		}
		spec, err := config.Container(in, ci)
		if err != nil {
			continue
		}
		if spec.OOMScoreAdj != nil && *spec.OOMScoreAdj < 0 {
			continue // its start may have to be tried twice
		}
		w.adjust(&spec, c.resourceHash)
		a := &ahead{done: make(chan struct{}), hash: c.hash}
		c.ahead = a
		w.make(w.ctx, func(ctx context.Context) func() {
			defer close(a.done)
			id, err := createContainer(ctx, w.n.Engine, spec)
			if err == nil {
				a.id = id
			}
			return nil
		})
	}
}

// dropAhead removes what was created for a sandbox that failed.
func (w *worker) dropAhead() {
	for _, c := range w.containers {
		a := c.ahead
		if a == nil {
			continue
		}
		c.ahead = nil
		w.task(func(context.Context) func() {
			<-a.done
			if a.id != "" {
				w.removeQuietly(a.id)
			}
			return nil
		})
	}
}
