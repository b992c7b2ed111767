package runtimetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/podsim/podsim/runtime"
)

func logCases() []testCase {
	return []testCase{
		{"a log has both streams apart and the last line without its end", logsWhole},
		{"a log is cut to its last lines", logsTail},
		{"a log begins where it is told", logsSince},
		{"a log's lines bear their time", logsTimestamps},
		{"a followed log ends with the container", logsFollow},
		{"a followed log ends with its context", logsFollowCancelled},
		{"a log of a terminal is one stream", logsTTY},
	}
}

func logsWhole(w *world) {
	id := w.start(w.spec("app", Program{Out: "one\ntwo\nlast", Err: "bad\n"}))
	w.ended(id)
	out, err := w.logs(id, runtime.LogOptions{Tail: -1})
	if out != "one\ntwo\nlast" || err != "bad\n" {
		w.Errorf("log %q and %q", out, err)
	}
}

func logsTail(w *world) {
	id := w.start(w.spec("app", Program{Out: "one\ntwo\nthree\n"}))
	w.ended(id)
	for tail, want := range map[int]string{0: "", 1: "three\n", 2: "two\nthree\n", 9: "one\ntwo\nthree\n"} {
		if out, _ := w.logs(id, runtime.LogOptions{Tail: tail}); out != want {
			w.Errorf("last %d lines are %q", tail, out)
		}
	}
}

func logsSince(w *world) {
	id := w.start(w.spec("app", Program{Out: "one\n"}))
	c := w.ended(id)
	if out, _ := w.logs(id, runtime.LogOptions{Tail: -1, Since: c.FinishedAt.Add(time.Second)}); out != "" {
		w.Errorf("since after the end: %q", out)
	}
	if out, _ := w.logs(id, runtime.LogOptions{Tail: -1, Since: c.StartedAt.Add(-time.Second)}); out != "one\n" {
		w.Errorf("since before the start: %q", out)
	}
}

func logsTimestamps(w *world) {
	id := w.start(w.spec("app", Program{Out: "one\ntwo\n"}))
	c := w.ended(id)
	out, _ := w.logs(id, runtime.LogOptions{Tail: -1, Timestamps: true})
	for i, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		stamp, text, _ := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil || text != []string{"one", "two"}[i] {
			w.Fatalf("line %q: %v", line, err)
		}
		if at.Before(c.StartedAt.Add(-time.Second)) || at.After(c.FinishedAt.Add(time.Second)) {
			w.Errorf("line of %v in a run from %v to %v", at, c.StartedAt, c.FinishedAt)
		}
	}
}

func logsFollow(w *world) {
	id := w.start(w.spec("app", Program{Out: "one\n", Wait: true}))
	pr, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := w.Engine.Logs(w.ctx, id, runtime.LogOptions{Tail: -1, Follow: true}, pw, io.Discard)
		pw.CloseWithError(err)
		done <- err
	}()
	buf := make([]byte, 4)
	if _, err := io.ReadFull(pr, buf); err != nil || string(buf) != "one\n" {
		w.Fatalf("followed %q: %v", buf, err)
	}
	w.must(w.Engine.StopContainer(w.ctx, id, "", time.Minute), "stop")
	if rest, err := io.ReadAll(pr); err != nil || len(rest) > 0 {
		w.Errorf("rest of the log %q: %v", rest, err)
	}
	w.check(<-done, "follow")
}

func logsFollowCancelled(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	ctx, cancel := context.WithTimeout(w.ctx, 200*time.Millisecond)
	defer cancel()
	err := w.Engine.Logs(ctx, id, runtime.LogOptions{Tail: -1, Follow: true}, io.Discard, io.Discard)
	if !errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("error %v", err)
	}
}

func logsTTY(w *world) {
	s := w.spec("app", Program{Out: "one\n", Err: "bad\n"})
	s.TTY = true
	id := w.start(s)
	w.ended(id)
	out, err := w.logs(id, runtime.LogOptions{Tail: -1})
	if out != "one\r\nbad\r\n" || err != "" {
		w.Errorf("log %q and %q", out, err)
	}
}

func (w *world) logs(id runtime.ContainerID, o runtime.LogOptions) (stdout, stderr string) {
	w.Helper()
	var out, err bytes.Buffer
	w.must(w.Engine.Logs(w.ctx, id, o, &out, &err), "read log")
	return out.String(), err.String()
}
