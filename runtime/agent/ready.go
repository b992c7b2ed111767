package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// LogEngine is what AwaitReady needs of an engine.
type LogEngine interface {
	Logs(ctx context.Context, id runtime.ContainerID, o runtime.LogOptions, stdout, stderr io.Writer) error
}

// AwaitReady waits until process 1 of a sandbox has applied its setup and
// returns what it printed. A setup that failed, or a process that ended
// without a word, is an error.
func AwaitReady(ctx context.Context, engine LogEngine, sandbox runtime.ContainerID) (wire.Ready, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := &firstLine{full: cancel}
	var stderr bytes.Buffer
	err := engine.Logs(ctx, sandbox, runtime.LogOptions{Follow: true, Tail: -1}, out, &stderr)
	line, ok := out.line()
	if !ok {
		if err == nil {
			err = errors.New("it ended without a word: " + stderr.String())
		}
		return wire.Ready{}, fmt.Errorf("await sandbox set-up: %w", err)
	}
	ready, err := wire.ParseReady(line)
	if err != nil {
		return ready, fmt.Errorf("set up sandbox: %w", err)
	}
	return ready, nil
}

// firstLine keeps what is written up to the first newline, and then calls
// full.
type firstLine struct {
	buf  bytes.Buffer
	full func()
}

func (l *firstLine) Write(p []byte) (int, error) {
	if _, ok := l.line(); !ok {
		l.buf.Write(p)
		if _, ok := l.line(); ok {
			l.full()
		}
	}
	return len(p), nil
}

func (l *firstLine) line() ([]byte, bool) {
	i := bytes.IndexByte(l.buf.Bytes(), '\n')
	if i < 0 {
		return nil, false
	}
	return l.buf.Bytes()[:i], true
}
