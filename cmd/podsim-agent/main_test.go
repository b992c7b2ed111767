//go:build linux

package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// actAs makes the test binary the program itself.
const actAs = "PODSIM_AGENT_TEST_ACT_AS"

func TestMain(m *testing.M) {
	if mode, ok := os.LookupEnv(actAs); ok {
		os.Args = append([]string{"podsim-agent"}, strings.Fields(mode)...)
		main()
		return
	}
	os.Exit(m.Run())
}

func program(t testing.TB, mode string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = []string{actAs + "=" + mode}
	cmd.Stderr = os.Stderr
	return cmd
}

func TestPauseIsReadyAndEndsAtOnceOnSIGTERM(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		cmd := program(t, "")
		cmd.Env = append(cmd.Env, wire.SetupEnv+"={}")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.ParseReady(line); err != nil {
			t.Error(err)
		}
		cmd.Process.Signal(sig)
		if err := cmd.Wait(); err != nil {
			t.Errorf("after %v: %v", sig, err)
		}
	}
}

func TestPauseSaysWhyASetupFailed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ setup, want string }{
		"not a setup":    {"nonsense", `{"error":"read PODSIM_SETUP: invalid character 'o' in literal null (expecting 'u')"}`},
		"no such volume": {`{"volumes":[{"path":"/no/such"}]}`, `{"error":"prepare volume /no/such: open /no/such: no such file or directory"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := program(t, "")
			cmd.Env = append(cmd.Env, wire.SetupEnv+"="+tt.setup)
			out, err := cmd.Output()
			if cmd.ProcessState.ExitCode() != 1 || strings.TrimSpace(string(out)) != tt.want {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestPauseReapsOrphans runs the program as process 1 of a process namespace
// together with a shell that leaves an orphan there.
func TestPauseReapsOrphans(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("a process namespace needs root")
	}
	cmd := program(t, "")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("no process namespace: %v", err)
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(syscall.SIGTERM)
	bufio.NewReader(out).ReadBytes('\n')
	nsenter, err := exec.LookPath("nsenter")
	if err != nil {
		t.Skip("no nsenter")
	}
	pid := itoa(cmd.Process.Pid)
	// The inner shell is an orphan as soon as the outer one has ended.
	if out, err := exec.Command(nsenter, "-p", "-t", pid, "sh", "-c", "(sh -c 'sleep 0.2' &) ; exit 0").CombinedOutput(); err != nil {
		t.Skipf("nsenter: %v: %s", err, out)
	}
	children := "/proc/" + pid + "/task/" + pid + "/children"
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		b, err := os.ReadFile(children)
		if err != nil {
			t.Skip(err)
		}
		if len(bytes.TrimSpace(b)) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("children left: %s", b)
		}
	}
}

func itoa(n int) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

// startTunnel runs the tunnel in a child process.
func startTunnel(t testing.TB) *wire.Session {
	t.Helper()
	cmd := program(t, "tunnel")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	greeting := make([]byte, len(wire.Greeting))
	if _, err := io.ReadFull(out, greeting); err != nil || string(greeting) != wire.Greeting {
		t.Fatalf("greeting %q, %v", greeting, err)
	}
	s := wire.NewSession(out, in, nil)
	t.Cleanup(func() {
		s.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("tunnel: %v", err)
		}
	})
	return s
}

func TestTunnelEndsWithItsInput(t *testing.T) {
	t.Parallel()
	startTunnel(t)
}

func TestTunnelCopiesBothWaysAndHalfCloses(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b, _ := io.ReadAll(c) // ends with the other side's half close
		c.Write(bytes.ToUpper(b))
	}()
	st := openDial(t, startTunnel(t), l.Addr().(*net.TCPAddr))
	defer st.Close()
	data := bytes.Repeat([]byte("abcdefgh"), 1<<18)
	go func() {
		st.Write(data)
		st.CloseWrite()
	}()
	got, err := io.ReadAll(st)
	if err != nil || !bytes.Equal(got, bytes.ToUpper(data)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestTunnelPassesAResetOn(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.ReadFull(c, make([]byte, 1))
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	}()
	st := openDial(t, startTunnel(t), l.Addr().(*net.TCPAddr))
	defer st.Close()
	st.Write([]byte("x"))
	if _, err := io.ReadAll(st); err != wire.AbortError(syscall.ECONNRESET) {
		t.Errorf("read: %v", err)
	}
}

func openDial(t testing.TB, s *wire.Session, to *net.TCPAddr) *wire.Stream {
	t.Helper()
	st, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	body := `{"network":"tcp","ip":"fwAAAQ==","port":` + itoa(to.Port) + `,"timeoutMs":5000}`
	if err := wire.WriteMessage(st, wire.Request{Op: wire.OpDial, Body: []byte(body)}); err != nil {
		t.Fatal(err)
	}
	var r wire.Reply
	if err := wire.ReadMessage(st, &r); err != nil || r.Error != nil {
		t.Fatal(err, r.Error)
	}
	return st
}
