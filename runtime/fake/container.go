package fake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/podsim/podsim/runtime"
)

// container is one container; its fields are guarded by Engine.mu.
type container struct {
	c       runtime.Container
	spec    runtime.ContainerSpec
	sandbox bool
	setup   []string // Env of a sandbox
	mounts  []runtime.Mount
	files   map[string][]byte // written through CopyTo, outside of volumes
	log     *logFile
	proc    *process
}

func (c *container) kill() {
	if c.proc != nil {
		c.proc.signal("KILL")
	}
}

// CreateSandbox makes a container that runs Pause.
func (e *Engine) CreateSandbox(ctx context.Context, s runtime.SandboxSpec) (runtime.ContainerID, error) {
	c := &container{sandbox: true, setup: s.Env, mounts: s.Mounts}
	c.c = runtime.Container{Name: s.Name, Meta: s.Meta, Image: s.Image, Ports: s.Ports}
	return e.create(ctx, "create sandbox", c)
}

// CreateContainer makes a container that runs its Program.
func (e *Engine) CreateContainer(ctx context.Context, s runtime.ContainerSpec) (runtime.ContainerID, error) {
	c := &container{spec: s, mounts: s.Mounts}
	c.c = runtime.Container{Name: s.Name, Meta: s.Meta, Image: s.Image, TTY: s.TTY, Stdin: s.Stdin, Resources: s.Resources}
	return e.create(ctx, "create container", c)
}

func (e *Engine) create(ctx context.Context, op string, c *container) (runtime.ContainerID, error) {
	err := e.call(ctx, op, c.c.Name, func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, o := range e.containers {
			if o.c.Name == c.c.Name {
				return conflict("the container name %q is in use by %s", c.c.Name, o.c.ID)
			}
		}
		image, ok := e.images[c.c.Image]
		if !ok {
			return notFound("image", c.c.Image)
		}
		if s := c.spec.Sandbox; s != "" && e.containers[s] == nil {
			return notFound("container", string(s))
		}
		for _, m := range c.mounts {
			e.mountVolume(m, c.c.Meta)
		}
		c.c.ID, c.c.ImageID = e.newID(), image.ID
		c.c.State, c.c.CreatedAt = runtime.StateCreated, time.Now()
		c.log, c.files = &logFile{}, map[string][]byte{}
		e.containers[c.c.ID] = c
		return nil
	})
	if err != nil && !e.has(c.c.ID) {
		return "", err
	}
	return c.c.ID, err
}

func (e *Engine) has(id runtime.ContainerID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.containers[id] != nil
}

// lookup returns a container; e.mu is held.
func (e *Engine) lookup(id runtime.ContainerID) (*container, error) {
	c := e.containers[id]
	if c == nil {
		return nil, notFound("container", string(id))
	}
	return c, nil
}

// StartContainer runs the container's program.
func (e *Engine) StartContainer(ctx context.Context, id runtime.ContainerID) error {
	return e.call(ctx, "start", string(id), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		c, err := e.lookup(id)
		if err != nil || c.c.State == runtime.StateRunning {
			return err
		}
		if s := c.spec.Sandbox; s != "" {
			if box := e.containers[s]; box == nil || box.c.State != runtime.StateRunning {
				return conflict("cannot join network of a non running container: %s", s)
			}
		}
		p := e.program(c)
		if p == nil {
			return e.cannotStart(c)
		}
		c.c.State, c.c.StartedAt, c.c.PID = runtime.StateRunning, time.Now(), e.next+1000
		c.c.FinishedAt, c.c.ExitCode = time.Time{}, 0
		if c.sandbox {
			c.c.IPs = append(c.c.IPs[:0:0], e.newIP())
		}
		c.proc = newProcess(c.log.stdout(), c.log.stderr())
		e.emit(runtime.EventStart, c)
		e.running.Go(func() { e.finish(c, c.proc, p) })
		return nil
	})
}

func (e *Engine) cannotStart(c *container) error {
	text := fmt.Sprintf("exec: %q: executable file not found in $PATH", first(c.spec.Entrypoint, c.spec.Cmd))
	c.c.State, c.c.StartError, c.c.ExitCode, c.c.FinishedAt = runtime.StateExited, text, 127, time.Now()
	return fmt.Errorf("%s: %w", text, runtime.ErrInvalid)
}

