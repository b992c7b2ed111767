package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/podsim/podsim/runtime"
)

// TerminalSize in characters.
type TerminalSize struct{ Width, Height uint16 }

// ExecOptions of Exec and Attach.
type ExecOptions struct {
	// Container "" is that of ChooseContainer.
	Container string
	// Command is for Exec alone.
	Command []string
	// Stdin nil gives no input. Stdout and Stderr nil throw away.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// TTY makes a terminal for the process; all output is on Stdout then.
	// Attach takes the container's own.
	TTY bool
	// Resize tells the terminal's size and its changes.
	Resize <-chan TerminalSize
}

// Exec runs a command in a running container and returns its exit code. err is
// set only when it could not be run or the connection broke.
func (s *Simulator) Exec(ctx context.Context, ns, name string, o ExecOptions) (exitCode int, err error) {
	if len(o.Command) == 0 {
		return 0, errors.New("you must specify at least one command for the container")
	}
	pod, err := s.Pod(ctx, ns, name)
	if err != nil {
		return 0, err
	}
	if err := completed(pod, "exec into"); err != nil {
		return 0, err
	}
	choice, err := ChooseContainer(pod, o.Container)
	if err != nil {
		return 0, err
	}
	c, err := s.running(ctx, pod, choice.Name)
	if err != nil {
		return 0, err
	}
	p, err := s.engine.Exec(ctx, c.ID, runtime.ExecOptions{Cmd: o.Command, TTY: o.TTY, Stdin: o.Stdin != nil})
	if err != nil {
		return 0, execError(err, choice.Name)
	}
	out, errOut := &refusal{w: writer(o.Stdout)}, &refusal{w: writer(o.Stderr)}
	o.Stdout, o.Stderr = out, errOut
	code, err := converse(ctx, p, o, true)
	if err != nil {
		return code, execError(err, choice.Name)
	}
	return code, errors.Join(out.settle(code), errOut.settle(code))
}

// writer is w, or one that throws away.
func writer(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// execError says what kubectl says when a command could not be started.
func execError(err error, container string) error {
	switch {
	case errors.Is(err, runtime.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, runtime.ErrNotFound), errors.Is(err, runtime.ErrConflict):
		return notFound(container)
	}
	return fmt.Errorf("Internal error occurred: error executing command in container: %w", err) //nolint:staticcheck // kubectl's text
}

// Attach connects to the first process of a running container until its output
// ends or ctx does. Stdin needs a container with stdin: true.
func (s *Simulator) Attach(ctx context.Context, ns, name string, o ExecOptions) error {
	pod, err := s.Pod(ctx, ns, name)
	if err != nil {
		return err
	}
	if err := completed(pod, "attach"); err != nil {
		return err
	}
	choice, err := ChooseContainer(pod, o.Container)
	if err != nil {
		return err
	}
	spec := findContainer(pod, choice.Name)
	if o.TTY && !spec.TTY && o.Stderr != nil {
		fmt.Fprintf(o.Stderr, "error: Unable to use a TTY - container %s did not allocate one\n", choice.Name)
	}
	o.TTY = spec.TTY
	if !spec.Stdin {
		o.Stdin = nil
	}
	c, err := s.running(ctx, pod, choice.Name)
	if err != nil {
		return err
	}
	p, err := s.engine.Attach(ctx, c.ID, runtime.AttachOptions{Stdin: o.Stdin != nil, TTY: o.TTY})
	if err != nil {
		return execError(err, choice.Name)
	}
	// An engine lets clients wait for the start of a container that ended just before they came.
	if _, err := s.running(ctx, pod, choice.Name); err != nil {
		_ = p.Close()
		return err
	}
	_, err = converse(ctx, p, o, spec.StdinOnce)
	return err
}

// converse carries the streams of a process until it ended and everything was
// read. A reader of input that never answers is left behind. The end of input is
// handed on if closeInput says so: an engine takes the end of an attached input
// for the end of the whole connection, unless the container has stdinOnce.
func converse(ctx context.Context, p runtime.Process, o ExecOptions, closeInput bool) (int, error) {
	defer p.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopped := context.AfterFunc(ctx, func() { _ = p.Close() })
	defer stopped()
	if o.Stdin != nil && p.Stdin() != nil {
		go func() {
			_, _ = io.Copy(p.Stdin(), o.Stdin)
			if closeInput {
				_ = p.Stdin().Close()
			}
		}()
	}
	if o.Resize != nil {
		go follow(ctx, p, o.Resize)
	}
	var output sync.WaitGroup
	copyOut := func(to io.Writer, from io.Reader) {
		if from != nil {
			output.Go(func() { _, _ = io.Copy(writer(to), from) })
		}
	}
	copyOut(o.Stdout, p.Stdout())
	copyOut(o.Stderr, p.Stderr())
	output.Wait()
	return p.Wait(ctx)
}

// follow hands the sizes of a terminal on.
func follow(ctx context.Context, p runtime.Process, sizes <-chan TerminalSize) {
	for {
		select {
		case size, ok := <-sizes:
			if !ok {
				return
			}
			_ = p.Resize(ctx, size.Width, size.Height) // a lost size is no reason to end
		case <-ctx.Done():
			return
		}
	}
}
