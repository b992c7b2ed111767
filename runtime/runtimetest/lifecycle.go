package runtimetest

import (
	"errors"
	"time"

	"github.com/podsim/podsim/runtime"
)

func lifecycleCases() []testCase {
	return []testCase{
		{"a container goes from created through running to exited", createdRunningExited},
		{"a program that does not exist is a failed start", startFails},
		{"starting what runs already is success", startTwice},
		{"a removed container was killed first", removeRunning},
		{"an entrypoint replaces the image's command", entrypointAlone},
		{"what the spec says of a container is found again", specReturns},
	}
}

func createdRunningExited(w *world) {
	s := w.spec("app", Program{Wait: true, Code: 3})
	id := w.create(s)
	c := w.container(id)
	if c.ID != id || c.State != runtime.StateCreated || c.CreatedAt.IsZero() {
		w.Errorf("after create: %+v", c)
	}
	if !c.StartedAt.IsZero() || !c.FinishedAt.IsZero() || c.PID != 0 {
		w.Errorf("a created container has times or a process: %+v", c)
	}
	w.must(w.Engine.StartContainer(w.ctx, id), "start")
	c = w.container(id)
	if c.State != runtime.StateRunning || c.PID == 0 || c.StartedAt.Before(c.CreatedAt) || !c.FinishedAt.IsZero() {
		w.Errorf("after start: %+v", c)
	}
	w.ready(id, s.Name)
	w.must(w.Engine.StopContainer(w.ctx, id, "", time.Minute), "stop")
	c = w.container(id)
	if c.State != runtime.StateExited || c.ExitCode != 3 || c.PID != 0 || c.FinishedAt.Before(c.StartedAt) {
		w.Errorf("after stop: %+v", c)
	}
	if c.StartError != "" || c.OOMKilled {
		w.Errorf("an ordinary end has a cause: %+v", c)
	}
}

func startFails(w *world) {
	s := w.spec("app", Program{})
	s.Entrypoint = []string{"/no/such/program"}
	id := w.create(s)
	err := w.Engine.StartContainer(w.ctx, id)
	if err == nil {
		w.Fatal("start of a missing program succeeds")
	}
	if errors.Is(err, runtime.ErrUnavailable) {
		w.Errorf("start of a missing program is the engine's fault: %v", err)
	}
	c := w.container(id)
	if c.State != runtime.StateExited || c.StartError == "" || c.ExitCode == 0 {
		w.Errorf("after a failed start: %+v", c)
	}
	if !c.StartedAt.IsZero() || c.FinishedAt.IsZero() {
		w.Errorf("a failed start began at %v and ended at %v", c.StartedAt, c.FinishedAt)
	}
}

func startTwice(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	before := w.container(id)
	w.must(w.Engine.StartContainer(w.ctx, id), "start again")
	if after := w.container(id); after.PID != before.PID {
		w.Errorf("the process was %d and is %d", before.PID, after.PID)
	}
}

func removeRunning(w *world) {
	id := w.start(w.spec("app", Program{Wait: true, Deaf: true}))
	w.must(w.Engine.RemoveContainer(w.ctx, id), "remove")
	if _, err := w.Engine.Container(w.ctx, id); !errors.Is(err, runtime.ErrNotFound) {
		w.Errorf("after removal: %v", err)
	}
	w.must(w.Engine.RemoveContainer(w.ctx, id), "remove again")
}

func entrypointAlone(w *world) {
	s := w.spec("app", Program{Out: "mine\n"})
	s.Cmd = nil
	id := w.start(s)
	w.ended(id)
	if out, _ := w.logs(id, runtime.LogOptions{Tail: -1}); out != "mine\n" {
		w.Errorf("output %q", out)
	}
}

func specReturns(w *world) {
	s := w.spec("app", Program{})
	s.Meta.Attempt = 7
	s.Meta.Extra = map[string]string{"pod": `{"a":"<b>"}`, "back-off": "10s"}
	s.TTY, s.Stdin = true, true
	s.Resources = runtime.Resources{CPUShares: 512, CPUQuota: 20000, CPUPeriod: 100000, Memory: 64 << 20, MemorySwap: 64 << 20, PIDs: 50}
	id := w.create(s)
	c := w.container(id)
	w.same("meta", s.Meta, c.Meta)
	w.same("resources", s.Resources, c.Resources)
	if c.Name != s.Name || c.Image != s.Image || !c.TTY || !c.Stdin || c.ImageID == "" {
		w.Errorf("found %+v", c)
	}
	byName, err := w.Engine.ContainerByName(w.ctx, s.Name)
	w.must(err, "look up by name")
	w.same("container by name", c, byName)
}
