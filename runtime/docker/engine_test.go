package docker_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/images"
	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/docker"
)

// bench is a real engine and a home of one test's own on it.
type bench struct {
	*testing.T
	*docker.Engine
	ctx  context.Context
	home string
}

func newBench(t *testing.T, wanted ...string) bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	b := bench{T: t, Engine: connect(t, wanted...), ctx: ctx, home: "bench-" + strings.ToLower(rand.Text()[:12])}
	t.Cleanup(func() {
		list, err := b.ListContainers(context.Background(), runtime.Filter{Home: b.home})
		b.must(err)
		for _, c := range list {
			b.must(b.RemoveContainer(context.Background(), c.ID))
		}
	})
	return b
}

func (b bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b bench) spec(image string, argv ...string) runtime.ContainerSpec {
	return runtime.ContainerSpec{
		Meta:  runtime.Meta{Home: b.home, Kind: runtime.KindContainer, Container: "app"},
		Name:  b.home + "-app",
		Image: image, Entrypoint: argv,
	}
}

// output runs a container to its end.
func (b bench) output(s runtime.ContainerSpec) (string, runtime.Container) {
	b.Helper()
	id, err := b.CreateContainer(b.ctx, s)
	b.must(err)
	b.must(b.StartContainer(b.ctx, id))
	var out bytes.Buffer
	b.must(b.Logs(b.ctx, id, runtime.LogOptions{Follow: true, Tail: -1}, &out, &out))
	b.must(b.StopContainer(b.ctx, id, "", time.Minute))
	c, err := b.Container(b.ctx, id)
	b.must(err)
	return out.String(), c
}

func TestAnImagesLabelsDoNotSpeakForPodsim(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Liar)
	_, c := b.output(b.spec(images.Liar, "true"))
	if c.Meta.Home != b.home || c.Meta.Kind != runtime.KindContainer || c.Meta.Attempt != 0 || c.Meta.Extra != nil || c.Meta.Pod != (runtime.PodRef{}) {
		t.Errorf("meta %+v", c.Meta)
	}
}

func TestAnImagesVolumeIsRemovedWithItsContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Volume)
	out, c := b.output(b.spec(images.Volume, "sh", "-c", "mount | grep ' /data '"))
	if !strings.Contains(out, "/data") {
		t.Fatalf("the image's volume is not mounted: %q", out)
	}
	volumes := b.anonymous(c.ID)
	if len(volumes) == 0 {
		t.Fatal("the container has no anonymous volume")
	}
	b.must(b.RemoveContainer(b.ctx, c.ID))
	for _, name := range volumes {
		if _, err := b.Volume(b.ctx, name); !errors.Is(err, runtime.ErrNotFound) {
			t.Errorf("volume %s: %v", name, err)
		}
	}
}

func TestAPodsVolumeWinsOverTheImagesAndStartsEmpty(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Volume)
	name := b.home + "-data"
	_, err := b.CreateVolume(b.ctx, runtime.VolumeSpec{Name: name, Meta: runtime.Meta{Home: b.home, Kind: runtime.KindVolume}})
	b.must(err)
	t.Cleanup(func() { b.must(b.RemoveVolume(context.Background(), name)) })
	s := b.spec(images.Volume, "ls", "-A", "/data")
	s.Mounts = []runtime.Mount{{Kind: runtime.MountVolume, Source: name, Target: "/data"}}
	out, c := b.output(s)
	if out != "" || c.ExitCode != 0 {
		t.Errorf("the volume holds %q", out)
	}
	if volumes := b.anonymous(c.ID); len(volumes) != 0 {
		t.Errorf("anonymous volumes %v", volumes)
	}
	b.must(b.RemoveContainer(b.ctx, c.ID))
}

