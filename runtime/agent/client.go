package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// ExecEngine is what a Client needs of an engine.
type ExecEngine interface {
	Exec(ctx context.Context, id runtime.ContainerID, o runtime.ExecOptions) (runtime.Process, error)
}

// ErrClosed is the error of a Client after Close.
var ErrClosed = errors.New("agent: client closed")

// Client reaches the inside of one sandbox. Its methods may be called from
// many goroutines. The zero value is not usable; see New.
type Client struct {
	engine  ExecEngine
	sandbox runtime.ContainerID

	// connecting is held by who makes the connection.
	connecting chan struct{}

	mu     sync.Mutex
	link   *link
	closed bool
}

// New returns a client that connects with its first call. Close it.
func New(engine ExecEngine, sandbox runtime.ContainerID) *Client {
	return &Client{engine: engine, sandbox: sandbox, connecting: make(chan struct{}, 1)}
}

// Dial is New, and connects.
func Dial(ctx context.Context, engine ExecEngine, sandbox runtime.ContainerID) (*Client, error) {
	c := New(engine, sandbox)
	if _, err := c.connect(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Close ends every connection and the program in the sandbox.
func (c *Client) Close() error {
	c.mu.Lock()
	l := c.link
	c.link, c.closed = nil, true
	c.mu.Unlock()
	if l != nil {
		l.close()
	}
	return nil
}

// connect returns the live link, or makes one.
func (c *Client) connect(ctx context.Context) (*link, error) {
	if l, err := c.live(); l != nil || err != nil {
		return l, err
	}
	select {
	case c.connecting <- struct{}{}:
		defer func() { <-c.connecting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l, err := c.live(); l != nil || err != nil {
		return l, err // somebody else was faster
	}
	l, err := newLink(ctx, c.engine, c.sandbox)
	if err != nil {
		return nil, fmt.Errorf("reach into the sandbox: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		l.close()
		return nil, ErrClosed
	}
	c.link = l
	return l, nil
}

func (c *Client) live() (*link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	if c.link != nil && c.link.alive() {
		return c.link, nil
	}
	return nil, nil
}

// request opens a stream, sends what must follow the request and reads the
// reply. A link that turns out to be dead is replaced once. On success the
// caller owns the stream.
func (c *Client) request(ctx context.Context, op wire.Op, body any, send func(*wire.Stream) error) (*wire.Stream, json.RawMessage, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, nil, err
	}
	for try := 0; ; try++ {
		l, err := c.connect(ctx)
		if err != nil {
			return nil, nil, err
		}
		st, answer, err := l.request(ctx, wire.Request{Op: op, Body: b}, send)
		if !errors.Is(err, wire.ErrLost) || try > 0 {
			return st, answer, err
		}
	}
}

// call makes a request whose reply is all.
func (c *Client) call(ctx context.Context, op wire.Op, body, answer any, send func(*wire.Stream) error) error {
	st, b, err := c.request(ctx, op, body, send)
	if err != nil {
		return err
	}
	st.Close()
	if answer == nil {
		return nil
	}
	return json.Unmarshal(b, answer)
}
