package docker

import (
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
	if c.Config.Tty {
		_, err = io.CopyBuffer(stdout, onlyReader{body}, make([]byte, bufferSize))
	} else {
		err = demultiplex(body, stdout, stderr)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return classify(err)
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
