package agent_test

import (
	"io"
	"net"
	"testing"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// BenchmarkThroughTheEngine moves bytes between this process and, by way of
// the engine and a sandbox on the machine's network, a server in this process.
func BenchmarkThroughTheEngine(b *testing.B) {
	const size = 64 << 20
	b.Run("out", func(b *testing.B) {
		c, addr := throughEngine(b, func(conn net.Conn) { io.CopyN(conn, zeros{}, size) })
		b.SetBytes(size)
		for b.Loop() {
			conn := dialUntil(b, c, addr)
			n, err := io.Copy(io.Discard, conn)
			if n != size || err != nil {
				b.Fatal(n, err)
			}
			conn.Close()
		}
	})
	b.Run("in", func(b *testing.B) {
		c, addr := throughEngine(b, func(conn net.Conn) { io.Copy(io.Discard, conn) })
		b.SetBytes(size)
		for b.Loop() {
			conn := dialUntil(b, c, addr)
			if _, err := io.CopyN(conn, zeros{}, size); err != nil {
				b.Fatal(err)
			}
			conn.(interface{ CloseWrite() error }).CloseWrite()
			io.Copy(io.Discard, conn)
			conn.Close()
		}
	})
	b.Run("dial", func(b *testing.B) {
		c, addr := throughEngine(b, func(net.Conn) {})
		for b.Loop() {
			dialUntil(b, c, addr).Close()
		}
	})
	b.Run("plain exec", func(b *testing.B) { // what the engine itself gives
		s := startSandbox(b, wire.Setup{}, nil)
		id := s.busybox(b, nil, "exec sleep 1000")
		b.SetBytes(size)
		for b.Loop() {
			p, err := s.engine.Exec(b.Context(), id, runtime.ExecOptions{Cmd: []string{"head", "-c", "67108864", "/dev/zero"}})
			if err != nil {
				b.Fatal(err)
			}
			go io.Copy(io.Discard, p.Stderr())
			if n, err := io.Copy(io.Discard, p.Stdout()); n != size || err != nil {
				b.Fatal(n, err)
			}
			p.Close()
		}
	})
}

func throughEngine(b *testing.B, serve func(net.Conn)) (*agent.Client, string) {
	s := startSandbox(b, wire.Setup{}, func(s *runtime.SandboxSpec) { s.HostNetwork, s.Hostname = true, "" })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return s.client(b), l.Addr().String()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
