package fake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/podsim/podsim/runtime"
)

// logFile is what a container wrote, in order, in pieces of at most one line.
type logFile struct {
	mu     sync.Mutex
	pieces []piece
	more   chan struct{} // closed and replaced when something was written
	closed bool
	// open says by stream whether its last line has no end yet.
	unended [2]bool
}

type piece struct {
	at     time.Time
	stderr bool
	begins bool // it is the beginning of a line
	data   []byte
}

func newLog() *logFile { return &logFile{more: make(chan struct{})} }

// open begins a run of the container.
func (l *logFile) open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = false
}

func (l *logFile) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.wake()
}

func (l *logFile) wake() {
	close(l.more)
	l.more = make(chan struct{})
}

// writer appends to one stream; that of a terminal is stdout and its lines
// end with a carriage return too.
func (l *logFile) writer(stderr, tty bool) io.Writer {
	if tty {
		return terminal{logWriter{l, false}}
	}
	return logWriter{l, stderr}
}

type logWriter struct {
	log    *logFile
	stderr bool
}

func (w logWriter) Write(b []byte) (int, error) {
	l, n := w.log, 0
	if w.stderr {
		n = 1
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(b) {
		l.pieces = append(l.pieces, piece{time.Now(), w.stderr, !l.unended[n], bytes.Clone(line)})
		l.unended[n] = line[len(line)-1] != '\n'
	}
	l.wake()
	return len(b), nil
}

// terminal is the output side of a terminal.
type terminal struct{ w io.Writer }

func (t terminal) Write(b []byte) (int, error) {
	_, err := t.w.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	return len(b), err
}

// from returns the pieces from index i on, whether the log is at its end, and
// a channel that tells of more.
func (l *logFile) from(i int) ([]piece, bool, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pieces[min(i, len(l.pieces)):], l.closed, l.more
}

// tail is the index at which the last n lines begin.
func (l *logFile) tail(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := len(l.pieces)
	for ; at > 0 && n > 0; at-- {
		if l.pieces[at-1].begins {
			n--
		}
	}
	return at
}

// Logs writes what the container wrote.
func (e *Engine) Logs(ctx context.Context, id runtime.ContainerID, o runtime.LogOptions, stdout, stderr io.Writer) error {
	var log *logFile
	running := false
	err := e.locked(ctx, "logs", string(id), func() error {
		c, err := e.lookup(id)
		if err == nil {
			log, running = c.log, c.c.State == runtime.StateRunning
		}
		return err
	})
	if err != nil {
		return err
	}
	at := 0
	if o.Tail >= 0 {
		at = log.tail(o.Tail)
	}
	return log.copy(ctx, e.alive(), at, o, running && o.Follow, stdout, stderr)
}

func (l *logFile) copy(ctx context.Context, down <-chan struct{}, at int, o runtime.LogOptions, follow bool, stdout, stderr io.Writer) error {
	for {
		pieces, closed, more := l.from(at)
		for _, p := range pieces {
			if p.at.Before(o.Since) {
				continue
			}
			if err := p.write(o.Timestamps, stdout, stderr); err != nil {
				return err
			}
		}
		at += len(pieces)
		if !follow || closed {
			return nil
		}
		select {
		case <-more:
		case <-down:
			return errDown
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p piece) write(times bool, stdout, stderr io.Writer) error {
	w := stdout
	if p.stderr {
		w = stderr
	}
	if times && p.begins {
		if _, err := fmt.Fprint(w, p.at.UTC().Format(time.RFC3339Nano), " "); err != nil {
			return err
		}
	}
	_, err := w.Write(p.data)
	return err
}
