package lifecycle

import (
	"fmt"
	"slices"
	"time"
)

// retryAfter is how long a start that failed for a reason without a back-off
// of its own is held back.
const retryAfter = 10 * time.Second

// Reasons of a start that failed after an instance was made.
const (
	ReasonRunContainerError  = "RunContainerError"
	ReasonPostStartHookError = "PostStartHookError"
)

// ofInstance says whether a failure is about an instance that exists.
func ofInstance(reason string) bool {
	return reason == ReasonRunContainerError || reason == ReasonPostStartHookError
}

// startNext brings one container of the queue a step further. One is started
// at a time: the next one's turn comes when it runs and its postStart hook has
// ended. As in the kubelet's rounds, a container that ended at once is started
// again only after all behind it had their turn.
func (d *decision) startNext(queue []*unit) {
	for _, u := range d.us {
		if u.starting() || u.hookKilled() {
			return
		}
	}
	for _, u := range d.inTurn(queue) {
		if d.start(u) {
			return
		}
	}
}

// inTurn puts first the container whose start has begun, then those behind the
// one started last.
func (d *decision) inTurn(queue []*unit) []*unit {
	last := slices.IndexFunc(d.us, func(u *unit) bool { return u.name == d.m.Turn })
	var begun, behind, before []*unit
	for _, u := range queue {
		switch {
		case d.cleared(u):
			begun = append(begun, u)
		case slices.Index(d.us, u) > last:
			behind = append(behind, u)
		default:
			before = append(before, u)
		}
	}
	return slices.Concat(begun, behind, before)
}

// hookKilled is true while a container runs whose postStart hook failed; the
// kubelet's start of it returns when it has been killed, and is heard of then.
func (u *unit) hookKilled() bool {
	i := u.running()
	return i != nil && i.PostStart == HookFailed
}

// start takes the next step towards a new instance and says whether there was
// one to take.
func (d *decision) start(u *unit) bool {
	if u.see.Busy != Idle || u.asked {
		return u.see.Busy != BusyRemove && u.see.Busy != BusyStop && u.see.Busy != BusyPreStop
	}
	if !d.cleared(u) {
		if d.held(u) {
			return false
		}
		d.clear(u)
	}
	if u.see.ImageReady {
		d.m.Turn = u.name
		d.act(u, ActStart, u.next(), 0, d.whyStart(u))
	} else {
		d.act(u, ActImage, u.next(), 0, d.whyStart(u))
	}
	return true
}

// cleared says whether the next attempt passed every back-off before.
func (d *decision) cleared(u *unit) bool {
	s := u.mem.Start
	if s == nil || s.Attempt != u.next() || s.SpecHash != u.see.SpecHash {
		return false
	}
	f := u.see.Failure
	return f == nil || f.At.Equal(s.Known)
}

// clear lets the next attempt be started.
func (d *decision) clear(u *unit) {
	d.stepBackoff(u, d.lastRun(u))
	u.mem.Start = &Start{Attempt: u.next(), SpecHash: u.see.SpecHash}
	if f := u.see.Failure; f != nil {
		u.mem.Start.Known = f.At
	}
}

// lastRun is the run whose end a back-off counts from.
func (d *decision) lastRun(u *unit) *Instance {
	i := u.ended()
	if u.replacing() {
		i = u.endedBefore(i.Attempt)
	}
	if i != nil && u.kind == initKind && i.SandboxAttempt != d.s.Sandbox.Attempt {
		return nil // init containers of an earlier sandbox are forgotten
	}
	return i
}

// held says whether the next attempt has to wait, and notes why. A restart
// decided together with a kill is checked against the run before it, as the
// kubelet does, and given up when that holds it back.
func (d *decision) held(u *unit) bool {
	if d.heldByFailure(u) || d.heldByPull(u) {
		return true
	}
	if u.kind == ephemeralKind {
		return false
	}
	last := d.lastRun(u)
	if _, held := d.inBackoff(u, last); held && u.mem.Kill != nil {
		u.mem.Kill = nil
		last = d.lastRun(u)
	}
	return d.heldByCrash(u, last)
}

// heldByFailure keeps a start that just failed from being tried at once.
func (d *decision) heldByFailure(u *unit) bool {
	f := u.see.Failure
	if f == nil || isPullFailure(f.Reason) {
		return false
	}
	if ofInstance(f.Reason) && f.Attempt < u.next() {
		return false
	}
	end := f.At.Add(retryAfter)
	if !d.now().Before(end) {
		return false
	}
	d.wake(end)
	return true
}

func (d *decision) whyStart(u *unit) string {
	i := u.newest()
	switch {
	case u.mem.Kill != nil && u.mem.Kill.Restart:
		return fmt.Sprintf("replaces the one killed (%s)", u.mem.Kill.Why)
	case i == nil:
		return "never started"
	case i.State == Vanished:
		return "the last one vanished"
	case i.SandboxAttempt != d.s.Sandbox.Attempt:
		return "new sandbox"
	}
	return fmt.Sprintf("exited with %d", i.Code())
}
