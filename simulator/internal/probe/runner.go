package probe

import (
	"context"
	"time"

	v1 "k8s.io/api/core/v1"
)

// Options of a Runner.
type Options struct {
	Kind  Kind
	Probe *v1.Probe
	// Target is the running instance.
	Target Target
	// Since is when the probes of the pod began to tick; zero is StartedAt.
	Since time.Time
	// StartedAt is when the instance was started.
	StartedAt time.Time
	// Started says that it has passed its startup probe, or has none.
	Started bool
	// Resume is the state an adopted instance is known to have.
	Resume State
	// Report is called from the runner's goroutine after every run that a
	// kubelet would have made. It may block until ctx ends, which Stop sees to.
	Report func(ctx context.Context, r Report)
}

// Report is one run of a probe and the state after it.
type Report struct {
	Kind    Kind
	Outcome Outcome
	State   State
	// Changed says that State is another than before the run.
	Changed bool
	At      time.Time
}

// Runner runs one probe of one instance of a container until it is stopped.
type Runner struct {
	options Options
	cancel  context.CancelFunc
	done    chan struct{}
	// say carries what changes the tracker from outside.
	say chan func(Tracker, time.Time) Tracker
}

// Start runs a probe in a goroutine of its own, until Stop or ctx ends.
func Start(ctx context.Context, o Options) *Runner {
	ctx, cancel := context.WithCancel(ctx)
	r := &Runner{
		options: o,
		cancel:  cancel,
		done:    make(chan struct{}),
		say:     make(chan func(Tracker, time.Time) Tracker, 8),
	}
	if o.Since.IsZero() {
		o.Since = o.StartedAt
	}
	t := NewTracker(o.Kind, o.Probe, o.Since, o.StartedAt).Resume(o.Resume)
	if o.Started {
		t = t.MarkStarted(time.Now())
	}
	go r.loop(ctx, t)
	return r
}

// MarkStarted tells that the instance has passed its startup probe: readiness
// runs at once.
func (r *Runner) MarkStarted() { r.tell(Tracker.MarkStarted) }

// MarkTerminating tells that the pod is being deleted.
func (r *Runner) MarkTerminating() {
	r.tell(func(t Tracker, _ time.Time) Tracker { return t.MarkTerminating() })
}

func (r *Runner) tell(change func(Tracker, time.Time) Tracker) {
	select {
	case r.say <- change:
	case <-r.done:
	}
}

// Stop ends the runner, breaks off a run and waits for both. No report comes
// after it.
func (r *Runner) Stop() {
	r.cancel()
	<-r.done
}

func (r *Runner) loop(ctx context.Context, t Tracker) {
	defer close(r.done)
	defer r.cancel()
	for {
		var timer *time.Timer
		var due <-chan time.Time
		if at, ok := t.Next(); ok {
			timer = time.NewTimer(time.Until(at))
			due = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case change := <-r.say:
			t = change(t, time.Now())
		case <-due:
			t = r.run(ctx, t)
		}
		if timer != nil {
			timer.Stop()
		}
	}
}

// run makes one run. What is told meanwhile is heard afterwards, but before
// the run is counted: a pod that is being deleted wants no liveness failure.
func (r *Runner) run(ctx context.Context, t Tracker) Tracker {
	began := time.Now()
	outcome := Check(ctx, r.options.Probe, r.options.Target)
	ended := time.Now()
	if ctx.Err() != nil {
		return t
	}
	for heard := false; !heard; {
		select {
		case change := <-r.say:
			t = change(t, ended)
		default:
			heard = true
		}
	}
	before := t.State()
	t, seen := t.Observe(outcome, began, ended)
	if !seen {
		return t
	}
	r.options.Report(ctx, Report{Kind: t.kind, Outcome: outcome, State: t.State(), Changed: t.State() != before, At: ended})
	return t
}
