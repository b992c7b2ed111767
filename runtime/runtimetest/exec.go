package runtimetest

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/podsim/podsim/runtime"
)

func execCases() []testCase {
	return []testCase{
		{"exec has both streams apart and the exit code", execStreams},
		{"exec has the container's environment and directory", execSurroundings},
		{"the end of exec's input reaches the process", execInput},
		{"exec loses no byte either way", execMuch},
		{"exec of a missing program ends with 126 or 127", execMissing},
		{"exec with a terminal is one stream", execTTY},
		{"exec is killed with its container", execKilled},
		{"exec's output ends before its exit code is told", execOutputFirst},
		{"closing exec leaves the container alone", execClose},
	}
}

// result is what a process wrote and how it ended.
type result struct {
	out, err string
	code     int
}

// finish writes input, reads all output and waits.
func (w *world) finish(p runtime.Process, input []byte) result {
	w.Helper()
	defer p.Close()
	var out, errs bytes.Buffer
	var g errgroup.Group
	g.Go(func() error { _, err := io.Copy(&out, p.Stdout()); return err })
	g.Go(func() error { _, err := io.Copy(&errs, p.Stderr()); return err })
	if stdin := p.Stdin(); stdin != nil {
		g.Go(func() error {
			if _, err := stdin.Write(input); err != nil {
				return err
			}
			return stdin.Close()
		})
	}
	w.check(g.Wait(), "copy streams")
	code, err := p.Wait(w.ctx)
	w.must(err, "wait for the process")
	return result{out.String(), errs.String(), code}
}

func (w *world) exec(id runtime.ContainerID, o runtime.ExecOptions, input []byte) result {
	w.Helper()
	p, err := w.Engine.Exec(w.ctx, id, o)
	w.must(err, "exec")
	return w.finish(p, input)
}

func execStreams(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	got := w.exec(id, runtime.ExecOptions{Cmd: w.Argv(Program{Out: "fine\nlast", Err: "bad\n", Code: 9})}, nil)
	if want := (result{"fine\nlast", "bad\n", 9}); got != want {
		w.Errorf("got %+v", got)
	}
	p, err := w.Engine.Exec(w.ctx, id, runtime.ExecOptions{Cmd: w.Argv(Program{})})
	w.must(err, "exec")
	if p.Stdin() != nil {
		w.Error("there is a stdin that nobody asked for")
	}
	w.finish(p, nil)
}

func execSurroundings(w *world) {
	s := w.spec("app", Program{Wait: true})
	s.Env, s.WorkingDir = []string{"COLOUR=blue"}, "/tmp"
	id := w.start(s)
	got := w.exec(id, runtime.ExecOptions{Cmd: w.Argv(Program{Pwd: true, Env: "COLOUR"})}, nil)
	if got.out != "/tmp\nblue\n" {
		w.Errorf("got %+v", got)
	}
}

func execInput(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	got := w.exec(id, runtime.ExecOptions{Cmd: w.Argv(Program{Echo: true, Code: 2}), Stdin: true}, []byte("hello"))
	if want := (result{"hello", "", 2}); got != want {
		w.Errorf("got %+v", got)
	}
}

func execMuch(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	input := bytes.Repeat([]byte("0123456789abcde\n"), 1<<16)
	got := w.exec(id, runtime.ExecOptions{Cmd: w.Argv(Program{Echo: true}), Stdin: true}, input)
	if got.out != string(input) || got.code != 0 {
		w.Errorf("%d of %d bytes came back, code %d", len(got.out), len(input), got.code)
	}
}

func execMissing(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	got := w.exec(id, runtime.ExecOptions{Cmd: []string{"/no/such/program"}}, nil)
	if got.code != 126 && got.code != 127 {
		w.Errorf("got %+v", got)
	}
	if !strings.Contains(got.out+got.err, "/no/such/program") {
		w.Errorf("the output does not name the program: %+v", got)
	}
}

func execTTY(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	p, err := w.Engine.Exec(w.ctx, id, runtime.ExecOptions{Cmd: w.Argv(Program{Out: "one\n", Err: "bad\n"}), TTY: true})
	w.must(err, "exec")
	w.check(p.Resize(w.ctx, 100, 40), "resize")
	if got := w.finish(p, nil); got.out != "one\r\nbad\r\n" || got.err != "" {
		w.Errorf("got %+v", got)
	}
}

func execClose(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	p, err := w.Engine.Exec(w.ctx, id, runtime.ExecOptions{Cmd: w.Argv(Program{Wait: true})})
	w.must(err, "exec")
	w.check(p.Close(), "close")
	w.check(p.Close(), "close again")
	if c := w.container(id); c.State != runtime.StateRunning {
		w.Errorf("after close: %+v", c)
	}
}

func execKilled(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	p, err := w.Engine.Exec(w.ctx, id, runtime.ExecOptions{Cmd: w.Argv(Program{Wait: true})})
	w.must(err, "exec")
	if _, err := io.ReadFull(p.Stderr(), make([]byte, len("ready\n"))); err != nil {
		w.Fatalf("read that the process is ready: %v", err)
	}
	w.must(w.Engine.StopContainer(w.ctx, id, "", 0), "stop")
	if got := w.finish(p, nil); got.code != 137 {
		w.Errorf("got %+v", got)
	}
}

func execOutputFirst(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	for range 5 {
		got := w.exec(id, runtime.ExecOptions{Cmd: w.Argv(Program{Out: "last words", Code: 7})}, nil)
		if want := (result{"last words", "", 7}); got != want {
			w.Errorf("got %+v", got)
		}
	}
}
