package fake

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/podsim/podsim/runtime"
)

// StartContainer runs the container's program.
func (e *Engine) StartContainer(ctx context.Context, id runtime.ContainerID) error {
	return e.locked(ctx, "start", string(id), func() error {
		c, err := e.lookup(id)
		if err != nil || c.c.State == runtime.StateRunning {
			return err
		}
		if s := c.spec.Sandbox; s != "" {
			if box := e.containers[s]; box == nil || box.c.State != runtime.StateRunning {
				return fmt.Errorf("cannot join network of a non running container: %s: %w", s, runtime.ErrNoSandbox)
			}
		}
		if c.sandbox != nil {
			e.connect(c)
		}
		p := e.program(c)
		if p == nil {
			return e.cannotStart(c)
		}
		e.start(c, p)
		return nil
	})
}

// connect gives a sandbox its address and its published ports.
func (e *Engine) connect(c *container) {
	c.c.IPs, c.c.Ports = nil, nil
	if c.sandbox.HostNetwork {
		return
	}
	c.c.IPs = []netip.Addr{e.newIP()}
	for _, p := range c.sandbox.Ports {
		if p.HostPort == 0 && !c.sandbox.PublishAll {
			continue
		}
		if p.HostPort == 0 {
			e.next++
			p.HostPort = uint16(32768 + e.next%28000)
		}
		c.c.Ports = append(c.c.Ports, p)
	}
}

func (e *Engine) start(c *container, p Program) {
	e.next++
	c.c.State, c.c.StartedAt, c.c.PID = runtime.StateRunning, time.Now(), 1000+e.next
	c.c.FinishedAt, c.c.ExitCode, c.c.OOMKilled = time.Time{}, 0, false
	c.proc = newProcess(context.Background())
	c.log.open()
	proc := &Proc{
		Stdin: c.stdin, Stdout: c.log.writer(false, c.spec.TTY), Stderr: c.log.writer(true, c.spec.TTY),
		Env: c.spec.Env, Dir: c.spec.WorkingDir, Signals: c.proc.signals, Context: c.proc.ctx, engine: e, container: c,
	}
	e.tell(Started, c, "")
	e.emit(runtime.EventStart, c)
	e.running.Go(func() { e.finish(c, c.proc, c.proc.run(p, proc)) })
}

func (e *Engine) cannotStart(c *container) error {
	text := fmt.Sprintf("exec: %q: executable file not found in $PATH", first(c.spec.Entrypoint, c.spec.Cmd))
	c.c.State, c.c.StartError, c.c.ExitCode, c.c.FinishedAt = runtime.StateExited, text, 127, time.Now()
	e.tell(Failed, c, "")
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

// finish notes how the process ended.
func (e *Engine) finish(c *container, proc *process, code int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c.c.State, c.c.ExitCode, c.c.FinishedAt, c.c.PID = runtime.StateExited, code, time.Now(), 0
	c.c.IPs, c.c.Ports = nil, nil
	c.c.OOMKilled = proc.oom
	c.log.close()
	close(proc.done)
	e.dropTmpfs()
	e.tell(Ended, c, "")
	if proc.oom {
		e.emit(runtime.EventOOM, c)
	}
	e.emit(runtime.EventDie, c)
}
