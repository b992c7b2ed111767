package node

import (
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// finished holds that nothing is made or started for a pod whose phase is
// terminal.
func (j *judge) finished() {
	end := j.finishedAt()
	if end == 0 {
		return
	}
	for _, i := range j.all {
		if i.made > end+time.Second && j.calm(end-5*time.Second, i.made) { // what was under way may come late
			j.fail(i.made, "%s%s was made after the pod had finished at %s", i.kind, i, end)
		}
		if i.tried() > end {
			j.fail(i.tried(), "%s%s was started after the pod had finished at %s", i.kind, i, end)
		}
	}
}

// finishedAt is when a terminal phase was first published; 0 is never.
func (j *judge) finishedAt() time.Duration {
	for _, s := range j.statuses {
		if terminal(s.Phase) {
			return s.at
		}
	}
	return 0
}

// deletedWhole holds that a deleted pod's object goes, in time, and leaves
// nothing on the engine.
func (j *judge) deletedWhole() {
	last := j.deletions[len(j.deletions)-1]
	if j.gone == 0 {
		j.fail(last.at, "the pod is still there")
		return
	}
	if len(j.left) > 0 {
		j.fail(j.gone, "left on the engine: %s", strings.Join(j.left, ", "))
	}
	limit := last.at + max(last.grace, time.Second) + leastStop + slack + 5*time.Second
	if j.gone > limit && j.calm(last.at-10*time.Second, limit) {
		j.fail(j.gone, "the pod went %s after its deletion within %s", j.gone-last.at, last.grace)
	}
}

// converged holds that, faults being over, the pod came to where its programs
// and policies bring it: nothing that should run is missing.
func (j *judge) converged() {
	at := j.quiet.at
	s := j.status(at - 1)
	if j.deletions[0].at < at {
		return
	}
	if s == nil {
		j.fail(at, "there is no status")
		return
	}
	if terminal(s.Phase) {
		for _, c := range j.quiet.containers {
			if c.State == runtime.StateRunning {
				j.fail(at, "the pod is %s and %s runs", s.Phase, c.Name)
			}
		}
		if !j.mayBeOver(s) {
			j.fail(at, "the pod is %s for no reason", s.Phase)
		}
		return
	}
	switch box := j.sandboxAt(at); {
	case box != nil:
		if j.initialized(box) {
			j.appsSettled()
		}
	case j.sandboxAt(at-slack) == nil: // else it has just ended, and the pod with it
		j.fail(at, "the pod has no sandbox")
	}
}

// initialized looks at the init containers in order; at the first that is not
// done it wants a reason.
func (j *judge) initialized(box *incarnation) bool {
	passed := slices.ContainsFunc(j.script.Pod.Spec.Containers, func(c v1.Container) bool { return j.runsNow(c.Name) })
	for _, c := range j.script.Pod.Spec.InitContainers {
		last := j.newest(c.Name)
		sidecar := j.script.isSidecar(c.Name)
		switch {
		case j.runsNow(c.Name):
			if !sidecar || c.StartupProbe != nil {
				return passed
			}
			continue
		case !sidecar && (passed || last != nil && last.sandbox == box.id && last.ended != 0 && last.code == 0):
			continue
		case j.held(&c):
			return passed
		}
		j.fail(j.quiet.at, "%s should run", c.Name)
		return false
	}
	return true
}

func (j *judge) newest(name string) *incarnation {
	list := j.of(name)
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

func (j *judge) runsNow(name string) bool {
	i := j.newest(name)
	return i != nil && i.runs(j.quiet.at)
}

// held says that a container waits for a reason: its image, its back-off, or
// another container's start before its own.
func (j *judge) held(c *v1.Container) bool {
	if p, ok := j.script.Pulls[c.Image]; ok && (p.Fails > 0 || c.ImagePullPolicy == v1.PullNever) {
		return true
	}
	if _, h := j.restarts(c); j.newest(c.Name) != nil {
		delay := max(h.delay, backoffFirst)
		if slices.ContainsFunc(j.script.Steps, step.failsStarts) {
			delay = backoffMost // starts that failed lengthen it, too
		}
		return j.quiet.at < j.newest(c.Name).over()+delay+15*time.Second || j.starting()
	}
	return j.starting()
}

// starting says that some container's postStart hook, its end or a pull keeps
// others.
func (j *judge) starting() bool {
	for _, i := range j.all {
		if i.runs(j.quiet.at) && i.first("TERM") != 0 && i.first("TERM") < j.quiet.at {
			return true
		}
	}
	return slices.ContainsFunc(j.script.containers(), func(c v1.Container) bool {
		return !j.steady(c.Name) || j.script.Pulls[c.Image].Takes > 0
	})
}

func (j *judge) appsSettled() {
	ended := 0
	for _, c := range j.script.Pod.Spec.Containers {
		last := j.newest(c.Name)
		switch {
		case j.runsNow(c.Name):
		case last != nil && last.over() != 0 && !j.restartsAfter(&c, last.exit()):
			ended++
		case !j.held(&c):
			j.fail(j.quiet.at, "%s should run", c.Name)
		}
	}
	if ended == len(j.script.Pod.Spec.Containers) && j.quiet.at-j.lastEnd() > 40*time.Second {
		j.fail(j.quiet.at, "every container has ended and the pod has not")
	}
}

// lastEnd is when something ended last.
func (j *judge) lastEnd() time.Duration {
	var last time.Duration
	for _, i := range j.all {
		last = max(last, i.ended, i.failed)
	}
	return last
}

// mayBeOver says whether a pod had a reason to finish.
func (j *judge) mayBeOver(s *v1.PodStatus) bool {
	if s.Reason == "DeadlineExceeded" {
		end := s.StartTime.Add(time.Duration(*j.script.Pod.Spec.ActiveDeadlineSeconds) * time.Second)
		return !j.begun.Add(j.quiet.at).Before(end)
	}
	if len(j.sandboxes()) > 0 && j.script.Pod.Spec.RestartPolicy == v1.RestartPolicyNever && !j.faultless() {
		return true // what is lost is not made again
	}
	for _, c := range j.script.Pod.Spec.InitContainers {
		last := j.newest(c.Name)
		if !j.script.isSidecar(c.Name) && last != nil && last.exit() != 0 && !j.restartsAfter(&c, last.exit()) {
			return true
		}
	}
	return !slices.ContainsFunc(j.script.Pod.Spec.Containers, func(c v1.Container) bool {
		last := j.newest(c.Name)
		// Who was killed is not restarted for a rule about its exit code.
		return last == nil || last.over() == 0 || j.restartsAfter(&c, last.exit()) && last.first("TERM") == 0
	})
}

// idle holds that a pod to which nothing happens is left alone, and that the
// worker never goes round without time passing.
func (j *judge) idle() {
	for _, at := range j.spun {
		j.fail(at, "decided %d times at one moment", spinning)
		return
	}
	const span = 30 * time.Second
	from := j.quiet.at - span
	if slices.ContainsFunc(j.moments, func(m moment) bool { return m.at >= from && m.at <= j.quiet.at }) || !j.calm(from, j.quiet.at) {
		return
	}
	within := func(at time.Duration) bool { return at >= from && at < j.quiet.at }
	execs, calls, decided := 0, 0, 0
	for _, c := range j.calls {
		switch {
		case !within(c.at):
		case c.Op == "exec":
			execs++
		default:
			calls++
		}
	}
	for _, at := range j.decided {
		if within(at) {
			decided++
		}
	}
	if calls > 5+3*len(j.script.containers()) { // an image that may not be pulled is looked for every ten seconds
		j.fail(j.quiet.at, "%d calls of the engine in %s in which nothing happened", calls, span)
	}
	if decided > 30+2*execs {
		j.fail(j.quiet.at, "%d decisions in %s in which nothing happened", decided, span)
	}
}
