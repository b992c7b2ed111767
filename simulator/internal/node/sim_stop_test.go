package node

import (
	"slices"
	"strings"
	"time"
)

// The kubelet counts grace in whole seconds, and gives every container this
// much between the signal and the kill.
const (
	rounding  = time.Second
	leastStop = 2 * time.Second
	// slack is what the calls of the engine take in all.
	slack = 2 * time.Second
)

// podGrace is the grace that the spec gives.
func (j *judge) podGrace() time.Duration {
	return time.Duration(*j.script.Pod.Spec.TerminationGracePeriodSeconds) * time.Second
}

// harness says that a kill was the script's doing.
func (j *judge) harness(i *incarnation, at time.Duration) bool {
	return slices.ContainsFunc(j.script.Steps, func(s step) bool {
		return s.At == at && (s.What == engineCrashes || (s.What == killed || s.What == removed) && s.Who == i.name)
	})
}

// graceGiven holds that the kill of a running container comes no earlier than
// some cause allows: its grace is over.
func (j *judge) graceGiven() {
	for _, i := range j.all {
		kill := i.first("KILL")
		if i.name == "" || kill == 0 || j.harness(i, kill) || j.closing(kill) {
			continue
		}
		if !slices.ContainsFunc(j.causes(i), func(c cause) bool { return kill >= c.at+c.grace-rounding }) {
			j.fail(kill, "%s was killed; causes %v", i, j.causes(i))
		}
	}
}

// closing says that a run's own end killed it.
func (j *judge) closing(at time.Duration) bool { return j.gone == 0 && at > j.quiet.at+5*time.Minute }

// cause is a reason to end an incarnation.
type cause struct {
	at    time.Duration
	grace time.Duration
}

// causes are the reasons there were to end it.
func (j *judge) causes(i *incarnation) []cause {
	var list []cause
	c := j.script.container(i.name)
	for _, e := range j.killing(i) {
		grace := j.podGrace()
		switch {
		case strings.Contains(e.Message, "failed liveness") && c.LivenessProbe.TerminationGracePeriodSeconds != nil:
			grace = time.Duration(*c.LivenessProbe.TerminationGracePeriodSeconds) * time.Second
		case strings.Contains(e.Message, "failed startup") && c.StartupProbe.TerminationGracePeriodSeconds != nil:
			grace = time.Duration(*c.StartupProbe.TerminationGracePeriodSeconds) * time.Second
		}
		list = append(list, cause{e.at, max(grace, leastStop)})
	}
	for _, e := range j.events { // the end of the pod ends all, also what is being killed already
		if e.Reason == "DeadlineExceeded" || e.Reason == "Killing" && strings.HasPrefix(e.Message, "Stopping") {
			list = append(list, cause{e.at, max(j.podGrace(), leastStop)})
		}
	}
	for _, d := range j.deletions {
		list = append(list, cause{d.at, max(d.grace, leastStop)})
	}
	if len(j.killing(i)) == 0 && j.forgetful(i.started, i.over()) {
		list = append(list, cause{i.started, leastStop})
	}
	return list
}

// graceEnds holds that after a deletion everything has ended within its grace
// and the least that each container is given.
func (j *judge) graceEnds() {
	for n, d := range j.deletions {
		limit := d.at + max(d.grace, time.Second) + leastStop + slack
		if n+1 < len(j.deletions) || !j.calm(d.at-5*time.Second, limit) {
			continue // a later one has less
		}
		for _, i := range j.all {
			if i.name != "" && i.started != 0 && i.runs(limit) {
				j.fail(limit, "%s still runs %s after its deletion within %s", i, limit-d.at, d.grace)
			}
		}
	}
	j.killsEnd()
}

// killsEnd holds the same of kills for a probe or a change.
func (j *judge) killsEnd() {
	for _, i := range j.all {
		for _, e := range j.killing(i) {
			if strings.HasPrefix(e.Message, "Stopping") {
				continue
			}
			c := j.causes(i)[slices.IndexFunc(j.causes(i), func(c cause) bool { return c.at == e.at })]
			limit := e.at + c.grace + leastStop + slack
			if i.runs(limit) && j.calm(i.started, limit) {
				j.fail(limit, "%s still runs %s after it was to be killed within %s", i, limit-e.at, c.grace)
			}
		}
	}
}

// preStopFirst holds that a container's preStop hook was run before the stop
// signal, for as long as there was grace.
func (j *judge) preStopFirst() {
	for _, i := range j.all {
		c := j.script.container(i.name)
		term := i.first("TERM")
		if c == nil || c.Lifecycle == nil || c.Lifecycle.PreStop == nil || term == 0 || !j.calm(i.started, term) {
			continue
		}
		if j.podGrace() == 0 {
			continue // no grace is no time
		}
		if c.Lifecycle.PreStop.Exec != nil && !slices.ContainsFunc(j.execs, func(e *execution) bool {
			return e.what == "preStop" && e.container == i.name && e.attempt == i.attempt && e.from <= term && (e.until != 0 && e.until <= term || j.spent(i, term))
		}) {
			j.fail(term, "%s got the signal before its preStop hook had ended", i)
		}
		if s := c.Lifecycle.PreStop.Sleep; s != nil {
			asked := j.firstCause(i)
			if term < asked+time.Duration(s.Seconds)*time.Second && !j.spent(i, term) {
				j.fail(term, "%s got the signal %s after it was to end, while its preStop sleeps %ds", i, term-asked, s.Seconds)
			}
		}
	}
}

func (j *judge) firstCause(i *incarnation) time.Duration {
	first := forever
	for _, e := range j.killing(i) {
		first = min(first, e.at)
	}
	return first
}

// spent says that by a time the grace of some cause was over.
func (j *judge) spent(i *incarnation, at time.Duration) bool {
	return slices.ContainsFunc(j.causes(i), func(c cause) bool { return at >= c.at+c.grace-leastStop-rounding })
}

// sidecarsLast holds that when the pod ends a sidecar gets the signal after
// all ordinary containers and the sidecars behind it have ended, or when the
// grace is over.
func (j *judge) sidecarsLast() {
	for _, i := range j.all {
		term := i.first("TERM")
		if !j.script.isSidecar(i.name) || term == 0 || !j.calm(i.started, term) {
			continue
		}
		pod := slices.ContainsFunc(j.killing(i), func(e told) bool { return strings.HasPrefix(e.Message, "Stopping") })
		single := j.killedToRestart(i) || slices.ContainsFunc(j.killing(i), func(e told) bool { return e.Message == "FailedPostStartHook" })
		if !pod || single {
			continue
		}
		for _, o := range j.all {
			later := !j.script.isInit(o.name) || j.script.isSidecar(o.name) && j.position(o.name) > j.position(i.name)
			if o.name != "" && later && o.runs(term) && !j.spent(i, term) {
				j.fail(term, "sidecar %s got the signal while %s ran", i, o)
			}
		}
	}
}
