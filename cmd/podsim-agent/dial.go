//go:build linux

package main

import (
	"encoding/json"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// dialTimeout bounds a connect that names no time of its own.
const dialTimeout = 30 * time.Second

// answerDial connects, and then copies until both directions have ended.
func answerDial(st *wire.Stream, body []byte) {
	var d wire.Dial
	if err := json.Unmarshal(body, &d); err != nil {
		reply(st, nil, err)
		return
	}
	sock, err := dial(d)
	if err != nil {
		reply(st, nil, err)
		return
	}
	defer sock.Close()
	if reply(st, localAddr(sock), nil) != nil {
		return
	}
	if d.Network == "udp" {
		proxyDatagrams(st, sock)
	} else {
		proxy(st, sock)
	}
}

func dial(d wire.Dial) (*os.File, error) {
	family, addr, err := sockaddr(d)
	if err != nil {
		return nil, err
	}
	kind := unix.SOCK_STREAM
	if d.Network == "udp" {
		kind = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(family, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if kind == unix.SOCK_STREAM {
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	err = unix.Connect(fd, addr)
	if err != nil && err != unix.EINPROGRESS && err != unix.EINTR {
		unix.Close(fd)
		return nil, os.NewSyscallError("connect", err)
	}
	sock := os.NewFile(uintptr(fd), d.Network) // joins the poller: fd does not block
	if err := awaitConnect(sock, d); err != nil {
		sock.Close()
		return nil, err
	}
	return sock, nil
}

func sockaddr(d wire.Dial) (int, unix.Sockaddr, error) {
	switch len(d.IP) {
	case 4:
		return unix.AF_INET, &unix.SockaddrInet4{Port: int(d.Port), Addr: [4]byte(d.IP)}, nil
	case 16:
		zone, _ := strconv.Atoi(d.Zone)
		return unix.AF_INET6, &unix.SockaddrInet6{Port: int(d.Port), Addr: [16]byte(d.IP), ZoneId: uint32(zone)}, nil
	}
	return 0, nil, &wire.Error{Call: "dial", Text: "invalid address", Code: "EINVAL"}
}

// awaitConnect waits until the socket is connected or has failed.
func awaitConnect(sock *os.File, d wire.Dial) error {
	timeout := time.Duration(d.TimeoutMS) * time.Millisecond
	if timeout <= 0 {
		timeout = dialTimeout
	}
	sock.SetWriteDeadline(time.Now().Add(timeout))
	defer sock.SetWriteDeadline(time.Time{})
	raw, err := sock.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		code, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = unix.Errno(code)
		}
		if err != nil {
			failed = os.NewSyscallError("connect", err)
			return true
		}
		_, err = unix.Getpeername(int(fd))
		return err == nil // else woken too early
	})
	if os.IsTimeout(err) {
		return &wire.Error{Code: wire.CodeTimeout, Text: "i/o timeout"}
	}
	if err == nil {
		err = failed
	}
	return err
}

func localAddr(sock *os.File) wire.DialResult {
	var out wire.DialResult
	raw, err := sock.SyscallConn()
	if err != nil {
		return out
	}
	raw.Control(func(fd uintptr) {
		sa, err := unix.Getsockname(int(fd))
		if err != nil {
			return
		}
		switch sa := sa.(type) {
		case *unix.SockaddrInet4:
			out = wire.DialResult{LocalIP: sa.Addr[:], LocalPort: uint16(sa.Port)}
		case *unix.SockaddrInet6:
			out = wire.DialResult{LocalIP: sa.Addr[:], LocalPort: uint16(sa.Port)}
		}
	})
	return out
}
