package runtimetest

import (
	"github.com/podsim/podsim/runtime"
)

func attachCases() []testCase {
	return []testCase{
		{"attach before the start sees everything", attachBefore},
		{"attach feeds the first process", attachInput},
	}
}

func attachBefore(w *world) {
	id := w.create(w.spec("app", Program{Out: "one\nlast", Err: "bad\n"}))
	p, err := w.Engine.Attach(w.ctx, id, runtime.AttachOptions{})
	w.must(err, "attach")
	w.must(w.Engine.StartContainer(w.ctx, id), "start")
	if got, want := w.finish(p, nil), (result{"one\nlast", "bad\n", 0}); got != want {
		w.Errorf("got %+v", got)
	}
}

func attachInput(w *world) {
	s := w.spec("app", Program{Echo: true, Code: 6})
	s.Stdin, s.StdinOnce = true, true
	id := w.start(s)
	p, err := w.Engine.Attach(w.ctx, id, runtime.AttachOptions{Stdin: true})
	w.must(err, "attach")
	if got := w.finish(p, []byte("hello\n")); got.out != "hello\n" {
		w.Errorf("got %+v", got)
	}
	if c := w.ended(id); c.ExitCode != 6 {
		w.Errorf("after the end of input: %+v", c)
	}
}
