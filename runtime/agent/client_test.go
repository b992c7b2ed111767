package agent

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// scripted is an engine whose sandboxes serve streams with a function.
type scripted struct {
	serve    func(*wire.Stream)
	greeting string
	stderr   string
	execErr  error

	mu    sync.Mutex
	procs []*scriptedProc
}

func (e *scripted) Exec(context.Context, runtime.ContainerID, runtime.ExecOptions) (runtime.Process, error) {
	if e.execErr != nil {
		return nil, e.execErr
	}
	p := &scriptedProc{}
	var inR, outR *io.PipeReader
	inR, p.in = io.Pipe()
	outR, p.out = io.Pipe()
	p.stdout, p.stderr = outR, e.stderr
	greeting := e.greeting
	if greeting == "" {
		greeting = wire.Greeting
	}
	go func() {
		io.WriteString(p.out, greeting)
		if greeting != wire.Greeting {
			p.out.Close()
			return
		}
		wire.NewSession(inR, p.out, e.serve)
	}()
	e.mu.Lock()
	e.procs = append(e.procs, p)
	e.mu.Unlock()
	return p, nil
}

// die ends every program that was executed so far.
func (e *scripted) die() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.procs {
		p.Close()
	}
}

type scriptedProc struct {
	in, out *io.PipeWriter
	stdout  *io.PipeReader
	stderr  string
}

func (p *scriptedProc) Stdin() io.WriteCloser { return p.in }
func (p *scriptedProc) Stdout() io.Reader     { return p.stdout }
func (p *scriptedProc) Stderr() io.Reader {
	return io.LimitReader(&text{p.stderr}, int64(len(p.stderr)))
}
func (p *scriptedProc) Resize(context.Context, uint16, uint16) error { return nil }
func (p *scriptedProc) Wait(context.Context) (int, error)            { return 0, nil }
func (p *scriptedProc) PID(context.Context) (int, error)             { return 1, nil }
func (p *scriptedProc) Close() error {
	p.in.Close()
	p.out.Close()
	return p.stdout.Close()
}

type text struct{ s string }

func (t *text) Read(p []byte) (int, error) {
	n := copy(p, t.s)
	t.s = t.s[n:]
	return n, nil
}

// replies serves every request with this reply, and then leaves the stream to
// a function.
func replies(r wire.Reply, then func(*wire.Stream)) func(*wire.Stream) {
	return func(st *wire.Stream) {
		var req wire.Request
		if wire.ReadMessage(st, &req) != nil {
			return
		}
		wire.WriteMessage(st, r)
		if then != nil {
			then(st)
		}
	}
}

func newClient(t *testing.T, e *scripted) *Client {
	c := New(e, "sandbox")
	t.Cleanup(func() { c.Close(); e.die() })
	return c
}

func TestErrorsReadAsThoseOfPackageNet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  wire.Error
		text string
		is   error
	}{
		{"refused", wire.Error{Call: "connect", Text: "connection refused", Code: "ECONNREFUSED"}, "dial tcp 10.0.0.1:80: connect: connection refused", syscall.ECONNREFUSED},
		{"timed out", wire.Error{Text: "i/o timeout", Code: wire.CodeTimeout}, "dial tcp 10.0.0.1:80: i/o timeout", os.ErrDeadlineExceeded},
		{"no route", wire.Error{Call: "connect", Text: "no route to host", Code: "EHOSTUNREACH"}, "dial tcp 10.0.0.1:80: connect: no route to host", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, &scripted{serve: replies(wire.Reply{Error: &tt.err}, nil)})
			_, err := c.DialContext(t.Context(), "tcp", "10.0.0.1:80")
			var op *net.OpError
			if !errors.As(err, &op) || err.Error() != tt.text || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestADialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &scripted{serve: func(st *wire.Stream) { io.Copy(io.Discard, st) }} // never replies
		c := New(e, "sandbox")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.DialContext(ctx, "tcp", "10.0.0.1:80")
		if err == nil || err.Error() != "dial tcp 10.0.0.1:80: i/o timeout" || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		_, err = c.DialContext(ctx, "tcp", "10.0.0.1:80")
		if err == nil || err.Error() != "dial tcp 10.0.0.1:80: operation was canceled" || !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		c.Close()
		e.die()
	})
}

