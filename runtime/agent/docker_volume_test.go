package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// volume makes an engine volume and removes it at the end.
func volume(t *testing.T) string {
	t.Helper()
	e := realEngine(t)
	name := fmt.Sprintf("podsim-agent-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	_, err := e.CreateVolume(t.Context(), runtime.VolumeSpec{
		Meta: runtime.Meta{Home: home, Pod: runtime.PodRef{UID: name, Namespace: "default", Name: "p"}, Kind: runtime.KindVolume, Container: "v"},
		Name: name,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.RemoveVolume(context.Background(), name) })
	return name
}

func mountAt(source, target string) runtime.Mount {
	return runtime.Mount{Kind: runtime.MountVolume, Source: source, Target: target}
}

// run runs a script in a container with the volume at /v and waits for it.
func (s sandbox) run(t *testing.T, source, script string) {
	t.Helper()
	id := s.busybox(t, []runtime.Mount{mountAt(source, "/v")}, script)
	eventually(t, func() error {
		c, err := s.engine.Container(t.Context(), id)
		if err == nil && c.State != runtime.StateExited {
			err = errors.New("still " + string(c.State))
		}
		if err == nil && c.ExitCode != 0 {
			t.Fatalf("%q: exit code %d", script, c.ExitCode)
		}
		return err
	})
}

func TestSetupPreparesVolumesAndFiles(t *testing.T) {
	t.Parallel()
	v := volume(t)
	mode, gid := uint32(0o777), 2000
	s := startSandbox(t, wire.Setup{
		Volumes: []wire.Volume{{Path: "/vol/v", Mode: &mode, FSGroup: &gid}},
		Files:   []wire.File{{Path: "/vol/v/state/c/0", Mode: 0o666}},
		Resolv:  &wire.Resolv{Servers: []string{"10.89.0.10"}, Searches: []string{"default.svc.cluster.local"}, Options: []string{"ndots:5"}},
	}, func(s *runtime.SandboxSpec) { s.Mounts = []runtime.Mount{mountAt(v, "/vol/v")} })
	c := s.client(t)
	got, err := c.Stat(t.Context(), "/vol/v", "/vol/v/state", "/vol/v/state/c/0", "/vol/v/nope")
	if err != nil {
		t.Fatal(err)
	}
	want := []wire.FileStat{
		{Path: "/vol/v", Mode: 0o42777, GID: 2000},
		{Path: "/vol/v/state", Mode: 0o42755, GID: 2000},
		{Path: "/vol/v/state/c/0", Mode: 0o100666, GID: 2000},
		{Path: "/vol/v/nope", Error: &wire.Error{Call: "lstat", Path: "/vol/v/nope", Code: "ENOENT", Text: "no such file or directory"}},
	}
	for i := range got {
		if got[i].Mode&0o170000 == 0o040000 {
			got[i].Size = 0 // the file system's own
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	resolv, err := c.ReadFile(t.Context(), "/etc/resolv.conf", 1<<20, false)
	if err != nil || string(resolv) != "search default.svc.cluster.local\nnameserver 10.89.0.10\noptions ndots:5\n" {
		t.Errorf("resolv.conf %q, %v", resolv, err)
	}
}

func TestAContainersLinksLeadTheAgentNowhere(t *testing.T) {
	t.Parallel()
	v := volume(t)
	s := startSandbox(t, wire.Setup{}, func(s *runtime.SandboxSpec) { s.Mounts = []runtime.Mount{mountAt(v, "/vol/v")} })
	c := s.client(t)
	before, err := c.ReadFile(t.Context(), "/etc/hosts", 1<<20, false)
	if err != nil {
		t.Fatal(err)
	}
	s.run(t, v, "cd /v && ln -s /etc out && ln -s ../../etc up && ln -s / ..data && ln -s /etc/hosts ..data_tmp && ln -s /etc/hosts key && mkdir -p a/b && ln -s a/b in")

	for _, path := range []string{"out", "up", "out/hosts", "in/../../../etc"} {
		if _, err := c.ResolveSubpath(t.Context(), "/vol/v", path, true); !errors.Is(err, agent.ErrEscape) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got, err := c.ResolveSubpath(t.Context(), "/vol/v", "in/new", true); err != nil || got.Path != "a/b/new" || !got.Dir {
		t.Errorf("%+v, %v", got, err)
	}
	if err := c.MakeFiles(t.Context(), wire.File{Path: "/vol/v/key", Mode: 0o666}); err == nil {
		t.Error("a link was emptied")
	}
	payload := agent.Payload{Volume: "/vol/v", Files: []agent.PayloadFile{{Name: "key", Mode: 0o644, Data: []byte("value")}, {Name: "d/k", Mode: 0o600, Data: []byte(strings.Repeat("x", 3<<20))}}}
	if changed, err := c.Swap(t.Context(), payload); err != nil || !changed {
		t.Fatal(changed, err)
	}
	if changed, err := c.Swap(t.Context(), payload); err != nil || changed {
		t.Error(changed, err)
	}
	s.run(t, v, `test "$(cat /v/key)" = value && test "$(wc -c < /v/d/k)" = 3145728 && test "$(readlink /v/key)" = ..data/key`)
	after, err := c.ReadFile(t.Context(), "/etc/hosts", 1<<20, false)
	if err != nil || string(after) != string(before) {
		t.Errorf("hosts: %q, %v", after, err)
	}
	u, err := c.Measure(t.Context(), "/vol/v")
	if err != nil || u.Bytes < 3<<20 || u.Bytes > 4<<20 {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestNamesAreLookedUpInThePod(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, wire.Setup{Hosts: &wire.Hosts{Hostname: "p"}}, nil)
	ips, err := s.client(t).Resolve(t.Context(), "p")
	if err != nil || len(ips) == 0 || ips[0].String() != s.ready.IPs[0] {
		t.Errorf("%v, %v", ips, err)
	}
}

func TestDatagrams(t *testing.T) {
	t.Parallel()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		buf := make([]byte, 100)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			server.WriteTo(append(buf[:n:n], "pong"...), from)
		}
	}()
	s := startSandbox(t, wire.Setup{}, func(s *runtime.SandboxSpec) { s.HostNetwork, s.Hostname = true, "" })
	c := s.client(t)
	conn, err := c.DialContext(t.Context(), "udp", server.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	for _, msg := range []string{"one ", "", "three "} {
		if _, err := conn.Write([]byte(msg)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 100)
		if n, err := conn.Read(buf); err != nil || string(buf[:n]) != msg+"pong" {
			t.Errorf("%q, %v", buf[:n], err)
		}
	}
	server.Close()
	conn.Write([]byte("x"))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}
}
