package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/moby/term"

	"github.com/podsim/podsim/simulator"
)

// withTerminal connects the streams that were asked for and runs a process with them. With a terminal it is raw
// meanwhile, and told of its size.
func (a *app) withTerminal(ctx context.Context, o streamOptions, run func(context.Context, simulator.ExecOptions) error) error {
	e := simulator.ExecOptions{Stdout: a.stdout, Stderr: a.stderr}
	if o.stdin {
		e.Stdin = a.stdin
	}
	if !o.tty {
		return run(ctx, e)
	}
	in, isTerminal := terminalOf(a.stdin)
	if !isTerminal {
		fmt.Fprintln(a.stderr, "Unable to use a TTY - input is not a terminal or the right kind of file")
		return run(ctx, e)
	}
	e.TTY = true
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e.Resize = terminalSizes(ctx, in)
	if o.stdin {
		state, err := term.SetRawTerminal(in)
		if err != nil {
			return fmt.Errorf("set terminal raw: %w", err)
		}
		defer func() { _ = term.RestoreTerminal(in, state) }()
	}
	return run(ctx, e)
}

// terminalOf returns the descriptor of a stream that is a terminal.
func terminalOf(stream any) (uintptr, bool) {
	f, ok := stream.(*os.File)
	if !ok {
		return 0, false
	}
	return f.Fd(), term.IsTerminal(f.Fd())
}

// isTerminal tells whether somebody reads along.
func isTerminal(w io.Writer) bool {
	_, yes := terminalOf(w)
	return yes
}

// terminalSizes tells the size of a terminal at first and whenever it changed, until ctx ends.
func terminalSizes(ctx context.Context, fd uintptr) <-chan simulator.TerminalSize {
	sizes := make(chan simulator.TerminalSize, 1)
	changed, stop := resizeSignal()
	go func() {
		defer close(sizes)
		defer stop()
		var last simulator.TerminalSize
		for {
			if size, err := term.GetWinsize(fd); err == nil {
				now := simulator.TerminalSize{Width: size.Width, Height: size.Height}
				if now != last {
					last = now
					select {
					case sizes <- now:
					case <-ctx.Done():
						return
					}
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return sizes
}