func first(lists ...[]string) string {
	for _, l := range lists {
		if len(l) > 0 {
			return l[0]
		}
	}
	return ""
}

// finish runs the process to its end and notes how it ended.
func (e *Engine) finish(c *container, proc *process, p Program) {
	code := proc.run(p)
	e.mu.Lock()
	defer e.mu.Unlock()
	c.c.State, c.c.ExitCode, c.c.FinishedAt, c.c.PID = runtime.StateExited, code, time.Now(), 0
	c.c.OOMKilled = proc.oom
	c.log.close()
	close(proc.done)
	e.dropTmpfs()
	e.emit(runtime.EventDie, c)
}

// StopContainer signals, waits and kills.
func (e *Engine) StopContainer(ctx context.Context, id runtime.ContainerID, signal string, grace time.Duration) error {
	return e.call(ctx, "stop", string(id), func() error {
		proc := e.processOf(id)
		if proc == nil {
			return nil
		}
		if signal == "" {
			signal = e.stopSignal(id)
		}
		proc.signal(signal)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-proc.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		proc.signal("KILL")
		<-proc.done
		return nil
	})
}

func (e *Engine) stopSignal(id runtime.ContainerID) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.containers[id]; c != nil && c.spec.StopSignal != "" {
		return c.spec.StopSignal
	}
	return "TERM"
}

// processOf is the running process of a container, or nil.
func (e *Engine) processOf(id runtime.ContainerID) *process {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.containers[id]; c != nil && c.c.State == runtime.StateRunning {
		return c.proc
	}
	return nil
}

// SignalContainer passes a signal on.
func (e *Engine) SignalContainer(ctx context.Context, id runtime.ContainerID, signal string) error {
	return e.call(ctx, "signal", string(id), func() error {
		proc := e.processOf(id)
		if proc == nil {
			return conflict("container %s is not running", id)
		}
		proc.signal(signal)
		return nil
	})
}

// RemoveContainer kills and removes; gone is success.
func (e *Engine) RemoveContainer(ctx context.Context, id runtime.ContainerID) error {
	return e.call(ctx, "remove", string(id), func() error {
		if proc := e.processOf(id); proc != nil {
			proc.signal("KILL")
			<-proc.done
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if c := e.containers[id]; c != nil {
			delete(e.containers, id)
			e.emit(runtime.EventDestroy, c)
		}
		return nil
	})
}

// Prune removes every container that does not run, as "docker container
// prune" would.
func (e *Engine) Prune() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, c := range e.containers {
		if c.c.State != runtime.StateRunning {
			delete(e.containers, id)
			e.emit(runtime.EventDestroy, c)
		}
	}
}

// Container shows one container.
func (e *Engine) Container(ctx context.Context, id runtime.ContainerID) (runtime.Container, error) {
	var out runtime.Container
	err := e.call(ctx, "inspect", string(id), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
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
	err := e.call(ctx, "inspect", name, func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
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
	err := e.call(ctx, "list", f.PodUID, func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, c := range e.containers {
			if matches(f, c.c.Meta) {
				out = append(out, c.c)
			}
		}
		return nil
	})
	return out, err
}

// UpdateResources notes the new limits.
func (e *Engine) UpdateResources(ctx context.Context, id runtime.ContainerID, r runtime.Resources) error {
	return e.call(ctx, "update", string(id), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		c, err := e.lookup(id)
		if err == nil {
			c.c.Resources = r
		}
		return err
	})
}

// Stats shows a container that uses next to nothing.
func (e *Engine) Stats(ctx context.Context, id runtime.ContainerID) (runtime.Stats, error) {
	if e.processOf(id) == nil {
		return runtime.Stats{}, conflict("container %s is not running", id)
	}
	s := runtime.Stats{Time: time.Now(), CPU: time.Millisecond, Memory: 1 << 20, MemoryPeak: 1 << 20, PIDs: 1}
	return s, e.call(ctx, "stats", string(id), func() error { return nil })
}

// DiskUsage is the size of the files that were copied in.
func (e *Engine) DiskUsage(ctx context.Context, id runtime.ContainerID) (int64, error) {
	var n int64
	err := e.call(ctx, "disk usage", string(id), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		c, err := e.lookup(id)
		if err != nil {
			return err
		}
		for _, b := range c.files {
			n += int64(len(b))
		}
		return nil
	})
	return n, err
}

// errKilled ends the program of a process that was killed.
var errKilled = errors.New("killed")
