package print

import (
	"bytes"
	"io"
	"sync"
)

// Lines lets many writers share one output, a whole line at a time.
type Lines struct {
	mu sync.Mutex
	w  io.Writer
}

// NewLines returns Lines that write to w.
func NewLines(w io.Writer) *Lines { return &Lines{w: w} }

// Print writes text that ends a line.
func (l *Lines) Print(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.w, text)
}

// Writer returns a writer whose lines begin with prefix. Close writes a last line that has no end.
func (l *Lines) Writer(prefix string) io.WriteCloser {
	return &lineWriter{lines: l, prefix: []byte(prefix)}
}

// maxLine is where a line is written though its end has not come, so that a program without line ends costs no memory.
const maxLine = 1 << 20

// lineWriter keeps what is not yet a whole line.
type lineWriter struct {
	lines  *Lines
	prefix []byte
	rest   []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	whole := bytes.LastIndexByte(p, '\n') + 1
	if whole == 0 && len(w.rest)+len(p) < maxLine {
		w.rest = append(w.rest, p...)
		return len(p), nil
	}
	var out []byte
	pending := append(w.rest, p[:whole]...)
	w.rest = append([]byte(nil), p[whole:]...)
	if whole == 0 {
		pending, w.rest = append(append(pending, w.rest...), '\n'), nil
	}
	for line := range bytes.Lines(pending) {
		out = append(append(out, w.prefix...), line...)
	}
	w.lines.mu.Lock()
	defer w.lines.mu.Unlock()
	if _, err := w.lines.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *lineWriter) Close() error {
	if len(w.rest) == 0 {
		return nil
	}
	_, err := w.Write([]byte{'\n'})
	return err
}
