package agent

import (
	"errors"
	"io"
	"net"
	"os"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// streamConn is a TCP connection inside the sandbox. Like *net.TCPConn it has
// CloseWrite, ReadFrom and WriteTo.
type streamConn struct {
	*wire.Stream
	network       string
	local, remote net.Addr
}

func (c *streamConn) LocalAddr() net.Addr  { return c.local }
func (c *streamConn) RemoteAddr() net.Addr { return c.remote }

func (c *streamConn) Read(p []byte) (int, error) {
	n, err := c.Stream.Read(p)
	return n, c.wrap("read", err)
}

func (c *streamConn) Write(p []byte) (int, error) {
	n, err := c.Stream.Write(p)
	return n, c.wrap("write", err)
}

func (c *streamConn) ReadFrom(r io.Reader) (int64, error) {
	n, err := c.Stream.ReadFrom(r)
	return n, c.wrap("readfrom", err)
}

func (c *streamConn) WriteTo(w io.Writer) (int64, error) {
	n, err := c.Stream.WriteTo(w)
	return n, c.wrap("writeto", err)
}

// wrap gives the stream's errors the form that package net would.
func (c *streamConn) wrap(op string, err error) error {
	var abort wire.AbortError
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.Is(err, wire.ErrClosed):
		err = net.ErrClosed
	case errors.Is(err, io.ErrClosedPipe):
		err = aborted(op, 32)
	case errors.As(err, &abort):
		err = aborted(op, abort)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, wire.ErrLost):
	default:
		return err // the other party's of a copy
	}
	return &net.OpError{Op: op, Net: c.network, Source: c.local, Addr: c.remote, Err: err}
}

// packetConn is a connected UDP socket inside the sandbox.
type packetConn struct{ streamConn }

func (c *packetConn) Read(p []byte) (int, error) {
	n, err := wire.ReadDatagram(c.Stream, p)
	return n, c.wrap("read", err)
}

func (c *packetConn) Write(p []byte) (int, error) {
	if err := wire.WriteDatagram(c.Stream, p); err != nil {
		return 0, c.wrap("write", err)
	}
	return len(p), nil
}

// ReadFrom and WriteTo of the embedded connection know nothing of datagrams.
func (c *packetConn) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

func (c *packetConn) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{c})
}
