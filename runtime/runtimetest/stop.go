package runtimetest

import (
	"context"
	"errors"
	"time"

	"github.com/podsim/podsim/runtime"
)

func stopCases() []testCase {
	return []testCase{
		{"stop returns as soon as the process obeys", stopObeyed},
		{"stop kills after the grace and not before", stopDeaf},
		{"stop without grace kills at once", stopNoGrace},
		{"stop sends the signal it is told", stopSignal},
		{"stop sends the container's own signal", stopOwnSignal},
		{"stopping what does not run is success", stopIdle},
		{"stop ends with its context", stopCancelled},
	}
}

// promptly is short beside the grace of a minute and long beside what a busy
// machine needs.
const promptly = 45 * time.Second

func stopObeyed(w *world) {
	id := w.start(w.spec("app", Program{Wait: true, Code: 4}))
	begun := time.Now()
	w.must(w.Engine.StopContainer(w.ctx, id, "", time.Minute), "stop")
	if took := time.Since(begun); took > promptly {
		w.Errorf("took %v", took)
	}
	if c := w.container(id); c.State != runtime.StateExited || c.ExitCode != 4 {
		w.Errorf("after stop: %+v", c)
	}
}

func stopDeaf(w *world) {
	const grace = 700 * time.Millisecond
	id := w.start(w.spec("app", Program{Wait: true, Deaf: true}))
	begun := time.Now()
	w.must(w.Engine.StopContainer(w.ctx, id, "", grace), "stop")
	if took := time.Since(begun); took < grace || took > promptly {
		w.Errorf("took %v with a grace of %v", took, grace)
	}
	if c := w.container(id); c.State != runtime.StateExited || c.ExitCode != 137 {
		w.Errorf("after stop: %+v", c)
	}
}

func stopNoGrace(w *world) {
	id := w.start(w.spec("app", Program{Wait: true, Code: 4}))
	w.must(w.Engine.StopContainer(w.ctx, id, "", 0), "stop")
	if c := w.container(id); c.State != runtime.StateExited || c.ExitCode != 137 {
		w.Errorf("after stop: %+v", c)
	}
}

func stopSignal(w *world) {
	id := w.start(w.spec("app", Program{Wait: true, Code: 4}))
	w.must(w.Engine.StopContainer(w.ctx, id, "SIGUSR1", time.Minute), "stop")
	if c := w.container(id); c.ExitCode != 10 {
		w.Errorf("after stop by SIGUSR1: %+v", c)
	}
}

func stopOwnSignal(w *world) {
	s := w.spec("app", Program{Wait: true, Code: 4})
	s.StopSignal = "SIGUSR1"
	id := w.start(s)
	w.must(w.Engine.StopContainer(w.ctx, id, "", time.Minute), "stop")
	if c := w.container(id); c.ExitCode != 10 {
		w.Errorf("after stop: %+v", c)
	}
}

func stopIdle(w *world) {
	created := w.create(w.spec("created", Program{}))
	w.must(w.Engine.StopContainer(w.ctx, created, "", time.Minute), "stop a created container")
	exited := w.start(w.spec("exited", Program{Code: 5}))
	w.ended(exited)
	w.must(w.Engine.StopContainer(w.ctx, exited, "", time.Minute), "stop an exited container")
	if c := w.container(exited); c.ExitCode != 5 {
		w.Errorf("after stop: %+v", c)
	}
	w.must(w.Engine.StopContainer(w.ctx, missing, "", time.Minute), "stop a missing container")
}

func stopCancelled(w *world) {
	id := w.start(w.spec("app", Program{Wait: true, Deaf: true}))
	ctx, cancel := context.WithTimeout(w.ctx, 200*time.Millisecond)
	defer cancel()
	err := w.Engine.StopContainer(ctx, id, "", time.Minute)
	if !errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("error %v", err)
	}
	if c := w.container(id); c.State != runtime.StateRunning {
		w.Errorf("after the cancelled stop: %+v", c)
	}
}
