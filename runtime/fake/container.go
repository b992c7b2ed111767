package fake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/podsim/podsim/runtime"
)

// container is one container; its fields are guarded by Engine.mu.
type container struct {
	c       runtime.Container
	spec    runtime.ContainerSpec
	sandbox *runtime.SandboxSpec // nil for others
	mounts  []runtime.Mount
	files   tree // outside of volumes
	log     *logFile
	stdin   *buffer
	proc    *process
}

// CreateSandbox makes a container that runs the pause process.
func (e *Engine) CreateSandbox(ctx context.Context, s runtime.SandboxSpec) (runtime.ContainerID, error) {
	c := &container{sandbox: &s, mounts: s.Mounts}
	c.c = runtime.Container{Name: s.Name, Meta: s.Meta, Image: s.Image}
	return e.create(ctx, "create sandbox", c)
}

// CreateContainer makes a container that runs its Program.
func (e *Engine) CreateContainer(ctx context.Context, s runtime.ContainerSpec) (runtime.ContainerID, error) {
	c := &container{spec: s, mounts: s.Mounts}
	c.c = runtime.Container{Name: s.Name, Meta: s.Meta, Image: s.Image, TTY: s.TTY, Stdin: s.Stdin, Resources: s.Resources}
	return e.create(ctx, "create container", c)
}

func (e *Engine) create(ctx context.Context, op string, c *container) (runtime.ContainerID, error) {
	err := e.locked(ctx, op, c.c.Name, func() error {
		if err := e.creatable(c); err != nil {
			return err
		}
		c.c.ID, c.c.ImageID = e.newID(), e.images[c.c.Image].ID
		c.c.State, c.c.CreatedAt = runtime.StateCreated, time.Now()
		c.log, c.stdin, c.files = newLog(), newBuffer(), newRoot(e.hostname(c))
		e.containers[c.c.ID] = c
		e.tell(Made, c, "")
		return nil
	})
	if err != nil {
		return "", err
	}
	return c.c.ID, nil
}

// creatable finds what stands against a new container.
func (e *Engine) creatable(c *container) error {
	for _, o := range e.containers {
		if o.c.Name == c.c.Name {
			return conflict("the container name %q is in use by %s", c.c.Name, o.c.ID)
		}
	}
	if _, ok := e.images[c.c.Image]; !ok {
		return notFound("image", c.c.Image)
	}
	if s := c.spec.Sandbox; s != "" && e.containers[s] == nil {
		return notFound("container", string(s))
	}
	for _, m := range c.mounts {
		if m.Kind == runtime.MountVolume && e.volumes[m.Source] == nil {
			return notFound("volume", m.Source)
		}
	}
	return nil
}

// hostname is the sandbox's, or the beginning of the container's id.
func (e *Engine) hostname(c *container) string {
	if box := e.containers[c.spec.Sandbox]; box != nil {
		c = box
	}
	if c.sandbox != nil && c.sandbox.Hostname != "" {
		return c.sandbox.Hostname
	}
	return fmt.Sprintf("fake%08x", e.next)
}

// lookup returns a container; e.mu is held.
func (e *Engine) lookup(id runtime.ContainerID) (*container, error) {
	c := e.containers[id]
	if c == nil {
		return nil, notFound("container", string(id))
	}
	return c, nil
}

// Container shows one container.
func (e *Engine) Container(ctx context.Context, id runtime.ContainerID) (runtime.Container, error) {
	var out runtime.Container
	err := e.locked(ctx, "inspect", string(id), func() error {
		c, err := e.lookup(id)
		if err == nil {
			out = c.c
		}
		return err
	})
	return out, err
}

// ContainerByName shows the container of that name.
func (e *Engine) ContainerByName(ctx context.Context, name string) (runtime.Container, error) {
	var out runtime.Container
	err := e.locked(ctx, "inspect", name, func() error {
		for _, c := range e.containers {
			if c.c.Name == name {
				out = c.c
				return nil
			}
		}
		return notFound("container", name)
	})
	return out, err
}

// ListContainers shows the containers that match.
func (e *Engine) ListContainers(ctx context.Context, f runtime.Filter) ([]runtime.Container, error) {
	var out []runtime.Container
	err := e.locked(ctx, "list", f.PodUID, func() error {
		out = e.matching(f)
		return nil
	})
	return out, err
}

// matching lists containers in the order in which they were made; e.mu is
// held.
func (e *Engine) matching(f runtime.Filter) []runtime.Container {
	var out []runtime.Container
	for _, c := range e.containers {
		if matches(f, c.c.Meta) {
			out = append(out, c.c)
		}
	}
	slices.SortFunc(out, func(a, b runtime.Container) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// UpdateResources notes the new limits.
func (e *Engine) UpdateResources(ctx context.Context, id runtime.ContainerID, r runtime.Resources) error {
	return e.locked(ctx, "update", string(id), func() error {
		c, err := e.lookup(id)
		if err == nil {
			c.c.Resources = r
		}
		return err
	})
}

// Stats shows a container that uses next to nothing.
func (e *Engine) Stats(ctx context.Context, id runtime.ContainerID) (runtime.Stats, error) {
	s := runtime.Stats{Time: time.Now(), CPU: time.Millisecond, Memory: 1 << 20, MemoryPeak: 1 << 20, PIDs: 1}
	err := e.locked(ctx, "stats", string(id), func() error {
		c, err := e.lookup(id)
		if err != nil {
			return err
		}
		if c.c.State != runtime.StateRunning {
			return conflict("container %s is not running", id)
		}
		s.MemoryLimit = c.c.Resources.Memory
		return nil
	})
	return s, err
}

// DiskUsage is the size of the files outside of volumes.
func (e *Engine) DiskUsage(ctx context.Context, id runtime.ContainerID) (int64, error) {
	var n int64
	err := e.locked(ctx, "disk usage", string(id), func() error {
		c, err := e.lookup(id)
		if err == nil {
			n = c.files.size()
		}
		return err
	})
	return n, err
}
