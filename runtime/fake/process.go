package fake

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"
)

// Program is what a process does: it returns its exit code. It must return
// when p.Context ends, which is SIGKILL.
type Program func(p *Proc) int

// Proc is a running process as its program sees it.
type Proc struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            []string
	// Signals delivers what was sent, but for KILL.
	Signals <-chan string
	// Context ends when the process is killed.
	Context context.Context
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
			return 137
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
				return 137
			case s := <-p.Signals:
				if s != "TERM" && s != "INT" && s != "QUIT" {
					continue
				}
				if !p.Sleep(d) {
					return 137
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
		return 137
	}
}

// OOM is killed for its memory after d.
func OOM(d time.Duration) Program {
	return func(p *Proc) int {
		p.Sleep(d)
		return codeOOM
	}
}

// codeOOM is no exit code: it marks the program of OOM.
const codeOOM = -9

// process is one running process.
type process struct {
	stdout, stderr io.Writer
	signals        chan string
	ctx            context.Context
	cancel         context.CancelFunc
	done           chan struct{}
	oom            bool
}

func newProcess(stdout, stderr io.Writer) *process {
	ctx, cancel := context.WithCancel(context.Background())
	return &process{stdout: stdout, stderr: stderr, signals: make(chan string, 16), ctx: ctx, cancel: cancel, done: make(chan struct{})}
}

// run runs the program to its end and returns the exit code.
func (p *process) run(program Program) int {
	defer p.cancel()
	code := program(&Proc{Stdin: strings.NewReader(""), Stdout: p.stdout, Stderr: p.stderr, Signals: p.signals, Context: p.ctx})
	if code == codeOOM {
		p.oom = true
		return 137
	}
	return code
}

// signal delivers a signal; KILL ends the process's context.
func (p *process) signal(s string) {
	s = strings.TrimPrefix(s, "SIG")
	if s == "KILL" {
		p.cancel()
		return
	}
	select {
	case p.signals <- s:
	default: // as the kernel, a signal that is pending already is not queued
	}
}

// logFile is what a container wrote, in order.
type logFile struct {
	mu     sync.Mutex
	lines  []chunk
	more   chan struct{} // closed and replaced when something was written
	closed bool
}

type chunk struct {
	at     time.Time
	stderr bool
	data   []byte
}

type logWriter struct {
	log    *logFile
	stderr bool
}

func (l *logFile) stdout() io.Writer { l.reopen(); return logWriter{l, false} }
func (l *logFile) stderr() io.Writer { return logWriter{l, true} }

func (l *logFile) reopen() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = false
}

func (w logWriter) Write(b []byte) (int, error) {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	w.log.lines = append(w.log.lines, chunk{time.Now(), w.stderr, append([]byte(nil), b...)})
	w.log.wake()
	return len(b), nil
}

func (l *logFile) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.wake()
}

func (l *logFile) wake() {
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
}

// from returns the chunks from index i on, whether the log is at its end, and
// a channel that tells of more.
func (l *logFile) from(i int) ([]chunk, bool, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more == nil {
		l.more = make(chan struct{})
	}
	return l.lines[min(i, len(l.lines)):], l.closed, l.more
}
