//go:build linux

package main

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// proxy copies both ways. A direction that ends well is finished on the other
// side, and the other direction goes on; one that breaks ends both.
func proxy(st *wire.Stream, sock *os.File) {
	up := make(chan struct{})
	go func() {
		defer close(up)
		if _, err := st.WriteTo(sock); err != nil || st.OtherClosed() {
			sock.Close()
			return
		}
		shutdownWrite(sock)
	}()
	if _, err := st.ReadFrom(sock); err != nil {
		var errno unix.Errno
		errors.As(err, &errno)
		st.Abort(uint32(errno))
	} else {
		st.CloseWrite()
	}
	<-up
}

func shutdownWrite(sock *os.File) {
	if raw, err := sock.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { unix.Shutdown(int(fd), unix.SHUT_WR) })
	}
}

// proxyDatagrams copies until podsim closes the stream or the kernel reports
// that nobody listens.
func proxyDatagrams(st *wire.Stream, sock *os.File) {
	up := make(chan struct{})
	go func() {
		defer close(up)
		defer sock.Close() // wakes the read below
		buf := make([]byte, 1<<16)
		for {
			n, err := wire.ReadDatagram(st, buf)
			if err != nil {
				return
			}
			sock.Write(buf[:n]) // what fails here the read below tells
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := sock.Read(buf)
		if err != nil && err != io.EOF { // io.EOF is an empty datagram
			var errno unix.Errno
			errors.As(err, &errno)
			st.Abort(uint32(errno))
			break
		}
		if wire.WriteDatagram(st, buf[:n]) != nil {
			st.Close()
			break
		}
	}
	<-up
}
