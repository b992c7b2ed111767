package fake

import (
	"context"
	"fmt"
	"io"

	"github.com/podsim/podsim/runtime"
)

// Exec runs a program beside the container's own.
func (e *Engine) Exec(ctx context.Context, id runtime.ContainerID, o runtime.ExecOptions) (runtime.Process, error) {
	var s *stream
	err := e.locked(ctx, "exec", string(id), func() error {
		c, err := e.lookup(id)
		if err != nil {
			return err
		}
		if c.c.State != runtime.StateRunning {
			return conflict("container %s is not running", id)
		}
		s = e.exec(c, o)
		return nil
	})
	if err != nil {
		if s != nil {
			s.Close()
		}
		return nil, err
	}
	return s, nil
}

// exec starts the program; e.mu is held.
func (e *Engine) exec(c *container, o runtime.ExecOptions) *stream {
	program := Shell(o.Cmd)
	if e.hooks.Exec != nil {
		program = e.hooks.Exec(c.c.Meta, o)
	}
	if program == nil {
		program = missing(o.Cmd)
	}
	s := e.newStream(o.Stdin)
	child := newProcess(c.proc.ctx)
	proc := &Proc{
		Stdin: s.input(), Stdout: s.out, Stderr: s.err, Signals: child.signals, Context: child.ctx, engine: e, container: c,
		Env: c.spec.Env, Dir: c.spec.WorkingDir,
	}
	if o.TTY {
		t := terminal{s.out}
		proc.Stdout, proc.Stderr = t, t
	}
	e.running.Go(func() { s.end(child.run(program, proc)) })
	return s
}

func missing(cmd []string) Program {
	return func(p *Proc) int {
		fmt.Fprintf(p.Stdout, "%sexec: %q: executable file not found in $PATH\n", runtime.ExecRefusal, first(cmd))
		return 127
	}
}

// stream is the standard streams of a process, in memory.
type stream struct {
	engine   *Engine
	in       *buffer // nil when not asked for
	out, err *buffer
	done     chan struct{} // closed when the process has ended
	lost     chan struct{} // closed when the connection is
	code     int
}

// newStream registers a stream that ends with the engine; e.mu is held.
func (e *Engine) newStream(stdin bool) *stream {
	s := &stream{engine: e, out: newBuffer(), err: newBuffer(), done: make(chan struct{}), lost: make(chan struct{})}
	if stdin {
		s.in = newBuffer()
	}
	e.streams[s] = true
	return s
}

func (s *stream) input() io.Reader {
	if s.in == nil {
		return eof{}
	}
	return s.in
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// end tells that the process has ended and its output is complete.
func (s *stream) end(code int) {
	s.code = code
	close(s.done)
	s.out.close()
	s.err.close()
	if s.in != nil {
		s.in.close()
	}
	s.engine.drop(s)
}

// hangUp ends the connection; the process does not notice, but for its input.
// e.mu is held.
func (s *stream) hangUp() {
	if !s.engine.streams[s] {
		return
	}
	delete(s.engine.streams, s)
	close(s.lost)
	s.out.close()
	s.err.close()
	if s.in != nil {
		s.in.close()
	}
}

func (e *Engine) drop(s *stream) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.streams, s)
}

// Stdin is the process's input, if asked for.
func (s *stream) Stdin() io.WriteCloser {
	if s.in == nil {
		return nil
	}
	return s.in
}

// Stdout is the process's output.
func (s *stream) Stdout() io.Reader { return s.out }

// Stderr is the process's error output.
func (s *stream) Stderr() io.Reader { return s.err }

// Resize changes nothing that could be seen.
func (s *stream) Resize(context.Context, uint16, uint16) error { return nil }

// Wait returns the exit code.
func (s *stream) Wait(ctx context.Context) (int, error) {
	select {
	case <-s.done:
		return s.code, nil
	default:
	}
	select {
	case <-s.done:
		return s.code, nil
	case <-s.lost:
		return 0, errDown
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// PID of what is no process.
func (s *stream) PID(context.Context) (int, error) { return 0, runtime.ErrUnsupported }

// Close hangs up.
func (s *stream) Close() error {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.hangUp()
	return nil
}

// Attach connects to the container's own process.
func (e *Engine) Attach(ctx context.Context, id runtime.ContainerID, o runtime.AttachOptions) (runtime.Process, error) {
	var s *stream
	var c *container
	err := e.locked(ctx, "attach", string(id), func() error {
		var err error
		if c, err = e.lookup(id); err != nil {
			return err
		}
		s = e.newStream(o.Stdin && c.spec.Stdin)
		return nil
	})
	if err != nil {
		if s != nil {
			s.Close()
		}
		return nil, err
	}
	at := c.log.tail(0) // what is written from now on
	e.running.Go(func() {
		if c.log.copy(context.Background(), s.lost, at, runtime.LogOptions{}, true, s.out, s.err) == nil {
			s.end(0)
		}
	})
	if s.in != nil {
		e.running.Go(func() {
			io.Copy(c.stdin, s.in)
			if c.spec.StdinOnce {
				c.stdin.close()
			}
		})
	}
	return s, nil
}
