package runtimetest

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/podsim/podsim/runtime"
)

// missing is an id that no container has.
const missing = runtime.ContainerID("00000000000000000000000000000000000000000000000000000000cafebabe")

func errorCases() []testCase {
	return []testCase{
		{"a missing container is not found", containerMissing},
		{"a missing image is not found", imageMissing},
		{"a missing volume is not found", volumeMissing},
		{"a name that is taken is a conflict", nameTaken},
		{"exec needs a running container", execNeedsRunning},
		{"a cancelled context is the error", contextCancelled},
	}
}

func containerMissing(w *world) {
	calls := map[string]func() error{
		"start":  func() error { return w.Engine.StartContainer(w.ctx, missing) },
		"update": func() error { return w.Engine.UpdateResources(w.ctx, missing, runtime.Resources{Memory: 64 << 20}) },
		"container": func() error {
			_, err := w.Engine.Container(w.ctx, missing)
			return err
		},
		"by name": func() error {
			_, err := w.Engine.ContainerByName(w.ctx, w.home+"-nobody")
			return err
		},
		"stats": func() error {
			_, err := w.Engine.Stats(w.ctx, missing)
			return err
		},
		"disk usage": func() error {
			_, err := w.Engine.DiskUsage(w.ctx, missing)
			return err
		},
		"logs": func() error {
			return w.Engine.Logs(w.ctx, missing, runtime.LogOptions{Tail: -1}, io.Discard, io.Discard)
		},
		"exec": func() error {
			_, err := w.Engine.Exec(w.ctx, missing, runtime.ExecOptions{Cmd: w.Argv(Program{})})
			return err
		},
		"attach": func() error {
			_, err := w.Engine.Attach(w.ctx, missing, runtime.AttachOptions{})
			return err
		},
		"copy to": func() error { return w.Engine.CopyTo(w.ctx, missing, "/", strings.NewReader("")) },
		"copy from": func() error {
			_, err := w.Engine.CopyFrom(w.ctx, missing, "/")
			return err
		},
	}
	for name, call := range calls {
		w.wantClass(name, call(), runtime.ErrNotFound)
	}
	w.check(w.Engine.RemoveContainer(w.ctx, missing), "remove")
}

func imageMissing(w *world) {
	const ref = "podsim.invalid/nobody/has:this"
	_, err := w.Engine.Image(w.ctx, ref)
	w.wantClass("look up", err, runtime.ErrNotFound)
	s := w.spec("app", Program{})
	s.Image = ref
	_, err = w.Engine.CreateContainer(w.ctx, s)
	w.wantClass("create a container", err, runtime.ErrNotFound)
}

func volumeMissing(w *world) {
	name := w.home + "-nothing"
	_, err := w.Engine.Volume(w.ctx, name)
	w.wantClass("look up", err, runtime.ErrNotFound)
	w.check(w.Engine.RemoveVolume(w.ctx, name), "remove")
	s := w.spec("app", Program{})
	s.Mounts = []runtime.Mount{{Kind: runtime.MountVolume, Source: name, Target: "/data"}}
	_, err = w.Engine.CreateContainer(w.ctx, s)
	w.wantClass("create a container with it", err, runtime.ErrNotFound)
	_, err = w.Engine.Volume(w.ctx, name)
	w.wantClass("look up after that", err, runtime.ErrNotFound)
}

func nameTaken(w *world) {
	s := w.spec("app", Program{})
	w.create(s)
	_, err := w.Engine.CreateContainer(w.ctx, s)
	w.wantClass("create a container of the same name", err, runtime.ErrConflict)
	sandbox := w.sandboxSpec()
	sandbox.Name = s.Name
	_, err = w.Engine.CreateSandbox(w.ctx, sandbox)
	w.wantClass("create a sandbox of the same name", err, runtime.ErrConflict)
}

func execNeedsRunning(w *world) {
	id := w.create(w.spec("app", Program{}))
	_, err := w.Engine.Exec(w.ctx, id, runtime.ExecOptions{Cmd: w.Argv(Program{})})
	w.wantClass("exec in a created container", err, runtime.ErrConflict)
	w.must(w.Engine.StartContainer(w.ctx, id), "start")
	w.ended(id)
	_, err = w.Engine.Exec(w.ctx, id, runtime.ExecOptions{Cmd: w.Argv(Program{})})
	w.wantClass("exec in an exited container", err, runtime.ErrConflict)
}

func contextCancelled(w *world) {
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	calls := map[string]error{
		"stop": w.Engine.StopContainer(ctx, missing, "", 0),
	}
	_, calls["list"] = w.Engine.ListContainers(ctx, runtime.Filter{})
	_, calls["create"] = w.Engine.CreateContainer(ctx, w.spec("app", Program{}))
	_, calls["container"] = w.Engine.Container(ctx, missing)
	for name, err := range calls {
		if !errors.Is(err, context.Canceled) {
			w.Errorf("%s: %v", name, err)
		}
	}
}
