package docker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// Logs copies a log. The container is inspected first, for only its TTY tells
// how the log is written.
func (e *Engine) Logs(ctx context.Context, id runtime.ContainerID, o runtime.LogOptions, stdout, stderr io.Writer) error {
	c, err := e.cli.ContainerInspect(ctx, string(id))
	if err != nil {
		return classify(err)
	}
	body, err := e.cli.ContainerLogs(ctx, string(id), logOptions(o))
	if err != nil {
		return classify(err)
	}
	defer body.Close()
	out, errOut := &lineEnd{w: stdout}, &lineEnd{w: stderr}
	if c.Config.Tty {
		_, err = io.CopyBuffer(out, onlyReader{body}, make([]byte, bufferSize))
	} else {
		err = demultiplex(body, out, errOut)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch {
	case err != nil || !o.Follow:
	case o.Tail < 0:
		err = e.missed(ctx, id, o, c.Config.Tty, out, errOut)
	case o.Tail > 0 || out.open || errOut.open:
		err = e.unfinishedLine(ctx, id, o, c.Config.Tty, out, errOut)
	}
	return classify(err)
}

// lineEnd remembers how much was written, and whether that stopped within a line.
type lineEnd struct {
	w     io.Writer
	open  bool
	count int64
}

func (l *lineEnd) Write(p []byte) (int, error) {
	if len(p) > 0 {
		l.open = p[len(p)-1] != '\n'
	}
	n, err := l.w.Write(p)
	l.count += int64(n)
	return n, err
}

// rest passes on what comes after the first skip bytes.
type rest struct {
	w    io.Writer
	skip int64
}

func (r *rest) Write(p []byte) (int, error) {
	n := min(r.skip, int64(len(p)))
	r.skip -= n
	if n == int64(len(p)) {
		return len(p), nil
	}
	m, err := r.w.Write(p[n:])
	return int(n) + m, err
}

// catchUps is how often a log is looked through for what its follower did not get.
const catchUps = 3

// missed writes the end of a log that was followed from its beginning, if the follower did not get it: the engine lets
// followers go before they have everything when a container ends while it is busy (seen with 20.10), and often keeps a last
// line without an end from them (moby#43860).
func (e *Engine) missed(ctx context.Context, id runtime.ContainerID, o runtime.LogOptions, tty bool, stdout, stderr *lineEnd) error {
	o.Follow = false
	for range catchUps {
		before := stdout.count + stderr.count
		body, err := e.cli.ContainerLogs(ctx, string(id), logOptions(o))
		if err != nil {
			return nil // gone meanwhile
		}
		out, errOut := &rest{stdout, stdout.count}, &rest{stderr, stderr.count}
		if tty {
			_, err = io.CopyBuffer(out, onlyReader{body}, make([]byte, bufferSize))
		} else {
			err = demultiplex(body, out, errOut)
		}
		body.Close()
		if err != nil || stdout.count+stderr.count == before {
			return err
		}
	}
	return nil
}

// unfinishedLine writes the last line of a log that was followed to its end, if the line has no end: the engine often
// keeps that one from followers (moby#43860).
func (e *Engine) unfinishedLine(ctx context.Context, id runtime.ContainerID, o runtime.LogOptions, tty bool, stdout, stderr *lineEnd) error {
	o.Follow, o.Tail = false, 1
	body, err := e.cli.ContainerLogs(ctx, string(id), logOptions(o))
	if err != nil {
		return nil // gone meanwhile
	}
	defer body.Close()
	var out, errOut bytes.Buffer
	if tty {
		_, err = io.Copy(&out, body)
	} else {
		err = demultiplex(body, &out, &errOut)
	}
	if err != nil {
		return nil
	}
	for _, last := range []struct {
		line []byte
		to   *lineEnd
	}{{out.Bytes(), stdout}, {errOut.Bytes(), stderr}} {
		if n := len(last.line); n == 0 || last.line[n-1] == '\n' || last.to.open {
			continue
		}
		if _, err := last.to.Write(last.line); err != nil {
			return err
		}
	}
	return nil
}

// onlyReader hides WriteTo, so that a copy uses the buffer it is given.
type onlyReader struct{ io.Reader }

func logOptions(o runtime.LogOptions) container.LogsOptions {
	out := container.LogsOptions{
		ShowStdout: true,
		ShowStderr: true,
		Follow:     o.Follow,
		Timestamps: o.Timestamps,
		Tail:       "all",
	}
	if !o.Since.IsZero() {
		out.Since = sinceText(o.Since)
	}
	if o.Tail >= 0 {
		out.Tail = strconv.Itoa(o.Tail)
	}
	return out
}

// sinceText is a time as seconds and nanoseconds, which every version reads.
func sinceText(t time.Time) string {
	return fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond())
}
