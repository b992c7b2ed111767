package probe

import (
	"time"

	v1 "k8s.io/api/core/v1"
)

// State is what a probe says of a container after its thresholds.
type State string

// The states. Initial counts as failure for readiness, as success for
// liveness, and as not yet for startup.
const (
	Initial State = ""
	Passed  State = "success"
	Failed  State = "failure"
)

// A kubelet learns that a container runs up to a second after its start.
const (
	unseen = time.Second
	// lookEvery is how often readiness is tried until then.
	lookEvery = 250 * time.Millisecond
)

// Tracker is the state of one probe of one instance of a container. It is a
// value: every method that changes returns the changed one.
//
// A kubelet's probes tick from the moment that it began with the pod, whenever
// their containers start: liveness and startup run at the first tick after the
// start and the initial delay, the readiness probe as soon as the kubelet sees
// the container run, and from then on at its own ticks
// (pkg/kubelet/prober/worker.go: run, doProbe). Until a kubelet would have seen
// the container only a success of the readiness probe counts.
type Tracker struct {
	kind                Kind
	delay, period       time.Duration
	successes, failures int
	// since is when the ticking began, startedAt when the instance did, earliest
	// when its initial delay ends, by the whole second that the status shows.
	since, startedAt, earliest time.Time
	state                      State
	last                       State // of the newest run
	run                        int   // how many in a row ended like last
	due                        time.Time
	started, held, quiet       bool
}

// NewTracker tracks a probe, of a pod begun at since, of an instance that was
// started at startedAt. The seconds of the API may be zero: their defaults are
// taken.
func NewTracker(k Kind, p *v1.Probe, since, startedAt time.Time) Tracker {
	t := Tracker{
		kind:      k,
		delay:     seconds(p.InitialDelaySeconds, 0),
		period:    seconds(p.PeriodSeconds, 10),
		successes: atLeastOne(p.SuccessThreshold, 1),
		failures:  atLeastOne(p.FailureThreshold, 3),
		since:     since,
	}
	return t.Reset(startedAt)
}

func seconds(n, none int32) time.Duration {
	if n <= 0 {
		n = none
	}
	return time.Duration(n) * time.Second
}

func atLeastOne(n, none int32) int {
	if n <= 0 {
		n = none
	}
	return int(n)
}

// Reset begins again for another instance.
func (t Tracker) Reset(startedAt time.Time) Tracker {
	t.state, t.last, t.run = Initial, Initial, 0
	t.started, t.held, t.quiet = t.kind == Startup, false, false
	t.startedAt, t.earliest = startedAt, startedAt.Truncate(time.Second).Add(t.delay)
	t.due = t.turn(startedAt)
	return t
}

// turn is the first tick that is not before after, and when it may run.
func (t Tracker) turn(after time.Time) time.Time {
	tick, least := after, t.earliest
	if t.kind != Readiness {
		tick = t.since.Add(t.period)
	}
	if after.After(least) {
		least = after
	}
	if late := least.Sub(tick); late > 0 {
		tick = tick.Add((late + t.period - 1) / t.period * t.period)
	}
	return tick
}

// Resume continues with the state that an instance is known to have.
func (t Tracker) Resume(s State) Tracker {
	t.state = s
	t.held = t.decided()
	return t
}

// State is what the probe says now.
func (t Tracker) State() State { return t.state }

// Next is when the next run is due; false while there is none. It may lie in
// the past.
func (t Tracker) Next() (time.Time, bool) { return t.due, t.started && !t.held && !t.quiet }

// MarkStarted says that the instance has passed its startup probe, or has
// none. Readiness is then due at once, liveness at its next turn.
func (t Tracker) MarkStarted(now time.Time) Tracker {
	if t.started {
		return t
	}
	t.started, t.due = true, t.turn(now)
	return t
}

// MarkTerminating says that the pod is being deleted: liveness and startup
// count as passed and stop, readiness goes on.
func (t Tracker) MarkTerminating() Tracker {
	if t.kind != Readiness {
		t.state, t.quiet = Passed, true
	}
	return t
}

// Observe counts a run that began and ended at these times. One that errs
// counts for nothing. A run that took longer than the period is followed by
// the next at once. seen is false when a kubelet would not have made this run.
func (t Tracker) Observe(o Outcome, began, ended time.Time) (after Tracker, seen bool) {
	result := Failed
	if o.Err == nil && (o.Result == Success || o.Result == Warning) {
		result = Passed
	}
	if look := t.startedAt.Add(unseen); t.kind == Readiness && result == Failed && began.Before(look) {
		if t.due = ended.Add(lookEvery); t.due.After(look) {
			t.due = look
		}
		return t, false
	}
	return t.count(o, result, ended), true
}

func (t Tracker) count(o Outcome, result State, ended time.Time) Tracker {
	t.due = t.due.Add(t.period)
	for !t.due.Add(t.period).After(ended) {
		t.due = t.due.Add(t.period)
	}
	if o.Err != nil || t.quiet || t.held {
		return t
	}
	if result != t.last {
		t.last, t.run = result, 0
	}
	t.run++
	if result == Failed && t.run < t.failures || result == Passed && t.run < t.successes {
		return t
	}
	t.state = result
	if t.decided() {
		t.held, t.run = true, 0
	}
	return t
}

// decided says that nothing more is asked of this instance.
func (t Tracker) decided() bool {
	return t.kind == Startup && t.state != Initial || t.kind == Liveness && t.state == Failed
}
