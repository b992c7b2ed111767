//go:build linux

package crash

import (
	"context"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/e2e/harness"
)

// TestEngineRestartedWithoutItsContainers has one pod live through everything
// that takes its sandbox away: each time all is rebuilt, init included.
func TestEngineRestartedWithoutItsContainers(t *testing.T) {
	d := startDaemon(t)
	h := harness.New(t)
	s := newSubject(h, "web", 1)
	h.Must("apply", "-f", s.file)
	s.goesOn(t)

	t.Log("stop and start the engine")
	d.end(t, syscall.SIGTERM)
	engineIsDown(t, h)
	d.again(t)
	s.rebuilds++
	s.goesOn(t)
	if out := h.Must("events", "--for", "pod/web"); !strings.Contains(out, "SandboxChanged") ||
		!strings.Contains(out, "Pod sandbox changed, it will be killed and re-created.") {
		t.Errorf("no word of the lost sandbox:\n%s", out)
	}

	t.Log("remove the pause container")
	call(t, h, http.MethodDelete, "/containers/"+s.sandbox(t)+"?force=1")
	s.rebuilds++
	s.goesOn(t)

	t.Log("switch the machine off")
	h.KillNode()
	d.powerOff(t)
	d.again(t)
	if pod := s.pod(t); pod == nil || ready(pod) && restarts(pod)["steady"] == s.rebuilds {
		t.Errorf("the first answer after a reboot is an old one: %v", pod)
	}
	s.rebuilds++
	s.goesOn(t)

	h.Must("delete", "-f", s.file)
	s.goneWithoutTrace(t)
	pruneInBackoff(t, h)
	h.NothingLeft()
}

func TestEngineRestartedBesideItsContainers(t *testing.T) {
	d := startDaemon(t, "--live-restore")
	h := harness.New(t)
	s := newSubject(h, "web", 1)
	h.Must("apply", "-f", s.file)
	s.goesOn(t)
	before := s.ids(t)

	t.Log("stop and start the engine")
	d.end(t, syscall.SIGTERM)
	d.again(t)
	s.goesOn(t)

	t.Log("the same while the node dies")
	d.end(t, syscall.SIGTERM)
	h.KillNode()
	d.again(t)
	s.goesOn(t)
	if diff := cmp.Diff(before, s.ids(t)); diff != "" {
		t.Errorf("containers (-before +after):\n%s", diff)
	}

	t.Log("delete while the engine is down")
	d.end(t, syscall.SIGTERM)
	if r := h.Run("delete", "pod", "web", "--timeout=2s"); r.Code == 0 {
		t.Errorf("deleted without an engine: %s", r)
	}
	d.again(t)
	if r := h.Run("delete", "-f", s.file, "--ignore-not-found"); r.Code != 0 {
		// Engines before 25 have lost count of who uses a tmpfs volume.
		if !strings.Contains(r.Stderr, "refuses to remove its volumes") {
			t.Errorf("%s", r)
		}
		d.end(t, syscall.SIGTERM)
		d.again(t)
		h.Must("gc")
	}
	s.goneWithoutTrace(t)
	h.NothingLeft()
}

// engineIsDown wants every command to say so, in a line, and at once.
func engineIsDown(t *testing.T, h *harness.Home) {
	t.Helper()
	for _, args := range [][]string{
		{"get", "pods"}, {"logs", "web", "-c", "steady"}, {"describe", "pod", "web"}, {"delete", "pod", "other"},
	} {
		r := h.RunTimeout(10*time.Second, args...)
		text := strings.TrimSpace(r.Stderr)
		if r.Code == 0 || !strings.HasPrefix(text, "error: ") || strings.Count(text, "error:") != 1 || r.Took > 5*time.Second {
			t.Errorf("without an engine: %s", r)
		}
	}
}

// pruneInBackoff takes the dead containers of a pod away, with a node and
// without: restart counts stay and init is not run again.
func pruneInBackoff(t *testing.T, h *harness.Home) {
	t.Helper()
	t.Log("prune containers in back-off")
	s := newSubject(h, "pruned", 3)
	h.Must("run", "-d", "--backoff-scale", "0.3", s.file)
	harness.WaitFor(t, "back-off", settle, func() bool {
		return strings.Contains(h.Must("get", "pod", "pruned"), "CrashLoopBackOff")
	})
	before := restarts(s.pod(t))["flaky"]
	call(t, h, http.MethodPost, "/containers/prune")
	if after := restarts(s.pod(t))["flaky"]; after < before {
		t.Errorf("restart count fell from %d to %d", before, after)
	}

	t.Log("and once more with nobody there")
	h.KillNode()
	call(t, h, http.MethodPost, "/containers/prune")
	if after := restarts(s.pod(t))["flaky"]; after < before {
		t.Errorf("restart count fell from %d to %d", before, after)
	}
	s.goesOn(t)
	h.Must("delete", "-f", s.file)
	s.goneWithoutTrace(t)
}

// call asks the engine itself for something.
func call(t *testing.T, h *harness.Home, method, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := h.Engine.Call(ctx, method, path, nil, nil); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}
