package lifecycle

import (
	"time"

	v1 "k8s.io/api/core/v1"
)

const (
	// defaultGrace is that of a pod that says nothing.
	defaultGrace = 30 * time.Second
	// minStop is what every container gets between the signal and the kill.
	minStop = 2 * time.Second
	// minGrace is the least a pod is given, also when it asks for none.
	minGrace = time.Second
)

// podGrace is the pod's own grace period.
func (d *decision) podGrace() time.Duration {
	if s := d.s.Pod.Spec.TerminationGracePeriodSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return defaultGrace
}

// kill decides that a running container ends; one that is being ended already
// goes on, with less grace if this one has less.
func (d *decision) kill(u *unit, why KillCause, grace time.Duration) {
	i := u.running()
	if i == nil {
		return
	}
	if k := u.mem.Kill; k != nil && k.Attempt == i.Attempt {
		k.Restart, k.Why = false, why
		d.shorten(k, grace)
		return
	}
	u.mem.Kill = &Kill{Attempt: i.Attempt, Since: d.now(), Grace: grace, Why: why}
	d.normal(u.name, reasonKilling, "%s", killMessage(u, u.mem.Kill))
}

// shorten takes grace away from a kill under way, never adds any.
func (d *decision) shorten(k *Kill, grace time.Duration) {
	if grace >= k.Grace-floor(d.now().Sub(k.Since)) {
		return
	}
	k.Since, k.Grace, k.Shortened = d.now(), grace, true
	if !k.From.IsZero() {
		k.From, k.Left = d.now(), grace
	}
}

// stopAll takes the next steps to end everything that runs, and says whether
// nothing is left. Ordinary containers end first, then sidecars in reverse
// order, each after the one behind it; preStop hooks run all at once.
func (d *decision) stopAll() bool {
	quiet, turn := true, true
	for _, u := range d.of(ephemeralKind, initKind, appKind) {
		d.stop(u, true)
		if u.active() {
			quiet = false
			if u.kind == appKind {
				turn = false
			}
		}
	}
	sidecars := d.of(sidecarKind)
	for n := len(sidecars) - 1; n >= 0; n-- {
		u := sidecars[n]
		d.stop(u, turn)
		if u.active() {
			quiet, turn = false, false
		}
	}
	return quiet
}

// stop takes the next step to end a container: its preStop hook, its turn,
// the signal. The grace is a single budget for the three.
func (d *decision) stop(u *unit, turn bool) {
	i, k := u.running(), u.mem.Kill
	if i == nil || k == nil || k.Attempt != i.Attempt || u.asked {
		return
	}
	switch {
	case u.see.Busy == BusyStop:
		d.stopSooner(u, k)
		return
	case u.see.Busy == BusyStart && i.PostStart != HookRunning:
		return // it is decided in a moment what came of it
	case u.see.Busy == BusyPreStop || i.PreStop == HookRunning && u.see.Busy != Idle:
		d.hookTooLong(u, k)
		return
	}
	if d.wantsPreStop(u, i, k) {
		k.Hooked = true
		d.act(u, ActPreStop, i.Attempt, k.Grace, string(k.Why))
		return
	}
	if k.From.IsZero() {
		k.From, k.Left = d.now(), k.Grace-floor(d.now().Sub(k.Since))
	}
	if end := k.From.Add(max(k.Left, 0)); !turn && d.now().Before(end) {
		d.wake(end)
		return
	}
	d.signal(u, k)
}

// signal asks for the stop with what is left of the grace.
func (d *decision) signal(u *unit, k *Kill) {
	grace := max(minStop, k.Left-floor(d.now().Sub(k.From)))
	k.Stop = d.now().Add(grace)
	d.act(u, ActStop, k.Attempt, grace, string(k.Why))
}

// stopSooner asks again for a stop that has lost grace.
func (d *decision) stopSooner(u *unit, k *Kill) {
	if k.Shortened && d.now().Add(max(minStop, k.Left)).Before(k.Stop) {
		k.Shortened = false
		d.signal(u, k)
	}
}

// hookTooLong ends a hook that outlasts a grace which became shorter after it
// was started; otherwise the hook's own grace ends it.
func (d *decision) hookTooLong(u *unit, k *Kill) {
	if !k.Shortened {
		return
	}
	end := k.Since.Add(k.Grace)
	if d.now().Before(end) {
		d.wake(end)
		return
	}
	k.Shortened = false
	k.From, k.Left = d.now(), 0
	d.signal(u, k)
}

// wantsPreStop says whether the hook has to run now. One that was begun by an
// owner that died is not begun again.
func (d *decision) wantsPreStop(u *unit, i *Instance, k *Kill) bool {
	if k.Hooked || i.PreStop != HookNone || k.Grace <= 0 {
		return false
	}
	l := u.spec.Lifecycle
	return l != nil && l.PreStop != nil && *l.PreStop != (v1.LifecycleHandler{})
}
