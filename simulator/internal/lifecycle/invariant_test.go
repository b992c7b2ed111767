package lifecycle_test

import (
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
	. "github.com/podsim/podsim/simulator/internal/lifecycle"
)

// record keeps what became of an instance, whatever happens to it later.
func (w *world) record(c *seen, i Instance) {
	for name, s := range w.seen {
		if s != c {
			continue
		}
		list := slices.DeleteFunc(w.history[name], func(o Instance) bool { return o.Attempt == i.Attempt })
		w.history[name] = append(list, i)
	}
}

// checkStart holds that attempts only grow, that init containers come before
// ordinary ones, and that no restart comes before its back-off.
func (w *world) checkStart(a Action) {
	w.t.Helper()
	for _, i := range w.history[a.Container] {
		if i.Attempt >= a.Attempt {
			w.t.Fatalf("at %s: %s after attempt %d", w.at, a, i.Attempt)
		}
	}
	w.checkInit(a)
	w.checkBackoff(a)
}

// checkInit holds that the init containers in front of a container are done.
func (w *world) checkInit(a Action) {
	w.t.Helper()
	for _, c := range w.p.pod.Spec.InitContainers {
		if c.Name == a.Container {
			return
		}
		here := slices.ContainsFunc(w.history[c.Name], func(i Instance) bool {
			return i.SandboxAttempt == w.snap.Sandbox.Attempt && (podspec.IsSidecar(&c) || i.State == Exited && i.ExitCode == 0)
		})
		if !here {
			w.t.Fatalf("at %s: %s before init container %s was done", w.at, a, c.Name)
		}
	}
}

// checkBackoff shadows the restarts: at once, then 10 s, 20 s, ... after each
// end. A restart that goes with a kill counts from the run before.
func (w *world) checkBackoff(a Action) {
	w.t.Helper()
	runs := w.history[a.Container]
	if len(runs) == 0 {
		return
	}
	last := runs[len(runs)-1]
	if last.SandboxAttempt != w.snap.Sandbox.Attempt && w.isInit(a.Container) {
		delete(w.delays, a.Container) // forgotten with their sandbox
		return
	}
	if k := w.snap.Memory.Containers[a.Container].Kill; k != nil && k.Restart {
		if len(runs) == 1 {
			return
		}
		last = runs[len(runs)-2]
	}
	delay := w.delays[a.Container]
	if got := w.now().Sub(last.FinishedAt); got < delay {
		w.t.Fatalf("at %s: %s %s after the end, not %s; before:\n%s", w.at, a, got, delay, strings.Join(w.actions, "\n"))
	}
	switch {
	case delay == 0 || last.FinishedAt.Sub(last.StartedAt) > 10*time.Minute:
		delay = 10 * time.Second
	default:
		delay = min(2*delay, 5*time.Minute)
	}
	w.delays[a.Container] = delay
}

func (w *world) isInit(name string) bool {
	return slices.ContainsFunc(w.p.pod.Spec.InitContainers, func(c v1.Container) bool { return c.Name == name })
}

// checkPodAction holds that nothing runs any more when a sandbox is made, ended
// or removed.
func (w *world) checkPodAction(a Action) {
	w.t.Helper()
	for name, c := range w.seen {
		if len(c.Instances) > 0 && c.Instances[0].State == Running {
			w.t.Fatalf("at %s: %s while %s runs", w.at, a, name)
		}
	}
}

// checkStatus holds that a status follows from the one before.
func (w *world) checkStatus(st v1.PodStatus) {
	w.t.Helper()
	checkStatus(w.t, w.snapshot(), st)
	old := w.snap.Pod.Status
	if (old.Phase == v1.PodSucceeded || old.Phase == v1.PodFailed) && st.Phase != old.Phase {
		w.t.Fatalf("at %s: phase %s after %s", w.at, st.Phase, old.Phase)
	}
	was := map[string]int32{}
	for _, c := range slices.Concat(old.InitContainerStatuses, old.ContainerStatuses) {
		was[c.Name] = c.RestartCount
	}
	for _, c := range slices.Concat(st.InitContainerStatuses, st.ContainerStatuses) {
		if c.RestartCount < was[c.Name] {
			w.t.Fatalf("at %s: %s has restarted %d times after %d", w.at, c.Name, c.RestartCount, was[c.Name])
		}
	}
}
