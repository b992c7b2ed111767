package node

import (
	"maps"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

func terminal(p v1.PodPhase) bool { return p == v1.PodSucceeded || p == v1.PodFailed }

// statusLegal holds what is true of every status that a kubelet writes.
func (j *judge) statusLegal() {
	j.transitions()
	for _, s := range j.statuses {
		if len(s.ContainerStatuses) == 0 {
			continue // rejected
		}
		j.conditionsLegal(s)
		for _, c := range s.InitContainerStatuses {
			j.containerLegal(s, c, !j.script.isSidecar(c.Name))
		}
		for _, c := range s.ContainerStatuses {
			j.containerLegal(s, c, false)
		}
		if !slices.IsSortedFunc(s.ContainerStatuses, func(a, b v1.ContainerStatus) int { return strings.Compare(a.Name, b.Name) }) {
			j.fail(s.at, "container statuses are not sorted")
		}
	}
}

// transitions holds that a condition's time changes with its status and only
// then.
func (j *judge) transitions() {
	last := map[v1.PodConditionType]v1.PodCondition{}
	for _, s := range j.statuses {
		for _, c := range s.Conditions {
			old, seen := last[c.Type]
			want := j.begun.Add(s.at)
			if old.Status == c.Status {
				want = old.LastTransitionTime.Time
			}
			if seen && !c.LastTransitionTime.Time.Equal(want) {
				j.fail(s.at, "condition %s went from %s to %s, its time from %s to %s", c.Type, old.Status, c.Status, old.LastTransitionTime, c.LastTransitionTime)
			}
			last[c.Type] = c
		}
	}
}

// containerLegal checks one container's status; runsToEnd is true for an init
// container that is no sidecar.
func (j *judge) containerLegal(s published, c v1.ContainerStatus, runsToEnd bool) {
	set := 0
	for _, is := range []bool{c.State.Running != nil, c.State.Waiting != nil, c.State.Terminated != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		j.fail(s.at, "%s has %d states", c.Name, set)
	}
	if c.LastTerminationState.Running != nil || c.LastTerminationState.Waiting != nil {
		j.fail(s.at, "the last state of %s is no end", c.Name)
	}
	started := c.Started != nil && *c.Started
	if started && c.State.Running == nil {
		j.fail(s.at, "%s is started and does not run", c.Name)
	}
	if c.Ready && !runsToEnd && !started {
		j.fail(s.at, "%s is ready and not started", c.Name)
	}
	if c.Ready && runsToEnd && (c.State.Terminated == nil || c.State.Terminated.ExitCode != 0) {
		j.fail(s.at, "init container %s is ready and has not ended with 0", c.Name)
	}
	if r := c.State.Running; r != nil && (r.StartedAt.IsZero() || c.ContainerID == "") {
		j.fail(s.at, "%s runs without an id or since no time", c.Name)
	}
	if e := c.State.Terminated; e != nil && e.FinishedAt.Before(&e.StartedAt) {
		j.fail(s.at, "%s ended before it was started", c.Name)
	}
	if w := c.State.Waiting; w != nil && w.Reason == "" {
		j.fail(s.at, "%s waits for no reason", c.Name)
	}
}

func (j *judge) conditionsLegal(s published) {
	is := map[v1.PodConditionType]bool{}
	ending := false // not ready any more, whatever still runs
	for _, c := range s.Conditions {
		is[c.Type] = c.Status == v1.ConditionTrue
		ending = ending || c.Type == v1.ContainersReady && (c.Reason == "PodFailed" || c.Reason == "PodCompleted")
	}
	for _, t := range []v1.PodConditionType{v1.PodReadyToStartContainers, v1.PodInitialized, v1.PodReady, v1.ContainersReady, v1.PodScheduled} {
		if _, ok := is[t]; !ok {
			j.fail(s.at, "condition %s is missing", t)
		}
	}
	ready := true
	for _, c := range s.InitContainerStatuses {
		ready = ready && (c.Ready || !j.script.isSidecar(c.Name))
	}
	for _, c := range s.ContainerStatuses {
		ready = ready && c.Ready
	}
	switch {
	case is[v1.ContainersReady] != ready && !ending:
		j.fail(s.at, "containers are ready: %v, the condition says %v", ready, is[v1.ContainersReady])
	case is[v1.PodReady] && !ready:
		j.fail(s.at, "the pod is ready and its containers are not")
	case terminal(s.Phase) && (is[v1.PodReady] || is[v1.PodReadyToStartContainers]):
		j.fail(s.at, "the pod is %s and ready", s.Phase)
	}
}

// phases holds that a terminal phase is never left, that nothing runs in it,
// and that a pod which was running goes back to pending only with its sandbox.
func (j *judge) phases() {
	last := v1.PodPhase("")
	var start time.Time
	for _, s := range j.statuses {
		switch s.Phase {
		case v1.PodPending, v1.PodRunning, v1.PodSucceeded, v1.PodFailed:
		default:
			j.fail(s.at, "phase %q", s.Phase)
		}
		if terminal(last) && s.Phase != last {
			j.fail(s.at, "phase %s after %s", s.Phase, last)
		}
		if terminal(s.Phase) {
			for _, i := range j.all {
				if i.name != "" && i.runs(s.at) {
					j.fail(s.at, "phase %s while %s runs", s.Phase, i)
				}
			}
		}
		if last == v1.PodRunning && s.Phase == v1.PodPending && len(j.sandboxes()) < 2 && j.sandboxAt(s.at) != nil {
			j.fail(s.at, "phase Pending after Running in the same sandbox")
		}
		last = s.Phase
		if s.StartTime == nil || !start.IsZero() && !s.StartTime.Time.Equal(start) {
			j.fail(s.at, "start time %v after %v", s.StartTime, start)
		} else {
			start = s.StartTime.Time
		}
	}
}

// statusTrue holds that what is said of an instance is so, and that what is so
// is said before long.
func (j *judge) statusTrue() {
	byID := map[string]*incarnation{}
	for _, i := range j.all {
		byID["docker://"+string(i.id)] = i
	}
	for _, s := range j.statuses {
		for _, c := range slices.Concat(s.InitContainerStatuses, s.ContainerStatuses) {
			j.lastStateTrue(s, c, byID)
			i := byID[c.ContainerID]
			if r := c.State.Running; r != nil {
				switch {
				case i == nil || i.started == 0 || i.started > s.at:
					j.fail(s.at, "%s is said to run and was not started", c.Name)
				case i.ended != 0 && s.at-i.ended > 2*time.Second && j.calm(i.ended, s.at) && !j.replaced(i, s.at) && !j.ending(s.at, 2*time.Second):
					j.fail(s.at, "%s is said to run and ended at %s", i, i.ended)
				}
			}
			if e := c.State.Terminated; e != nil && e.ContainerID != "" {
				i := byID[e.ContainerID]
				if i == nil || i.over() == 0 || i.over() > s.at || i.failed == 0 && i.code != int(e.ExitCode) {
					j.fail(s.at, "%s is said to have ended with %d", c.Name, e.ExitCode)
				}
			}
		}
	}
	j.lastStatusTrue()
}

// lastStateTrue holds that the last state is the end of an instance before the
// one that the state is about.
func (j *judge) lastStateTrue(s published, c v1.ContainerStatus, byID map[string]*incarnation) {
	e := c.LastTerminationState.Terminated
	if e == nil || e.ContainerID == "" {
		return
	}
	i := byID[e.ContainerID]
	switch {
	case i == nil || i.name != c.Name || i.over() == 0 || i.over() > s.at || i.failed == 0 && i.code != int(e.ExitCode):
		j.fail(s.at, "%s is said to have ended with %d before", c.Name, e.ExitCode)
	case i.attempt > int(c.RestartCount), c.State.Running != nil && i.attempt >= int(c.RestartCount):
		j.fail(s.at, "%s restarted %d times and its last end is that of %s", c.Name, c.RestartCount, i)
	}
}

// replaced says that an instance was killed to be replaced at once, and that
// this is under way: it is shown as running until then.
func (j *judge) replaced(i *incarnation, at time.Duration) bool {
	return j.killedToRestart(i)
}

// ending says that the pod was being ended as a whole and something of it ran
// until so long ago: then nothing new is said of its containers.
func (j *judge) ending(at, ago time.Duration) bool {
	begun := slices.ContainsFunc(j.events, func(e told) bool {
		return e.at <= at && e.Reason == "Killing" && strings.HasPrefix(e.Message, "Stopping")
	})
	return begun && slices.ContainsFunc(j.all, func(i *incarnation) bool {
		return i.name != "" && (i.runs(at) || i.ended != 0 && i.ended <= at && at-i.ended < ago)
	})
}

// lastStatusTrue compares the last status before the deletion with the engine.
func (j *judge) lastStatusTrue() {
	s := j.status(j.quiet.at - 1)
	if s == nil || j.deletions[0].at < j.quiet.at {
		return
	}
	for _, c := range slices.Concat(s.InitContainerStatuses, s.ContainerStatuses) {
		running := slices.ContainsFunc(j.quiet.containers, func(rc runtime.Container) bool {
			return rc.Meta.Container == c.Name && rc.Meta.Kind != runtime.KindSandbox && rc.State == runtime.StateRunning
		})
		i := j.newest(c.Name)
		if i == nil || j.killedToRestart(i) || slices.ContainsFunc(j.killing(i), func(e told) bool { return e.Message == "FailedPostStartHook" }) {
			continue // the end shows when what follows it has begun
		}
		if !running && j.ending(j.quiet.at, 0) {
			continue // it is told of when the pod's last container has ended
		}
		if running && c.ContainerID == "" && j.pulling() {
			continue // it is told of when all had their turn
		}
		if running != (c.State.Running != nil) && j.steady(c.Name) {
			j.fail(j.quiet.at, "%s is said to be %q and runs: %v", c.Name, stateText(c.State), running)
		}
	}
}

// pulling says that at the end an image was being pulled.
func (j *judge) pulling() bool {
	under := map[string]bool{}
	for _, e := range j.events {
		if e.at <= j.quiet.at && (e.Reason == "Pulling" || e.Reason == "Pulled" || e.Reason == "Failed") {
			under[e.InvolvedObject.FieldPath] = e.Reason == "Pulling"
		}
	}
	return slices.Contains(slices.Collect(maps.Values(under)), true)
}

// steady says that nothing happened to a container shortly before the end.
func (j *judge) steady(name string) bool {
	const span = 15 * time.Second // more than any hook takes
	for _, i := range j.all {
		for _, at := range []time.Duration{i.made, i.started, i.failed, i.ended, i.removed} {
			if i.name == name && at > j.quiet.at-span && at <= j.quiet.at {
				return false
			}
		}
	}
	return true
}
