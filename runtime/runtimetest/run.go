package runtimetest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/podsim/podsim/runtime"
)

// patience is how long a case may take in all.
const patience = 3 * time.Minute

type testCase struct {
	name string
	run  func(*world)
}

// Run runs the suite. newHarness is called once for each case.
func Run(t *testing.T, newHarness func(*testing.T) Harness) {
	t.Helper()
	groups := [][]testCase{
		lifecycleCases(), stopCases(), errorCases(), listCases(), eventCases(),
		logCases(), execCases(), attachCases(), copyCases(), volumeCases(),
		sandboxCases(), engineCases(), resourceCases(),
	}
	for _, group := range groups {
		for _, c := range group {
			t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
				t.Parallel()
				h := newHarness(t)
				if reason, ok := h.Lacks[c.name]; ok {
					t.Skip(reason)
				}
				c.run(newWorld(t, h))
			})
		}
	}
}

// world is one case's own part of the engine.
type world struct {
	*testing.T
	Harness
	ctx  context.Context
	home string
	// waits are the names of containers that say when they are ready.
	waits map[string]bool
}

func newWorld(t *testing.T, h Harness) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	w := &world{
		T: t, Harness: h, ctx: ctx,
		home:  "suite-" + strings.ToLower(rand.Text()[:12]),
		waits: map[string]bool{},
	}
	t.Cleanup(func() {
		defer cancel()
		w.removeAll()
	})
	return w
}

// removeAll removes what the case made and makes sure that nothing is left.
func (w *world) removeAll() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	mine := runtime.Filter{Home: w.home}
	containers, err := w.Engine.ListContainers(ctx, mine)
	w.check(err, "list containers to remove")
	for _, c := range containers {
		w.check(w.Engine.RemoveContainer(ctx, c.ID), "remove container "+c.Name)
	}
	volumes, err := w.Engine.ListVolumes(ctx, mine)
	w.check(err, "list volumes to remove")
	for _, v := range volumes {
		w.check(w.Engine.RemoveVolume(ctx, v.Name), "remove volume "+v.Name)
	}
	if left, err := w.Engine.ListContainers(ctx, mine); err != nil || len(left) > 0 {
		w.Errorf("after removal: %d containers left, error %v", len(left), err)
	}
	if left, err := w.Engine.ListVolumes(ctx, mine); err != nil || len(left) > 0 {
		w.Errorf("after removal: %d volumes left, error %v", len(left), err)
	}
}

func (w *world) check(err error, what string) {
	w.Helper()
	if err != nil {
		w.Errorf("%s: %v", what, err)
	}
}

// must ends the case on an error.
func (w *world) must(err error, what string) {
	w.Helper()
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
}

// meta is a complete description of a container of this case.
func (w *world) meta(kind runtime.Kind, name string) runtime.Meta {
	return runtime.Meta{
		Home:      w.home,
		Pod:       runtime.PodRef{UID: w.home + "-uid", Namespace: "default", Name: "web"},
		Kind:      kind,
		Container: name,
	}
}

// spec is a container of its own that does p.
func (w *world) spec(name string, p Program) runtime.ContainerSpec {
	full := w.home + "-" + name
	w.waits[full] = p.Wait
	return runtime.ContainerSpec{
		Meta:       w.meta(runtime.KindContainer, name),
		Name:       full,
		Image:      w.Image,
		Entrypoint: w.Argv(p),
		Cmd:        []string{},
	}
}

func (w *world) sandboxSpec() runtime.SandboxSpec {
	return runtime.SandboxSpec{Meta: w.meta(runtime.KindSandbox, ""), Name: w.home + "-sandbox", Image: w.Pause}
}

func (w *world) create(s runtime.ContainerSpec) runtime.ContainerID {
	w.Helper()
	id, err := w.Engine.CreateContainer(w.ctx, s)
	w.must(err, "create container "+s.Name)
	return id
}

func (w *world) start(s runtime.ContainerSpec) runtime.ContainerID {
	w.Helper()
	id := w.create(s)
	w.must(w.Engine.StartContainer(w.ctx, id), "start container "+s.Name)
	w.ready(id, s.Name)
	return id
}

// ready waits until a program that waits obeys signals: the first process of
// a container does not get those it has no handler for.
func (w *world) ready(id runtime.ContainerID, name string) {
	w.Helper()
	if !w.waits[name] {
		return
	}
	w.eventually(name+" is ready", func() bool {
		_, stderr := w.logs(id, runtime.LogOptions{Tail: -1})
		return strings.Contains(stderr, "ready\n")
	})
}

func (w *world) startSandbox(s runtime.SandboxSpec) runtime.ContainerID {
	w.Helper()
	id, err := w.Engine.CreateSandbox(w.ctx, s)
	w.must(err, "create sandbox")
	w.must(w.Engine.StartContainer(w.ctx, id), "start sandbox")
	return id
}

func (w *world) container(id runtime.ContainerID) runtime.Container {
	w.Helper()
	c, err := w.Engine.Container(w.ctx, id)
	w.must(err, "look up container")
	return c
}

// ended waits until the container has ended.
func (w *world) ended(id runtime.ContainerID) runtime.Container {
	w.Helper()
	var c runtime.Container
	w.eventually("container ends", func() bool {
		c = w.container(id)
		return c.State == runtime.StateExited
	})
	return c
}

// eventually asks until the condition holds.
func (w *world) eventually(what string, holds func() bool) {
	w.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-w.ctx.Done():
			w.Fatalf("waited in vain: %s", what)
		}
	}
}
