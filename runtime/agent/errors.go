package agent

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// ErrEscape is the error of a path that leads out of its volume.
var ErrEscape = errors.New("leads out of the volume")

// remoteError is an error of the sandbox's kernel. Its errno is Linux's, so it
// is compared by name: this machine may number them otherwise.
type remoteError struct{ wire *wire.Error }

// classify gives the agent's errors their classes back.
func classify(err error) error {
	var w *wire.Error
	if errors.As(err, &w) {
		return &remoteError{w}
	}
	return err
}

func (e *remoteError) Error() string { return e.wire.Error() }

func (e *remoteError) Is(target error) bool {
	switch e.wire.Code {
	case wire.CodeEscape:
		return target == ErrEscape
	case wire.CodeTimeout:
		return target == os.ErrDeadlineExceeded || target == context.DeadlineExceeded
	case "ENOENT":
		return target == fs.ErrNotExist || target == syscall.ENOENT
	case "EEXIST":
		return target == fs.ErrExist || target == syscall.EEXIST
	case "ENOTDIR":
		return target == syscall.ENOTDIR
	case "ELOOP":
		return target == syscall.ELOOP
	case "EACCES", "EPERM":
		return target == fs.ErrPermission
	case "ECONNREFUSED":
		return target == syscall.ECONNREFUSED
	case "ECONNRESET":
		return target == syscall.ECONNRESET
	case "EPIPE":
		return target == syscall.EPIPE
	case "ETIMEDOUT":
		return target == syscall.ETIMEDOUT
	}
	return false
}

// Timeout makes it a net.Error.
func (e *remoteError) Timeout() bool {
	return e.wire.Code == wire.CodeTimeout || e.wire.Code == "ETIMEDOUT" || e.wire.Code == "EAGAIN"
}

// Temporary is part of net.Error.
func (e *remoteError) Temporary() bool { return e.Timeout() }

// aborted names the errnos with which a connection may break.
func aborted(call string, errno wire.AbortError) *remoteError {
	w := &wire.Error{Call: call, Text: errno.Error()}
	switch errno {
	case 32:
		w.Code, w.Text = "EPIPE", "broken pipe"
	case 104:
		w.Code, w.Text = "ECONNRESET", "connection reset by peer"
	case 110:
		w.Code, w.Text = "ETIMEDOUT", "connection timed out"
	case 111:
		w.Code, w.Text = "ECONNREFUSED", "connection refused"
	case 113:
		w.Code, w.Text = "EHOSTUNREACH", "no route to host"
	}
	return &remoteError{w}
}
