package docker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/podsim/podsim/e2e/images"
	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/docker"
	"github.com/podsim/podsim/runtime/runtimetest"
)

func TestDockerKeepsThePromisesOfAnEngine(t *testing.T) {
	t.Parallel()
	e := connect(t, images.Busybox, images.Pause)
	runtimetest.Run(t, func(*testing.T) runtimetest.Harness {
		return runtimetest.Harness{Engine: e, Image: images.Busybox, Pause: images.Pause, Argv: shell}
	})
}

// connect returns the engine with the wanted test images, or skips.
func connect(t *testing.T, wanted ...string) *docker.Engine {
	t.Helper()
	ctx := context.Background()
	e, err := docker.Connect(ctx, docker.Options{})
	if errors.Is(err, runtime.ErrUnavailable) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := images.EnsureSome(ctx, e, wanted...); err != nil {
		t.Fatal(err)
	}
	return e
}

// shell has busybox do p. The texts are arguments, so that nothing in them is
// read as script.
func shell(p runtimetest.Program) []string {
	var script []string
	add := func(when bool, line string) {
		if when {
			script = append(script, line)
		}
	}
	add(p.Pwd, "pwd")
	add(p.Env != "", fmt.Sprintf(`echo "$%s"`, p.Env))
	add(p.Out != "", `printf %s "$1"`)
	add(p.Err != "", `printf %s "$2" >&2`)
	add(p.ReadFile != "", `cat "$3" || exit 1`)
	add(p.WriteFile != "", `printf %s "$4" > "$4" || exit 1`)
	add(p.Echo, "cat")
	if p.Wait {
		term := fmt.Sprintf("trap 'exit %d' TERM", p.Code)
		if p.Deaf {
			term = "trap '' TERM"
		}
		script = append(script, term, "trap 'exit 10' USR1", "echo ready >&2", "while :; do sleep 3600 & wait $!; done")
	}
	script = append(script, fmt.Sprintf("exit %d", p.Code))
	return []string{"sh", "-c", strings.Join(script, "\n"), "sh", p.Out, p.Err, p.ReadFile, p.WriteFile}
}
