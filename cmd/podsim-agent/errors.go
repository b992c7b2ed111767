//go:build linux

package main

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// wrapped is an error with what was being done; fmt would do, and cost more.
type wrapped struct {
	what string
	err  error
}

func (w *wrapped) Error() string { return w.what + ": " + w.err.Error() }
func (w *wrapped) Unwrap() error { return w.err }

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return &wrapped{what, err}
}

// toWire keeps an error's text and class for the other side.
func toWire(err error) *wire.Error {
	var w *wire.Error
	if errors.As(err, &w) {
		return w
	}
	out := &wire.Error{Text: err.Error()}
	var path *os.PathError
	if errors.As(err, &path) && path == err {
		out = &wire.Error{Call: path.Op, Path: path.Path, Text: path.Err.Error()}
	}
	var call *os.SyscallError
	if errors.As(err, &call) && call == err {
		out = &wire.Error{Call: call.Syscall, Text: call.Err.Error()}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		out.Code = wire.CodeTimeout
	}
	var errno unix.Errno
	if errors.As(err, &errno) {
		out.Code = errnoName(errno)
	}
	return out
}

// errnoName names those that the other side tells apart; unix.ErrnoName knows
// all of them and is large.
func errnoName(e unix.Errno) string {
	switch e {
	case unix.ENOENT:
		return "ENOENT"
	case unix.EEXIST:
		return "EEXIST"
	case unix.EACCES:
		return "EACCES"
	case unix.EPERM:
		return "EPERM"
	case unix.ENOTDIR:
		return "ENOTDIR"
	case unix.EINVAL:
		return "EINVAL"
	case unix.ENOSPC:
		return "ENOSPC"
	case unix.EROFS:
		return "EROFS"
	case unix.ELOOP:
		return "ELOOP"
	case unix.EPIPE:
		return "EPIPE"
	case unix.ECONNREFUSED:
		return "ECONNREFUSED"
	case unix.ECONNRESET:
		return "ECONNRESET"
	case unix.ETIMEDOUT:
		return "ETIMEDOUT"
	case unix.EHOSTUNREACH:
		return "EHOSTUNREACH"
	case unix.ENETUNREACH:
		return "ENETUNREACH"
	}
	return "errno " + strconv.Itoa(int(e))
}
