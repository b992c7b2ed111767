package config

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/docker"
)

// realImage is the image that the recorded pods ran.
const realImage = "busybox:1.35"

// realPod is the sandbox of a pod on the machine's engine.
type realPod struct {
	engine  *docker.Engine
	in      Input
	volumes []Volume
	sandbox runtime.ContainerID
	ips     []string
	image   runtime.Image
	runs    int
}

// startPod makes volumes and sandbox of a pod, and removes them at the end. It
// skips the test where there is no engine or image.
func startPod(t *testing.T, in Input) *realPod {
	t.Helper()
	if testing.Short() {
		t.Skip("runs containers")
	}
	ctx := t.Context()
	e, err := docker.Connect(ctx, docker.Options{})
	if err != nil {
		t.Skipf("no container engine: %v", err)
	}
	t.Cleanup(func() { e.Close() })
	image, err := e.Image(ctx, realImage)
	if err != nil {
		t.Skipf("no image %s: %v", realImage, err)
	}
	in.Home = "config-test"
	in.Pod.UID = types.UID(fmt.Sprintf("config-test-%d-%d", os.Getpid(), time.Now().UnixNano()))
	p := &realPod{engine: e, in: in, volumes: mustVolumes(t, in), image: image}
	specs := []runtime.VolumeSpec{StateVolume(in)}
	for _, v := range p.volumes {
		specs = append(specs, v.Engine)
	}
	for _, s := range specs {
		if _, err := e.CreateVolume(ctx, s); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.RemoveVolume(context.Background(), s.Name) })
	}
	p.startSandbox(t)
	return p
}

func (p *realPod) startSandbox(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	ref, err := agent.Ensure(ctx, p.engine, "")
	if err != nil {
		t.Fatal(err)
	}
	spec, _, err := Sandbox(p.in, SandboxInput{PauseImage: ref, Volumes: p.volumes})
	if err != nil {
		t.Fatal(err)
	}
	spec.OOMScoreAdj = nil // not every machine lets it be lowered
	if p.sandbox, err = p.engine.CreateSandbox(ctx, spec); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.engine.RemoveContainer(context.Background(), p.sandbox) })
	if err := p.engine.StartContainer(ctx, p.sandbox); err != nil {
		t.Fatal(err)
	}
	ready, err := agent.AwaitReady(ctx, p.engine, p.sandbox)
	if err != nil {
		t.Fatal(err)
	}
	p.ips = ready.IPs
	tar, err := Tar(p.volumes, testTime)
	if err != nil {
		t.Fatal(err)
	}
	if len(tar) > 0 {
		if err := p.engine.CopyTo(ctx, p.sandbox, "/", bytes.NewReader(tar)); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs script in the place of a container's command, and returns what it
// printed.
func (p *realPod) run(t *testing.T, name, script string) string {
	t.Helper()
	ctx := t.Context()
	in := p.in
	in.Pod = p.in.Pod.DeepCopy()
	c, _ := findContainer(in.Pod, name)
	c.Command, c.Args = []string{"sh", "-c", strings.ReplaceAll(script, "$(", "$$(")}, nil
	ci := ContainerInput{Name: name, Attempt: p.runs, Image: p.image, Sandbox: p.sandbox, PodIPs: p.ips, Volumes: p.volumes}
	p.runs++
	spec, err := Container(in, ci)
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.engine.CreateContainer(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.engine.RemoveContainer(context.Background(), id) })
	if err := p.engine.StartContainer(ctx, id); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := p.engine.Logs(ctx, id, runtime.LogOptions{Follow: true, Tail: -1}, &out, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRealVolumesLookAsRecorded(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"volumes-plain", "volumes-fsgroup"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startPod(t, recorded(t, name))
			got := p.run(t, "a", "ls -lanR /v")
			if diff := cmp.Diff(recordedListing(output(t, name, "ls.txt")), recordedListing(got)); diff != "" {
				t.Errorf("files (-recorded +got):\n%s", diff)
			}
			writes := p.run(t, "a", "for d in cm cmi sec dw pr ed mem memlim; do touch /v/$d/new 2>/dev/null && echo $d ok; done; df -k /v/mem /v/memlim | sed -n 's/^tmpfs *\\([0-9]*\\).*/\\1/p'; cat /v/cm/multi")
			if want := "ed ok\nmem ok\nmemlim ok\n65536\n8192\nline1\nline2\n"; writes != want {
				t.Errorf("got %q, want %q", writes, want)
			}
		})
	}
}

