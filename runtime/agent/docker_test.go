package agent_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/runtime/docker"
)

// realEngine connects to the machine's engine, or skips the test.
func realEngine(t testing.TB) *docker.Engine {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	e, err := docker.Connect(ctx, docker.Options{})
	if err != nil {
		t.Skipf("no container engine: %v", err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// home marks what these tests make.
const home = "agent-test"

type sandbox struct {
	engine *docker.Engine
	id     runtime.ContainerID
	ready  wire.Ready
	ref    string
}

// startSandbox runs a pause container with the setup, and removes it again.
func startSandbox(t testing.TB, setup wire.Setup, change func(*runtime.SandboxSpec)) sandbox {
	t.Helper()
	e := realEngine(t)
	ctx := t.Context()
	ref, err := agent.Ensure(ctx, e, "")
	if err != nil {
		t.Fatal(err)
	}
	env, err := setup.Env()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("podsim-agent-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	spec := runtime.SandboxSpec{
		Meta:     runtime.Meta{Home: home, Pod: runtime.PodRef{UID: name, Namespace: "default", Name: "p"}, Kind: runtime.KindSandbox},
		Name:     name,
		Image:    ref,
		Env:      []string{env},
		Hostname: "p",
	}
	if change != nil {
		change(&spec)
	}
	id, err := e.CreateSandbox(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.RemoveContainer(context.Background(), id) })
	if err := e.StartContainer(ctx, id); err != nil {
		t.Fatal(err)
	}
	ready, err := agent.AwaitReady(ctx, e, id)
	if err != nil {
		t.Fatal(err)
	}
	return sandbox{engine: e, id: id, ready: ready, ref: ref}
}

func (s sandbox) client(t testing.TB) *agent.Client {
	t.Helper()
	c, err := agent.Dial(t.Context(), s.engine, s.id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// busybox runs a shell script in a container that shares the sandbox.
func (s sandbox) busybox(t testing.TB, mounts []runtime.Mount, script string) runtime.ContainerID {
	t.Helper()
	ctx := t.Context()
	const image = "podsim.test/busybox:1"
	if _, err := s.engine.Image(ctx, image); err != nil {
		t.Skipf("no test image: %v", err)
	}
	name := fmt.Sprintf("podsim-agent-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	id, err := s.engine.CreateContainer(ctx, runtime.ContainerSpec{
		Meta:       runtime.Meta{Home: home, Pod: runtime.PodRef{UID: name, Namespace: "default", Name: "p"}, Kind: runtime.KindContainer, Container: "c"},
		Name:       name,
		Image:      image,
		Sandbox:    s.id,
		Entrypoint: []string{"sh", "-c", script},
		Mounts:     mounts,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.engine.RemoveContainer(context.Background(), id) })
	if err := s.engine.StartContainer(ctx, id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestProcess1WritesTheHostsFileAndTellsItsAddresses(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{Hosts: &wire.Hosts{
		Hostname: "p",
		Aliases:  []wire.Alias{{IP: "1.2.3.4", Names: []string{"a", "b"}}},
	}}, nil)
	if len(s.ready.IPs) == 0 {
		t.Fatal("no addresses")
	}
	data, err := s.client(t).ReadFile(t.Context(), "/etc/hosts", 1<<20, false)
	if err != nil {
		t.Fatal(err)
	}
	want := s.ready.IPs[0] + "\tp\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n"
	if !strings.HasPrefix(string(data), "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n") || !strings.HasSuffix(string(data), want) {
		t.Errorf("hosts:\n%s", data)
	}
}

func TestDialReachesThePodsNetwork(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{}, nil)
	c := s.client(t)
	_, err := c.DialContext(t.Context(), "tcp", s.ready.IPs[0]+":8081")
	if err == nil || err.Error() != "dial tcp "+s.ready.IPs[0]+":8081: connect: connection refused" {
		t.Errorf("refused dial: %v", err)
	}
	s.busybox(t, nil, "echo hello | nc -l -p 8080")
	conn := dialUntil(t, c, "localhost:8080")
	defer conn.Close()
	if b, err := io.ReadAll(conn); err != nil || string(b) != "hello\n" {
		t.Errorf("read %q, %v", b, err)
	}
}

// dialUntil dials until the server listens.
func dialUntil(t testing.TB, c *agent.Client, addr string) (conn net.Conn) {
	t.Helper()
	eventually(t, func() (err error) {
		conn, err = c.DialContext(t.Context(), "tcp", addr)
		return err
	})
	return conn
}

// eventually asks until there is no error.
func eventually(t testing.TB, ask func() error) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestPauseIsSmallWhileIdle(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{Hosts: &wire.Hosts{Hostname: "p"}}, nil)
	ctr, err := s.engine.Container(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", ctr.PID))
	if err != nil {
		t.Skip("the engine is elsewhere")
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var kb int
			fmt.Sscan(value, &kb)
			if kb > 4096 {
				t.Errorf("resident: %d kB", kb)
			}
			t.Logf("resident: %d kB", kb)
		}
	}
}

func TestStopEndsTheSandboxAtOnce(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{}, nil)
	start := time.Now()
	if err := s.engine.StopContainer(t.Context(), s.id, "", 30*time.Second); err != nil {
		t.Fatal(err)
	}
	ctr, err := s.engine.Container(t.Context(), s.id)
	if err != nil || ctr.ExitCode != 0 || time.Since(start) > 10*time.Second {
		t.Errorf("exit code %d after %v, %v", ctr.ExitCode, time.Since(start), err)
	}
}

func TestInspectNamesTheListeningProcess(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{}, nil)
	id := s.busybox(t, nil, "exec httpd -f -p 127.0.0.1:8080")
	c := s.client(t)
	eventually(t, func() error {
		ls, err := c.Listeners(t.Context())
		if err == nil && len(ls) == 0 {
			err = errors.New("nobody listens")
		}
		return err
	})
	got, err := agent.Inspect(t.Context(), s.engine, s.ref, s.id, runtime.Meta{Home: home, Pod: runtime.PodRef{UID: "inspect-test", Namespace: "default", Name: "p"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Container != string(id) || got[0].Command != "httpd" || got[0].Port != 8080 || net.IP(got[0].IP).String() != "127.0.0.1" {
		t.Errorf("%+v", got)
	}
}

func TestKillEndsAProcessOfItsContainerAlone(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{}, nil)
	one, other := s.busybox(t, nil, "exec sleep 1000"), s.busybox(t, nil, "exec sleep 1000")
	p, err := s.engine.Exec(t.Context(), one, runtime.ExecOptions{Cmd: []string{"sleep", "1000"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	eventually(t, func() error { _, err := p.PID(t.Context()); return err }) // it is being started
	meta := runtime.Meta{Home: home, Pod: runtime.PodRef{UID: "kill-test", Namespace: "default", Name: "p"}}
	if err := agent.Kill(t.Context(), s.engine, s.ref, s.id, meta, other, p); err != nil {
		t.Fatal(err)
	}
	if pid, err := p.PID(t.Context()); err != nil || pid == 0 {
		t.Fatalf("killed as a process of another container: %d, %v", pid, err)
	}
	if err := agent.Kill(t.Context(), s.engine, s.ref, s.id, meta, one, p); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(t.Context()); err != nil || code != 137 {
		t.Errorf("ended with %d, %v", code, err)
	}
	if err := agent.Kill(t.Context(), s.engine, s.ref, s.id, meta, one, p); err != nil {
		t.Errorf("what has ended: %v", err)
	}
	if c, err := s.engine.Container(t.Context(), one); err != nil || c.State != runtime.StateRunning {
		t.Errorf("the container itself: %v, %v", c.State, err)
	}
}

func TestAClientConnectsAgainWhenItsProgramDied(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{}, nil)
	c := s.client(t)
	ctr, err := s.engine.Container(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range tunnels(t, ctr.PID) {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	if _, err := c.Stat(t.Context(), "/etc/hosts"); err != nil {
		t.Error(err)
	}
	s.engine.RemoveContainer(t.Context(), s.id)
	if _, err := c.Stat(t.Context(), "/etc/hosts"); err == nil {
		t.Error("a sandbox that is gone answers")
	}
}

func TestNothingStaysInTheSandboxAfterClose(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{}, nil)
	c := s.client(t)
	ctr, err := s.engine.Container(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	if len(tunnels(t, ctr.PID)) != 1 {
		t.Fatal("no tunnel")
	}
	c.Close()
	eventually(t, func() error {
		if n := len(tunnels(t, ctr.PID)); n != 0 {
			return fmt.Errorf("%d tunnels left", n)
		}
		return nil
	})
}

// tunnels are the processes that were executed in the process namespace of
// process 1.
func tunnels(t *testing.T, init int) (pids []int) {
	t.Helper()
	want, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", init))
	if err != nil {
		t.Skip("the engine is elsewhere")
	}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		var pid int
		if _, err := fmt.Sscan(e.Name(), &pid); err != nil || pid == init {
			continue
		}
		if ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid)); err == nil && ns == want {
			pids = append(pids, pid)
		}
	}
	return pids
}
