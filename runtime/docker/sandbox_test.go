package docker_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/podsim/podsim/e2e/images"
	"github.com/podsim/podsim/runtime"
)

// sandbox starts a pause container.
func (b bench) sandbox(s runtime.SandboxSpec) runtime.Container {
	b.Helper()
	s.Meta = runtime.Meta{Home: b.home, Kind: runtime.KindSandbox}
	s.Name, s.Image = b.home+"-sandbox", images.Pause
	id, err := b.CreateSandbox(b.ctx, s)
	b.must(err)
	b.must(b.StartContainer(b.ctx, id))
	c, err := b.Container(b.ctx, id)
	b.must(err)
	return c
}

// shell runs a script in a container and returns what it printed.
func (b bench) shell(id runtime.ContainerID, script string) string {
	b.Helper()
	p, err := b.Exec(b.ctx, id, runtime.ExecOptions{Cmd: []string{"sh", "-c", script}})
	b.must(err)
	defer p.Close()
	var out bytes.Buffer
	var g errgroup.Group
	g.Go(func() error { _, err := io.Copy(&out, p.Stdout()); return err })
	g.Go(func() error { _, err := io.Copy(io.Discard, p.Stderr()); return err })
	b.must(g.Wait())
	if _, err := p.Wait(b.ctx); err != nil {
		b.Fatal(err)
	}
	return out.String()
}

func TestASandboxIsSetUpAsItsSpecSays(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Busybox, images.Pause)
	c := b.sandbox(runtime.SandboxSpec{
		Hostname: "web-0",
		Env:      []string{"COLOUR=blue"},
		Sysctls:  map[string]string{"net.ipv4.ip_unprivileged_port_start": "0"},
	})
	const script, want = `hostname; cat /proc/sys/net/ipv4/ip_unprivileged_port_start`, "web-0\n0\n"
	if got := b.shell(c.ID, script); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s := b.spec(images.Busybox, "sh", "-c", "touch /dev/shm/note; "+script)
	s.Sandbox = c.ID
	if out, _ := b.output(s); out != want {
		t.Errorf("in a container of the pod: got %q, want %q", out, want)
	}
	if got := b.shell(c.ID, "ls /dev/shm; echo $COLOUR"); got != "note\nblue\n" {
		t.Errorf("the containers do not share /dev/shm, or the environment is lost: %q", got)
	}
}

func TestAPortThatIsTakenFailsTheStart(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Pause)
	ports := []runtime.PortBinding{{ContainerPort: 80, Protocol: "tcp"}}
	first := b.sandbox(runtime.SandboxSpec{Ports: ports, PublishAll: true})
	ports[0].HostPort = first.Ports[0].HostPort
	id, err := b.CreateSandbox(b.ctx, runtime.SandboxSpec{
		Meta: first.Meta, Name: b.home + "-second", Image: images.Pause, Ports: ports,
	})
	b.must(err)
	err = b.StartContainer(b.ctx, id)
	if err == nil || !strings.Contains(err.Error(), "port is already allocated") {
		t.Errorf("error %v", err)
	}
	c, err := b.Container(b.ctx, id)
	b.must(err)
	if c.State != runtime.StateExited || c.StartError == "" || errors.Is(err, runtime.ErrUnavailable) {
		t.Errorf("after the failure: %+v", c)
	}
}

func TestAContainersIdentityIsWhatItsSpecSays(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Busybox)
	s := b.spec(images.Busybox, "sh", "-c",
		`id; grep -E 'NoNewPrivs|CapEff' /proc/self/status; touch /nope 2>&1; echo pid $$; pwd`)
	s.User, s.Groups, s.WorkingDir = "1000:2000", []string{"3000"}, "/home"
	s.Security = runtime.Security{CapDrop: []string{"ALL"}, NoNewPrivileges: true, ReadonlyRootfs: true}
	out, _ := b.output(s)
	for _, want := range []string{
		"uid=1000(app) gid=2000(extra)", "3000", "NoNewPrivs:\t1", "CapEff:\t0000000000000000", "Read-only file system", "pid 1\n", "/home\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
}

func TestMaskedPathsCanBeShown(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Busybox)
	for _, unmasked := range []bool{false, true} {
		s := b.spec(images.Busybox, "sh", "-c", "grep -c ' /proc/' /proc/mounts; true")
		s.Security.UnmaskedPaths = unmasked
		out, c := b.output(s)
		if (out == "0\n") != unmasked {
			t.Errorf("unmasked %v: %s mounts below /proc", unmasked, out)
		}
		b.must(b.RemoveContainer(b.ctx, c.ID))
	}
}
