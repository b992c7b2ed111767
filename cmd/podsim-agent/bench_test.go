//go:build linux

package main

import (
	"io"
	"net"
	"testing"
)

// BenchmarkTunnel moves bytes out of a child process over its pipes: what the
// program costs without an engine in between.
func BenchmarkTunnel(b *testing.B) {
	const size = 256 << 20
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.CopyN(c, zeros{}, size)
			}()
		}
	}()
	s := startTunnel(b)
	b.SetBytes(size)
	for b.Loop() {
		st := openDial(b, s, l.Addr().(*net.TCPAddr))
		if n, err := io.Copy(io.Discard, st); n != size || err != nil {
			b.Fatal(n, err)
		}
		st.Close()
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
