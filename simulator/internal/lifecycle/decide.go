package lifecycle

import (
	"fmt"
	"maps"
	"time"

	v1 "k8s.io/api/core/v1"
)

// Decide says what to do now.
func Decide(s Snapshot) Plan {
	if s.Unscheduled != "" && s.Pod.DeletionTimestamp == nil {
		return unscheduled(s)
	}
	d := newDecision(s)
	d.remember()
	d.judge()
	switch {
	case d.m.Finished:
		d.afterEnd()
	case d.mustEnd():
		d.end()
	default:
		d.live()
	}
	d.collect()
	return d.plan()
}

// decision is one run of Decide: the snapshot, the memory as it will be, and
// the plan as far as it is made.
type decision struct {
	s  *Snapshot
	m  Memory
	p  Plan
	us []*unit
}

func newDecision(s Snapshot) *decision {
	if s.Pod == nil {
		s.Pod = &v1.Pod{}
	}
	m := s.Memory
	if m.StartTime.IsZero() {
		m = Recover(s)
	}
	m = m.clone()
	d := &decision{s: &s, m: m, p: Plan{At: s.Now}}
	d.us = units(d.s, &d.m)
	return d
}

func (m Memory) clone() Memory {
	m.InitDone = maps.Clone(m.InitDone)
	m.PullBackoff = maps.Clone(m.PullBackoff)
	m.Containers = maps.Clone(m.Containers)
	m.Verdict = clonePtr(m.Verdict)
	if m.InitDone == nil {
		m.InitDone = map[string]bool{}
	}
	if m.PullBackoff == nil {
		m.PullBackoff = map[string]PullBackoff{}
	}
	if m.Containers == nil {
		m.Containers = map[string]ContainerMemory{}
	}
	return m
}

// plan closes the decision.
func (d *decision) plan() Plan {
	for _, u := range d.us {
		d.m.Containers[u.name] = u.mem
	}
	d.p.Memory = d.m
	return d.p
}

// live decides for a pod that is to run.
func (d *decision) live() {
	if !d.sandboxReady() {
		return
	}
	d.tellResize()
	inits, done, failed := d.inits()
	if failed || d.over() {
		d.terminate()
		return
	}
	var apps []*unit
	if done {
		var alive bool
		if apps, alive = d.apps(); !alive {
			d.terminate()
			return
		}
	}
	d.kills()
	queue := append(d.ephemerals(), inits...)
	d.startNext(append(queue, apps...))
	d.resizes()
}

// now is the snapshot's time.
func (d *decision) now() time.Time { return d.s.Now }

func (d *decision) deleting() bool { return d.s.Pod.DeletionTimestamp != nil }

// act asks for an action on a container.
func (d *decision) act(u *unit, kind ActionKind, attempt int, grace time.Duration, cause string) {
	u.asked = true
	d.p.Actions = append(d.p.Actions, Action{Kind: kind, Container: u.name, Attempt: attempt, Grace: grace, Cause: cause})
}

// actPod asks for an action on the pod.
func (d *decision) actPod(kind ActionKind, attempt int, cause string) {
	d.p.Actions = append(d.p.Actions, Action{Kind: kind, Attempt: attempt, Cause: cause})
}

func (d *decision) normal(container, reason, format string, args ...any) {
	d.p.Events = append(d.p.Events, Event{Container: container, Reason: reason, Message: fmt.Sprintf(format, args...)})
}

func (d *decision) warning(container, reason, format string, args ...any) {
	d.p.Events = append(d.p.Events, Event{Warning: true, Container: container, Reason: reason, Message: fmt.Sprintf(format, args...)})
}

// wake asks for another look at t, unless an earlier one is planned.
func (d *decision) wake(t time.Time) {
	if d.p.Wake.IsZero() || t.Before(d.p.Wake) {
		d.p.Wake = t
	}
}

// of lists the units of some kinds.
func (d *decision) of(kinds ...kind) []*unit {
	var us []*unit
	for _, u := range d.us {
		for _, k := range kinds {
			if u.kind == k {
				us = append(us, u)
			}
		}
	}
	return us
}

// podName is how the kubelet names a pod in messages: NAME_NAMESPACE(UID).
func (d *decision) podName() string {
	p := d.s.Pod
	return fmt.Sprintf("%s_%s(%s)", p.Name, p.Namespace, p.UID)
}

// Events that are decided here.
const (
	reasonKilling        = "Killing"
	reasonBackOff        = "BackOff"
	reasonFailed         = "Failed"
	reasonFailedMount    = "FailedMount"
	reasonSandboxChanged = "SandboxChanged"
)