func TestRealNestedMountsLookAsRecorded(t *testing.T) {
	t.Parallel()
	p := startPod(t, recorded(t, "nested-mounts"))
	times := regexp.MustCompile(`(?m)^total.*\n|[A-Z][a-z]{2} +\d+ \d\d:\d\d|^/dev.*\n| +\d+ +T | {2,}\d+ `)
	clean := func(s string) string {
		s = s[strings.Index(s, "/a:\n"):]
		return times.ReplaceAllString(timestamped.ReplaceAllString(s, "..TIME"), " T ")
	}
	got := clean(p.run(t, "a", "ls -laR /a"))
	if diff := cmp.Diff(clean(output(t, "nested-mounts", "ls.txt")), got); diff != "" {
		t.Errorf("files (-recorded +got):\n%s", diff)
	}
}

func TestRealEnvironmentIsAsRecorded(t *testing.T) {
	t.Parallel()
	p := startPod(t, recorded(t, "env-order"))
	lines := func(s string) []string {
		return sorted(joinLines(strings.Split(strings.TrimSuffix(s, "\n"), "\n")))
	}
	got := p.run(t, "a", `cat /proc/1/environ | tr '\0' '\n'`)
	if diff := cmp.Diff(lines(output(t, "env-order", "environ.txt")), lines(got)); diff != "" {
		t.Errorf("environment (-recorded +got):\n%s", diff)
	}
}

func TestRealIdentitiesAreAsRecorded(t *testing.T) {
	t.Parallel()
	p := startPod(t, recorded(t, "secctx"))
	const script = "id; grep -E '^(Groups|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/1/status | tr -d '\\t'"
	tests := map[string]string{
		"a":      "uid=1000 gid=3000 groups=2000,3000,4000,5000\nGroups:2000 3000 4000 5000 \nCapPrm:0000000000000000\nCapBnd:00000000a80425fb\nNoNewPrivs:0\nSeccomp:0\n",
		"b":      "uid=1001 gid=0 groups=0,2000,4000,5000\nGroups:0 2000 4000 5000 \nCapPrm:0000000000000000\nCapBnd:00000000a80425fb\nNoNewPrivs:0\nSeccomp:0\n",
		"nopriv": "uid=1000 gid=3000 groups=2000,3000,4000,5000\nGroups:2000 3000 4000 5000 \nCapPrm:0000000000000000\nCapBnd:0000000000000400\nNoNewPrivs:1\nSeccomp:0\n",
		"caps":   "uid=0(root) gid=3000 groups=2000,3000,4000,5000\nGroups:2000 3000 4000 5000 \nCapPrm:00000000aa0435fa\nCapBnd:00000000aa0435fa\nNoNewPrivs:0\nSeccomp:0\n",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, p.run(t, name, script)); diff != "" {
				t.Errorf("(-recorded +got):\n%s", diff)
			}
		})
	}
	t.Run("seccomp", func(t *testing.T) {
		if got := p.run(t, "seccomp", "grep ^Seccomp: /proc/1/status"); got != "Seccomp:\t2\n" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("read-only root", func(t *testing.T) {
		got := p.run(t, "ro", "touch /x 2>/dev/null || echo root; touch /dev/shm/x || echo shm; echo y > /dev/termination-log || echo log")
		if got != "root\n" {
			t.Errorf("not writable: %q", got)
		}
	})
}
