package fake

import (
	"context"
	"io"
	"time"
)

// Program is what a process does: it returns its exit code. It must return
// when p.Context ends, which is SIGKILL.
type Program func(p *Proc) int

// Proc is a running process as its program sees it.
type Proc struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            []string // "NAME=value", complete
	Dir            string   // the working directory
	// Signals delivers what was sent, but for KILL.
	Signals <-chan string
	// Context ends when the process is killed.
	Context context.Context

	engine    *Engine
	container *container
}

// Sleep waits; false when the process was killed meanwhile.
func (p *Proc) Sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-p.Context.Done():
		return false
	}
}

// Exit ends with code after d, whatever signals come.
func Exit(code int, d time.Duration) Program {
	return func(p *Proc) int {
		if !p.Sleep(d) {
			return codeKilled
		}
		return code
	}
}

// Serve runs until TERM (or INT), and then takes d to end with code.
func Serve(code int, d time.Duration) Program {
	return func(p *Proc) int {
		for {
			select {
			case <-p.Context.Done():
				return codeKilled
			case s := <-p.Signals:
				if s != "TERM" && s != "INT" && s != "QUIT" {
					continue
				}
				if !p.Sleep(d) {
					return codeKilled
				}
				return code
			}
		}
	}
}

// Stubborn ignores every signal but KILL.
func Stubborn() Program {
	return func(p *Proc) int {
		<-p.Context.Done()
		return codeKilled
	}
}

const (
	codeKilled = 137
	// CodeOOM is what a Program returns when the kernel killed it for its
	// memory. It is no exit code: that is 137.
	CodeOOM = -9
)

// process is one running process.
type process struct {
	signals chan string
	ctx     context.Context
	cancel  context.CancelFunc
	done    chan struct{}
	oom     bool
}

// newProcess is killed with parent.
func newProcess(parent context.Context) *process {
	ctx, cancel := context.WithCancel(parent)
	return &process{signals: make(chan string, 16), ctx: ctx, cancel: cancel, done: make(chan struct{})}
}

// run runs the program to its end and returns the exit code. A process that
// was killed has that of the kill, whatever its program returned.
func (p *process) run(program Program, as *Proc) int {
	defer p.cancel()
	code := program(as)
	switch {
	case code == CodeOOM:
		p.oom = true
		return codeKilled
	case p.ctx.Err() != nil:
		return codeKilled
	}
	return code
}

// signal delivers a signal; KILL ends the process's context.
func (p *process) signal(s string) {
	if s == "KILL" {
		p.cancel()
		return
	}
	select {
	case p.signals <- s:
	default: // as the kernel, a signal that is pending already is not queued
	}
}
