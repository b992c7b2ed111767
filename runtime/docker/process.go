package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/docker/docker/api/types"

	"github.com/podsim/podsim/runtime"
)

// processOptions are what differs between exec and attach.
type processOptions struct {
	stdin, tty bool
	resize     func(ctx context.Context, width, height uint16) error
	exitCode   func(context.Context) (int, error)
	pid        func(context.Context) (int, error)
}

// process is a connection to a process's standard streams. One goroutine
// splits the output; it ends with the connection or with Close.
type process struct {
	options processOptions
	conn    types.HijackedResponse
	stdout  *io.PipeReader
	stderr  *io.PipeReader

	read    chan struct{} // closed when the output has ended
	readErr error         // valid once read is closed
	close   sync.Once
}

var _ runtime.Process = (*process)(nil)

func newProcess(conn types.HijackedResponse, o processOptions) *process {
	p := &process{options: o, conn: conn, read: make(chan struct{})}
	var stdout, stderr *io.PipeWriter
	p.stdout, stdout = io.Pipe()
	p.stderr, stderr = io.Pipe()
	go p.split(stdout, stderr)
	return p
}

func (p *process) split(stdout, stderr *io.PipeWriter) {
	var err error
	if p.options.tty {
		_, err = io.Copy(stdout, onlyReader{p.conn.Reader})
	} else {
		err = demultiplex(p.conn.Reader, stdout, stderr)
	}
	p.readErr = classify(err)
	stdout.CloseWithError(p.readErr)
	stderr.CloseWithError(p.readErr)
	close(p.read)
}

// Stdin is nil unless asked for.
func (p *process) Stdin() io.WriteCloser {
	if !p.options.stdin {
		return nil
	}
	return processStdin{p}
}

func (p *process) Stdout() io.Reader { return p.stdout }
func (p *process) Stderr() io.Reader { return p.stderr }

func (p *process) Resize(ctx context.Context, width, height uint16) error {
	return p.options.resize(ctx, width, height)
}

// Wait waits for the end of the output, then for the exit code.
func (p *process) Wait(ctx context.Context) (int, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-p.read:
	}
	if p.readErr != nil {
		return 0, p.readErr
	}
	return p.options.exitCode(ctx)
}

func (p *process) PID(ctx context.Context) (int, error) {
	pid, err := p.options.pid(ctx)
	if err == nil && pid == 0 {
		err = fmt.Errorf("process: %w", runtime.ErrNotFound)
	}
	return pid, err
}

// Close ends the streams and waits for the goroutine.
func (p *process) Close() error {
	var err error
	p.close.Do(func() {
		err = p.conn.Conn.Close()
		gone := errors.New("stream closed")
		err = errors.Join(err, p.stdout.CloseWithError(gone), p.stderr.CloseWithError(gone))
		<-p.read
	})
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// processStdin closes one direction of the connection.
type processStdin struct{ p *process }

// Write tells a process that reads no more as a closed pipe: the engine is
// well.
func (s processStdin) Write(b []byte) (int, error) {
	n, err := s.p.conn.Conn.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed) {
		return n, io.ErrClosedPipe
	}
	return n, classify(err)
}

func (s processStdin) Close() error {
	return classify(s.p.conn.CloseWrite())
}
