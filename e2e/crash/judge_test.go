package crash

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	corev1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/e2e/harness"
)

// settle is how long a pod may take until all is as it should be: a busy
// machine needs seconds for every call of its engine.
const settle = 3 * time.Minute

// goesOn wants the pod to get where it would be without any crash: every
// container started as often as its restart count says, none twice at once.
func (s *subject) goesOn(tb testing.TB) {
	tb.Helper()
	var pod *corev1.Pod
	done := harness.Eventually(settle, func() bool {
		pod = s.pod(tb)
		return pod != nil && ready(pod) && restarts(pod)["flaky"] >= s.exits+s.rebuilds
	})
	if !done {
		tb.Fatalf("pod %s is stuck: %s", s.name, s.h.For(tb).Run("describe", "pod", s.name))
	}
	n := s.rebuilds
	wantRestarts := map[string]int{"init": n, "sidecar": n, "steady": n, "flaky": s.exits + n}
	if diff := cmp.Diff(wantRestarts, restarts(pod)); diff != "" {
		tb.Errorf("pod %s: restart counts (-want +got):\n%s", s.name, diff)
	}
	want := map[string]int{"init": n + 1, "sidecar": n + 1, "steady": n + 1, "flaky": s.exits + n + 1, "value": 2}
	if diff := cmp.Diff(want, s.ledger(tb)); diff != "" {
		tb.Errorf("pod %s: instances as they noted themselves (-want +got):\n%s", s.name, diff)
	}
	s.runsOnce(tb)
}

// runsOnce wants exactly one live container of each name, sandbox included.
func (s *subject) runsOnce(tb testing.TB) {
	tb.Helper()
	live := map[string]int{}
	for _, o := range s.h.For(tb).Leftovers() {
		if o.Type == "containers" && o.State == "running" && o.Labels["io.kubernetes.pod.name"] == s.name {
			live[o.Labels["io.kubernetes.container.name"]+"/"+o.Labels["io.podsim.kind"]]++
		}
	}
	want := map[string]int{"/sandbox": 1, "sidecar/init": 1, "steady/container": 1, "flaky/container": 1}
	if diff := cmp.Diff(want, live); diff != "" {
		tb.Errorf("pod %s: live containers (-want +got):\n%s", s.name, diff)
	}
}

// sandbox is the name of the pod's live pause container.
func (s *subject) sandbox(tb testing.TB) string {
	tb.Helper()
	for _, o := range s.h.For(tb).Leftovers() {
		if o.Labels["io.podsim.kind"] == "sandbox" && o.State == "running" {
			return o.Name
		}
	}
	tb.Fatal("no sandbox")
	return ""
}

// ids are the engine's ids of the pod's containers, by name.
func (s *subject) ids(tb testing.TB) map[string]string {
	tb.Helper()
	ids := map[string]string{}
	status := s.pod(tb).Status
	for _, c := range append(status.InitContainerStatuses, status.ContainerStatuses...) {
		ids[c.Name] = c.ContainerID
	}
	return ids
}

// goneWithoutTrace wants nothing of the pod: not on the engine, not on disk.
// It returns how much there was.
func (s *subject) goneWithoutTrace(tb testing.TB) int {
	tb.Helper()
	h := s.h.For(tb)
	left := 0
	for _, o := range h.Leftovers() {
		if o.Labels["io.kubernetes.pod.name"] == s.name {
			tb.Errorf("left on the engine: %s", o)
			left++
		}
	}
	for _, path := range files(tb, h) {
		if strings.Contains(path, "/"+s.name) || strings.HasPrefix(path, "tmp/") {
			tb.Errorf("left on disk: %s", path)
			left++
		}
	}
	return left
}

// files are those of the home's stores, relative to them.
func files(tb testing.TB, h *harness.Home) []string {
	tb.Helper()
	var out []string
	stores, _ := filepath.Glob(filepath.Join(h.Dir, "engines", "*"))
	for _, dir := range stores {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if rel, relErr := filepath.Rel(dir, path); err == nil && relErr == nil {
				out = append(out, rel)
			}
			return nil // it may have gone meanwhile
		})
		if err != nil {
			tb.Fatalf("list %s: %v", dir, err)
		}
	}
	return out
}
