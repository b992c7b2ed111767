package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// DefaultTimeout ends a command that a test did not give another limit.
const DefaultTimeout = 2 * time.Minute

// Result is what a finished command gave.
type Result struct {
	Args   []string
	Stdout string
	Stderr string
	Code   int
	Took   time.Duration
}

func (r Result) String() string {
	return fmt.Sprintf("podsim %s [code %d after %s]\n--- stdout\n%s--- stderr\n%s",
		strings.Join(r.Args, " "), r.Code, r.Took.Round(time.Millisecond), r.Stdout, r.Stderr)
}

// Run runs podsim to its end, whatever its exit code.
func (h *Home) Run(args ...string) Result {
	h.tb.Helper()
	return h.RunTimeout(DefaultTimeout, args...)
}

// RunTimeout is Run with another time limit; past it the command is killed
// and the test fails.
func (h *Home) RunTimeout(timeout time.Duration, args ...string) Result {
	h.tb.Helper()
	p := h.Start(args...)
	r, ok := p.WaitTimeout(timeout)
	if !ok {
		h.tb.Errorf("not done within %s: %s", timeout, r)
	}
	return r
}

// Must runs podsim and fails the test unless it succeeds. It returns stdout.
func (h *Home) Must(args ...string) string {
	h.tb.Helper()
	r := h.Run(args...)
	if r.Code != 0 {
		h.tb.Fatalf("%s", r)
	}
	return r.Stdout
}

// Process is a command of podsim that runs.
type Process struct {
	tb      testing.TB
	args    []string
	cmd     *exec.Cmd
	started time.Time
	out     buffer
	err     buffer
	done    chan struct{}
	code    int
	took    time.Duration
}

// Start begins a command. It is killed at the end of the test if it still runs.
func (h *Home) Start(args ...string) *Process {
	h.tb.Helper()
	return h.StartIn("", nil, args...)
}

// StartIn is Start in a directory and with an input, both optional.
func (h *Home) StartIn(dir string, stdin io.Reader, args ...string) *Process {
	h.tb.Helper()
	p := h.command(args)
	p.cmd.Dir = dir
	p.cmd.Stdin = stdin
	return p.start()
}

// StartTo is Start with standard output and error to a file of the caller's.
func (h *Home) StartTo(output *os.File, args ...string) *Process {
	h.tb.Helper()
	p := h.command(args)
	p.cmd.Stdout, p.cmd.Stderr = output, output
	return p.start()
}

func (h *Home) command(args []string) *Process {
	if h.Namespace != "" {
		args = h.inNamespace(args)
	}
	p := &Process{tb: h.tb, args: args, cmd: exec.Command(h.Bin, args...), started: time.Now(), done: make(chan struct{})}
	p.cmd.Env = h.environ()
	p.cmd.Stdout = &p.out
	p.cmd.Stderr = &p.err
	return p
}

func (p *Process) start() *Process {
	p.tb.Helper()
	// A background node inherits no pipe, but do not wait for it if it does.
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		p.tb.Fatalf("start podsim %s: %v", strings.Join(p.args, " "), err)
	}
	go p.wait()
	p.tb.Cleanup(p.Kill)
	return p
}

// inNamespace adds the namespace before a "--", unless the caller gave one.
func (h *Home) inNamespace(args []string) []string {
	for i, a := range args {
		if a == "-n" || a == "-A" || strings.HasPrefix(a, "--namespace") || a == "--all-namespaces" {
			return args
		}
		if a == "--" {
			with := append([]string{}, args[:i]...)
			return append(append(with, "-n", h.Namespace), args[i:]...)
		}
	}
	return append(append([]string{}, args...), "-n", h.Namespace)
}

func (p *Process) wait() {
	defer close(p.done)
	err := p.cmd.Wait()
	p.took = time.Since(p.started)
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		p.code = exit.ExitCode()
	default:
		p.code = -1
	}
}

// Stdout is what the command has written so far.
func (p *Process) Stdout() string { return p.out.String() }

// Stderr is what the command has written to its standard error so far.
func (p *Process) Stderr() string { return p.err.String() }

// Signal sends s, as a terminal or another process would.
func (p *Process) Signal(s os.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.tb.Errorf("signal podsim %s: %v", strings.Join(p.args, " "), err)
	}
}

// Kill ends the command at once and waits for it.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Done is closed when the command has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the end of the command.
func (p *Process) Wait() Result {
	p.tb.Helper()
	r, ok := p.WaitTimeout(DefaultTimeout)
	if !ok {
		p.tb.Fatalf("not done within %s: %s", DefaultTimeout, r)
	}
	return r
}

// WaitTimeout waits, and kills the command past the limit: then it says false.
func (p *Process) WaitTimeout(timeout time.Duration) (Result, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	inTime := true
	select {
	case <-p.done:
	case <-ctx.Done():
		inTime = false
		p.Kill()
	}
	return Result{Args: p.args, Stdout: p.Stdout(), Stderr: p.Stderr(), Code: p.code, Took: p.took}, inTime
}

// buffer is a bytes.Buffer for one writer and many readers.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
