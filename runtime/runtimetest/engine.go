package runtimetest

import "github.com/podsim/podsim/runtime"

func engineCases() []testCase {
	return []testCase{
		{"an engine says who it is", engineInfo},
		{"an image is found by name and by id", imageFound},
	}
}

func engineInfo(w *world) {
	first, err := w.Engine.Info(w.ctx)
	w.must(err, "info")
	if first.ID == "" || first.Version == "" || first.Arch == "" {
		w.Errorf("info %+v", first)
	}
	second, err := w.Engine.Info(w.ctx)
	w.must(err, "info")
	w.same("info", first, second)
}

func imageFound(w *world) {
	byName, err := w.Engine.Image(w.ctx, w.Image)
	w.must(err, "look up by name")
	if byName.ID == "" {
		w.Errorf("image %+v", byName)
	}
	byID, err := w.Engine.Image(w.ctx, byName.ID)
	w.must(err, "look up by id")
	w.same("image", byName, byID)
	s := w.spec("app", Program{Code: 1})
	s.Image = byName.ID
	if c := w.ended(w.start(s)); c.ImageID != byName.ID || c.State != runtime.StateExited {
		w.Errorf("container %+v", c)
	}
}
