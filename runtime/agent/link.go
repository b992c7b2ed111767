package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// link is one execution of the agent with a session over its streams.
type link struct {
	proc    runtime.Process
	session *wire.Session
	complaint
}

func newLink(ctx context.Context, engine ExecEngine, sandbox runtime.ContainerID) (*link, error) {
	proc, err := execute(ctx, engine, sandbox)
	if err != nil {
		return nil, err
	}
	l := &link{proc: proc}
	go io.Copy(&l.complaint, proc.Stderr())
	if err := l.greet(ctx); err != nil {
		proc.Close()
		return nil, err
	}
	l.session = wire.NewSession(proc.Stdout(), proc.Stdin(), nil)
	go func() {
		<-l.session.Done()
		proc.Close()
	}()
	return l, nil
}

// execute starts the program. Its streams outlive ctx, which is that of the
// call that happened to need them first; an engine that answers too late is
// not waited for.
func execute(ctx context.Context, engine ExecEngine, sandbox runtime.ContainerID) (runtime.Process, error) {
	type answer struct {
		proc runtime.Process
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		proc, err := engine.Exec(context.WithoutCancel(ctx), sandbox, runtime.ExecOptions{
			Cmd:   []string{program, "tunnel"},
			Stdin: true,
		})
		got <- answer{proc, err}
	}()
	select {
	case a := <-got:
		return a.proc, a.err
	case <-ctx.Done():
		go func() {
			if a := <-got; a.err == nil {
				a.proc.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// greet waits for the agent's first words.
func (l *link) greet(ctx context.Context) error {
	got := make(chan error, 1)
	go func() {
		b := make([]byte, len(wire.Greeting))
		_, err := io.ReadFull(l.proc.Stdout(), b)
		if err == nil && string(b) != wire.Greeting {
			err = errors.New("the pause image holds no podsim-agent of this version")
		}
		got <- err
	}()
	select {
	case err := <-got:
		if err != nil && l.text() != "" {
			return fmt.Errorf("start agent: %w: %s", err, l.text())
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *link) alive() bool {
	select {
	case <-l.session.Done():
		return false
	default:
		return true
	}
}

func (l *link) close() { l.session.Close() }

// request runs one request on a stream of its own.
func (l *link) request(ctx context.Context, req wire.Request, send func(*wire.Stream) error) (*wire.Stream, json.RawMessage, error) {
	st, err := l.session.Open()
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { st.Close() })
	reply, err := exchange(st, req, send)
	if !stop() {
		return nil, nil, ctx.Err()
	}
	if err == nil && reply.Error != nil {
		err = reply.Error
	}
	if err != nil {
		st.Close()
		return nil, nil, err
	}
	return st, reply.Body, nil
}

func exchange(st *wire.Stream, req wire.Request, send func(*wire.Stream) error) (wire.Reply, error) {
	var reply wire.Reply
	if err := wire.WriteMessage(st, req); err != nil {
		return reply, err
	}
	var sendErr error
	if send != nil {
		sendErr = send(st)
	}
	// An agent that gave up half way says why.
	err := wire.ReadMessage(st, &reply)
	if err != nil && sendErr != nil {
		err = sendErr
	}
	return reply, err
}

// complaint keeps the beginning of what the agent writes to stderr.
type complaint struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (c *complaint) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf.Write(p[:min(len(p), max(0, 1024-c.buf.Len()))])
	return len(p), nil
}

func (c *complaint) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(bytes.TrimSpace(c.buf.Bytes()))
}