func TestCommandsOfTheImageAndThePod(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Entrypoint)
	for _, c := range []struct {
		name            string
		entrypoint, cmd []string
		want            string
	}{
		{"neither", nil, nil, "entrypoint command\n"},
		{"a command alone", nil, []string{"mine"}, "entrypoint mine\n"},
		{"an entrypoint alone drops the image's command", []string{"echo", "own"}, nil, "own\n"},
		{"both", []string{"echo", "own"}, []string{"mine"}, "own mine\n"},
		{"an empty command", nil, []string{}, "entrypoint\n"},
	} {
		s := b.spec(images.Entrypoint)
		s.Entrypoint, s.Cmd = c.entrypoint, c.cmd
		out, made := b.output(s)
		if out != c.want {
			t.Errorf("%s: %q", c.name, out)
		}
		b.must(b.RemoveContainer(b.ctx, made.ID))
	}
}

func TestANegativeOOMScoreThatIsDeniedIsRecognised(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Busybox)
	s := b.spec(images.Busybox, "true")
	score := -998
	s.OOMScoreAdj = &score
	id, err := b.CreateContainer(b.ctx, s)
	b.must(err)
	err = b.StartContainer(b.ctx, id)
	if err == nil {
		t.Skip("this engine may lower an oom score")
	}
	if !errors.Is(err, runtime.ErrOOMScore) || !errors.Is(err, runtime.ErrDenied) {
		t.Errorf("error %v", err)
	}
}

func TestAContainerKilledForMemorySaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Busybox)
	s := b.spec(images.Busybox, "tail", "/dev/zero")
	s.Resources = runtime.Resources{Memory: 16 << 20, MemorySwap: 16 << 20}
	events, err := b.Events(b.ctx, runtime.Filter{Home: b.home})
	b.must(err)
	_, c := b.output(s)
	if !c.OOMKilled || c.ExitCode != 137 {
		t.Errorf("after too much memory: %+v", c)
	}
	for ev := range events {
		if ev.Kind == runtime.EventOOM {
			return
		}
	}
	t.Error("no event tells it")
}

func TestTwoWhoRemoveOneContainerBothSucceed(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Busybox)
	id, err := b.CreateContainer(b.ctx, b.spec(images.Busybox, "sleep", "1000"))
	b.must(err)
	b.must(b.StartContainer(b.ctx, id))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := b.RemoveContainer(b.ctx, id); err != nil {
				t.Error(err)
			}
			if _, err := b.Container(b.ctx, id); !errors.Is(err, runtime.ErrNotFound) {
				t.Errorf("after removal: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestAPausedContainerCanBeStopped(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Pause)
	id, err := b.CreateContainer(b.ctx, b.spec(images.Pause))
	b.must(err)
	b.must(b.StartContainer(b.ctx, id))
	b.must(docker.Pause(b.ctx, b.Engine, id))
	c, err := b.Container(b.ctx, id)
	b.must(err)
	if c.State != runtime.StateRunning || !c.Paused {
		t.Errorf("paused: %+v", c)
	}
	if _, err := b.Exec(b.ctx, id, runtime.ExecOptions{Cmd: []string{"true"}}); !errors.Is(err, runtime.ErrPaused) {
		t.Errorf("exec: %v", err)
	}
	if _, err := b.Attach(b.ctx, id, runtime.AttachOptions{}); !errors.Is(err, runtime.ErrPaused) {
		t.Errorf("attach: %v", err)
	}
	b.must(b.StopContainer(b.ctx, id, "", time.Second))
	if c, err = b.Container(b.ctx, id); err != nil || c.State != runtime.StateExited {
		t.Errorf("after stop: %+v, %v", c, err)
	}
}

func TestAHealthcheckOfTheImageIsOff(t *testing.T) {
	t.Parallel()
	b := newBench(t, images.Healthcheck)
	id, err := b.CreateContainer(b.ctx, b.spec(images.Healthcheck, "true"))
	b.must(err)
	if checks, err := docker.HealthcheckOf(b.ctx, b.Engine, id); err != nil || strings.Join(checks, " ") != "NONE" {
		t.Errorf("healthcheck %v, %v", checks, err)
	}
}

// anonymous are the volumes of a container that have no name of their own.
func (b bench) anonymous(id runtime.ContainerID) []string {
	b.Helper()
	names, err := docker.VolumesOf(b.ctx, b.Engine, id)
	b.must(err)
	var out []string
	for _, n := range names {
		if len(n) == 64 {
			out = append(out, n)
		}
	}
	return out
}
