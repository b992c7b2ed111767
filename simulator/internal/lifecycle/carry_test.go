package lifecycle_test

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/podsim/podsim/simulator/internal/lifecycle"
)

// check holds what every action must obey, whatever the story.
func (w *world) check(a Action) {
	w.t.Helper()
	if a.Container == "" {
		w.checkPodAction(a)
		return
	}
	if a.Kind == ActStart {
		w.checkStart(a)
	}
	c := w.seen[a.Container]
	switch {
	case a.Kind == ActStart && c.Busy != Idle, a.Kind == ActImage && c.Busy != Idle,
		a.Kind == ActPreStop && c.Busy == BusyPreStop, a.Kind == ActRemove && c.Busy != Idle:
		w.t.Fatalf("at %s: %s while busy with %q", w.at, a, c.Busy)
	case a.Kind == ActStart && len(c.Instances) > 0 && c.Instances[0].State == Running:
		w.t.Fatalf("at %s: %s while one runs", w.at, a)
	case a.Kind == ActStart && w.snap.Sandbox.State != SandboxReady:
		w.t.Fatalf("at %s: %s without a sandbox", w.at, a)
	}
}

// carryOut does what a plan asks for.
func (w *world) carryOut(a Action) {
	c := w.seen[a.Container]
	sb := &w.snap.Sandbox
	switch a.Kind {
	case ActSandbox:
		*sb = Sandbox{State: SandboxStarted, Attempt: a.Attempt, CreatedAt: w.now()}
		w.later(300*time.Millisecond, func() { sb.State, sb.IPs = SandboxReady, []string{"10.0.0.9"} })
	case ActStopSandbox:
		sb.Stopping = true
		w.later(100*time.Millisecond, func() { sb.Stopping, sb.State = false, SandboxDead })
	case ActTeardown:
		sb.Stopping = true
		w.later(100*time.Millisecond, func() { w.gone = true })
	case ActImage:
		c.Busy = BusyImage
		w.later(time.Millisecond, func() { w.pulled(a.Container) })
	case ActStart:
		w.begin(a, c)
	case ActPreStop:
		w.preStop(a, c)
	case ActStop:
		w.stop(a, c)
	case ActRemove:
		c.Busy = BusyRemove
		w.later(10*time.Millisecond, func() {
			c.Busy = Idle
			c.Instances = slices.DeleteFunc(c.Instances, func(i Instance) bool { return i.Attempt == a.Attempt })
		})
	}
}

func (w *world) pulled(name string) {
	c := w.seen[name]
	c.Busy = Idle
	if c.pulls++; c.pulls <= w.p.pulls[name] {
		c.Failure = &Failure{At: w.now(), Reason: ReasonErrImagePull, Message: "no such image"}
		return
	}
	c.ImageReady, c.Failure = true, nil
}

// script is what an attempt does.
func (c *seen) script(attempt int) run { return c.runs[min(attempt, len(c.runs)-1)] }

func (w *world) begin(a Action, c *seen) {
	c.Busy, c.ImageReady = BusyStart, false
	backoff := w.snap.Memory.Containers[a.Container].Backoff.Delay
	w.later(w.p.start, func() {
		if f, ok := w.p.fails[a.Container]; ok {
			f.At, f.Attempt = w.now(), a.Attempt
			c.Busy, c.Failure = Idle, &f
			return
		}
		w.started(a, c, backoff)
	})
}

func (w *world) started(a Action, c *seen, backoff time.Duration) {
	r := c.script(a.Attempt)
	i := Instance{
		ID: a.Container + string(rune('0'+a.Attempt)), Attempt: a.Attempt, State: Running,
		Image: "docker.io/library/busybox:1.35", SpecHash: c.SpecHash,
		CreatedAt: w.now(), StartedAt: w.now(), SandboxAttempt: w.snap.Sandbox.Attempt,
		Backoff: backoff,
	}
	c.Probes = Probes{}
	if r.startError != "" {
		i.State, i.StartError, i.FinishedAt, i.ExitCode = Exited, r.startError, w.now(), 127
		c.Busy, c.Failure = Idle, &Failure{At: w.now(), Attempt: a.Attempt, Reason: ReasonRunContainerError, Message: r.startError}
	}
	c.Instances = slices.Insert(c.Instances, 0, i)
	w.record(c, i)
	if r.startError != "" {
		return
	}
	if r.life < forever {
		w.later(r.life, func() { w.exit(c, a.Attempt, r.code, r.oom) })
	}
	if r.postStart > 0 {
		c.Instances[0].PostStart = HookRunning
	}
	w.later(r.postStart, func() { w.settled(a, c, r) })
}

// settled ends a start: its hook is done.
func (w *world) settled(a Action, c *seen, r run) {
	i := c.find(a.Attempt)
	if i == nil || c.Busy != BusyStart {
		return
	}
	c.Busy, c.Failure = Idle, nil
	if r.postStart > 0 {
		i.PostStart = HookDone
	}
	if r.hookFails {
		i.PostStart = HookFailed
		c.Failure = &Failure{At: w.now(), Attempt: a.Attempt, Reason: ReasonPostStartHookError, Message: "hook failed"}
	}
	probe := func(after time.Duration, set func()) {
		w.later(after, func() {
			if n := c.find(a.Attempt); n != nil && n.State == Running {
				set()
			}
		})
	}
	probe(r.up, func() { c.Probes.Startup = ProbeSuccess })
	probe(r.up, func() { c.Probes.Readiness = ProbeSuccess })
	if r.sick > 0 {
		probe(r.sick, func() { c.Probes.Liveness = ProbeFailure })
	}
}

func (c *seen) find(attempt int) *Instance {
	for n := range c.Instances {
		if c.Instances[n].Attempt == attempt {
			return &c.Instances[n]
		}
	}
	return nil
}

func (w *world) exit(c *seen, attempt, code int, oom bool) {
	i := c.find(attempt)
	if i == nil || i.State != Running {
		return
	}
	i.State, i.ExitCode, i.FinishedAt, i.OOMKilled = Exited, code, w.now(), oom
	w.record(c, *i)
	if c.Busy == BusyStop {
		c.Busy = Idle
	}
}

func (w *world) preStop(a Action, c *seen) {
	r := c.script(a.Attempt)
	c.Busy = BusyPreStop
	i := c.find(a.Attempt)
	i.PreStop = HookRunning
	result := HookDone
	if r.preStop > a.Grace {
		result = HookFailed
	}
	w.later(min(r.preStop, a.Grace), func() {
		if i := c.find(a.Attempt); i != nil && c.Busy == BusyPreStop {
			c.Busy, i.PreStop = Idle, result
		}
	})
}

func (w *world) stop(a Action, c *seen) {
	r := c.script(a.Attempt)
	first := c.Busy != BusyStop
	c.Busy = BusyStop
	c.kills++
	round := c.kills
	if first && r.term < forever {
		w.later(r.term, func() { w.exit(c, a.Attempt, r.termCode, false) })
	}
	w.later(a.Grace, func() {
		if round == c.kills {
			w.exit(c, a.Attempt, 137, false)
		}
	})
}

// deleteWithin asks for the deletion of the pod.
func deleteWithin(grace int64) func(*world) {
	return func(w *world) {
		t := metav1.NewTime(w.now().Add(time.Duration(grace) * time.Second))
		w.snap.Pod.DeletionTimestamp, w.snap.Pod.DeletionGracePeriodSeconds = &t, &grace
		w.snap.Pod.Generation++
	}
}
