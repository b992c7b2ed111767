package status

import (
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// currentPhase is the phase that the containers and the verdict give now,
// whether or not it may be published yet.
func (v *view) currentPhase() v1.PodPhase {
	m := &v.s.Memory
	phase := v.tally().phase(m.Finished)
	if d := m.Verdict; d != nil && (d.Failed || m.Finished && !terminal(phase)) {
		return v1.PodFailed
	}
	return phase
}

// tally counts what the containers do, as far as the phase depends on it.
type tally struct {
	initPending    int // regular init containers that have not ended
	sidecarPending int // sidecars that have not started yet
	initFailed     int // regular init containers that failed for good
	initialized    bool

	running, waiting, unknown int
	stopped, final, succeeded int
}

func (v *view) tally() *tally {
	t := &tally{}
	spec := &v.pod.Spec
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		st := find(v.out.InitContainerStatuses, c.Name)
		if podspec.IsSidecar(c) {
			t.sidecar(st)
		} else {
			t.initContainer(spec, c, st)
		}
	}
	for i := range spec.Containers {
		c := &spec.Containers[i]
		t.container(spec, c, find(v.out.ContainerStatuses, c.Name))
		for _, r := range v.shown(c.Name) {
			if v.s.Sandbox.State == lifecycle.SandboxReady && r.SandboxAttempt == v.s.Sandbox.Attempt {
				t.initialized = true
			}
		}
	}
	return t
}

func (t *tally) initContainer(spec *v1.PodSpec, c *v1.Container, st *v1.ContainerStatus) {
	end := lastEnd(st)
	switch {
	case end == nil:
		t.initPending++
	case end.ExitCode != 0 && !lifecycle.Restarts(spec, c, int(end.ExitCode)):
		t.initFailed++
	}
}

// lastEnd is how the container ended when it does not run, else nil.
func lastEnd(st *v1.ContainerStatus) *v1.ContainerStateTerminated {
	switch {
	case st.State.Terminated != nil:
		return st.State.Terminated
	case st.State.Waiting != nil:
		return st.LastTerminationState.Terminated
	}
	return nil
}

// sidecar counts a sidecar; once it has ended it does not matter.
func (t *tally) sidecar(st *v1.ContainerStatus) {
	switch {
	case st.State.Running != nil:
		t.running++
		if st.Started == nil || !*st.Started {
			t.sidecarPending++
		}
	case lastEnd(st) == nil:
		t.sidecarPending++
		t.waiting++
	}
}

func (t *tally) container(spec *v1.PodSpec, c *v1.Container, st *v1.ContainerStatus) {
	end := lastEnd(st)
	switch {
	case st.State.Running != nil:
		t.running++
	case end == nil:
		t.waiting++
	default:
		t.stopped++
		if !lifecycle.Restarts(spec, c, int(end.ExitCode)) {
			t.final++
		}
		if st.State.Terminated != nil && end.ExitCode == 0 {
			t.succeeded++
		}
	}
}

// phase is the pod's; ended is true when nothing will be started again,
// whatever the policy.
func (t *tally) phase(ended bool) v1.PodPhase {
	switch {
	case t.initFailed > 0:
		return v1.PodFailed
	case t.initPending > 0, t.sidecarPending > 0 && !t.initialized, t.waiting > 0:
		return v1.PodPending
	case t.running > 0 && t.unknown == 0:
		return v1.PodRunning
	case t.stopped == 0 || t.unknown > 0:
		return v1.PodPending
	case !ended && t.stopped != t.final:
		return v1.PodRunning
	case t.stopped == t.succeeded:
		return v1.PodSucceeded
	}
	return v1.PodFailed
}
