package docker

import (
	"context"
	"errors"
	"sync"

	"github.com/docker/docker/api/types/container"
	"golang.org/x/sync/errgroup"

	"github.com/podsim/podsim/runtime"
)

// parallel is how many requests one call makes at a time.
const parallel = 8

// ListContainers asks for a list and inspects what can have changed since the
// last one. A container that goes in between is left out.
func (e *Engine) ListContainers(ctx context.Context, f runtime.Filter) ([]runtime.Container, error) {
	list, err := e.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: labelFilter(f)})
	if err != nil {
		return nil, classify(err)
	}
	found := make([]runtime.Container, len(list))
	gone := make([]bool, len(list))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, summary := range list {
		if c, ok := e.ended.get(summary); ok {
			found[i] = c
			continue
		}
		g.Go(func() error {
			c, err := e.Container(gctx, runtime.ContainerID(summary.ID))
			if errors.Is(err, runtime.ErrNotFound) {
				gone[i] = true
				return nil
			}
			found[i] = c
			e.ended.put(c)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if f == (runtime.Filter{}) {
		e.ended.keepOnly(list)
	}
	return without(found, gone), nil
}

func without(all []runtime.Container, gone []bool) []runtime.Container {
	kept := make([]runtime.Container, 0, len(all))
	for i, c := range all {
		if !gone[i] {
			kept = append(kept, c)
		}
	}
	return kept
}

// endedCache holds what no longer changes: containers that have ended. One
// that is started again is forgotten by whoever hears of it.
type endedCache struct {
	mu   sync.Mutex
	byID map[runtime.ContainerID]runtime.Container
}

func (c *endedCache) get(s container.Summary) (runtime.Container, bool) {
	if s.State != container.StateExited {
		return runtime.Container{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.byID[runtime.ContainerID(s.ID)]
	return found, ok
}

func (c *endedCache) put(found runtime.Container) {
	if found.State != runtime.StateExited || found.StartError != "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil {
		c.byID = map[runtime.ContainerID]runtime.Container{}
	}
	c.byID[found.ID] = found
}

func (c *endedCache) forget(id runtime.ContainerID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byID, id)
}

// keepOnly drops what a complete list no longer has.
func (c *endedCache) keepOnly(list []container.Summary) {
	there := make(map[runtime.ContainerID]bool, len(list))
	for _, s := range list {
		there[runtime.ContainerID(s.ID)] = true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.byID {
		if !there[id] {
			delete(c.byID, id)
		}
	}
}
