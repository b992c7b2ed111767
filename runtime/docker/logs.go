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
	if err == nil && o.Follow && !(o.Tail == 0 && !out.open && !errOut.open) {
		err = e.unfinishedLine(ctx, id, o, c.Config.Tty, out, errOut)
	}
	return classify(err)
}

// lineEnd remembers whether what was written stopped within a line.
type lineEnd struct {
	w    io.Writer
	open bool
}

func (l *lineEnd) Write(p []byte) (int, error) {
	if len(p) > 0 {
		l.open = p[len(p)-1] != '\n'
	}
	return l.w.Write(p)
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