func TestConnErrors(t *testing.T) {
	t.Parallel()
	body, _ := json.Marshal(wire.DialResult{LocalIP: []byte{10, 0, 0, 2}, LocalPort: 4444})
	c := newClient(t, &scripted{serve: replies(wire.Reply{Body: body}, func(st *wire.Stream) {
		io.ReadFull(st, make([]byte, 1))
		st.Abort(104)
	})})
	conn, err := c.DialContext(t.Context(), "tcp", "10.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := conn.Read(make([]byte, 1)); err == nil || err.Error() != "read tcp 10.0.0.2:4444->10.0.0.1:80: i/o timeout" {
		t.Errorf("deadline: %v", err)
	}
	conn.SetReadDeadline(time.Time{})
	conn.Write([]byte("x"))
	if _, err := conn.Read(make([]byte, 1)); err == nil || err.Error() != "read tcp 10.0.0.2:4444->10.0.0.1:80: read: connection reset by peer" || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset: %v", err)
	}
	conn.Close()
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestACallConnectsAgainOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	calls := 0
	e := &scripted{}
	e.serve = func(st *wire.Stream) {
		mu.Lock()
		calls++
		first := calls == 1
		mu.Unlock()
		if first {
			e.die() // in the middle of the call
			return
		}
		replies(wire.Reply{Body: []byte(`{"bytes":5}`)}, nil)(st)
	}
	c := newClient(t, e)
	if u, err := c.Measure(t.Context(), "/x"); err != nil || u.Bytes != 5 {
		t.Errorf("%+v, %v", u, err)
	}
	if len(e.procs) != 2 {
		t.Errorf("%d programs", len(e.procs))
	}
}

func TestManyCallsShareOneProgram(t *testing.T) {
	t.Parallel()
	e := &scripted{serve: replies(wire.Reply{Body: []byte(`{}`)}, nil)}
	c := newClient(t, e)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := c.Measure(t.Context(), "/x"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(e.procs) != 1 {
		t.Errorf("%d programs", len(e.procs))
	}
}

func TestAProgramThatIsNoAgent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		engine *scripted
		want   string
	}{
		{"another program", &scripted{greeting: "hello, I am something quite different\n"},
			"reach into the sandbox: the pause image holds no podsim-agent of this version"},
		{"an engine that refuses", &scripted{execErr: runtime.ErrConflict}, "reach into the sandbox: conflict"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, tt.engine).Measure(t.Context(), "/x")
			if err == nil || err.Error() != tt.want {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestErrorClasses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  wire.Error
		want error
	}{
		{wire.Error{Call: "open", Path: "/x", Text: "no such file or directory", Code: "ENOENT"}, fs.ErrNotExist},
		{wire.Error{Text: "leads out of the volume", Code: wire.CodeEscape}, ErrEscape},
		{wire.Error{Text: "permission denied", Code: "EACCES"}, fs.ErrPermission},
		{wire.Error{Call: "openat", Text: "not a directory", Code: "ENOTDIR"}, syscall.ENOTDIR},
		{wire.Error{Call: "openat", Text: "too many levels of symbolic links", Code: "ELOOP"}, syscall.ELOOP},
	}
	for _, tt := range tests {
		c := newClient(t, &scripted{serve: replies(wire.Reply{Error: &tt.err}, nil)})
		if _, err := c.ResolveSubpath(t.Context(), "/v", "x", false); !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v", tt.err, err)
		}
	}
}

func TestCloseEndsConnections(t *testing.T) {
	t.Parallel()
	c := newClient(t, &scripted{serve: replies(wire.Reply{Body: []byte(`{}`)}, func(st *wire.Stream) { io.Copy(io.Discard, st) })})
	conn, err := c.DialContext(t.Context(), "tcp", "10.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("connection lives")
	}
	if _, err := c.DialContext(t.Context(), "tcp", "10.0.0.1:80"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
