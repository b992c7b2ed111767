package node

import (
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
)

// attempts holds that instances are numbered in order: no number is used for
// two processes, and none is left out. What was taken away unseen does not
// count.
func (j *judge) attempts() {
	pruning := slices.ContainsFunc(j.script.Steps, func(s step) bool { return s.What == pruned || s.What == removed })
	for _, c := range j.script.containers() {
		for n, i := range j.of(c.Name) {
			if i.attempt > n || i.attempt < n && !pruning {
				j.fail(i.tried(), "%s is the instance number %d", i, n)
				break
			}
		}
	}
}

// counts holds that a published restart count never falls and says how many
// instances there were.
func (j *judge) counts() {
	last := map[string]int32{}
	for _, s := range j.statuses {
		for _, c := range slices.Concat(s.InitContainerStatuses, s.ContainerStatuses) {
			if c.RestartCount < last[c.Name] {
				j.fail(s.at, "restart count of %s fell from %d to %d", c.Name, last[c.Name], c.RestartCount)
			}
			last[c.Name] = c.RestartCount
			made := 0
			for _, i := range j.of(c.Name) {
				if i.tried() <= s.at {
					made++
				}
				if c.State.Running != nil && c.ContainerID == "docker://"+string(i.id) && i.attempt != int(c.RestartCount) {
					j.fail(s.at, "%s runs and restarted %d times", i, c.RestartCount)
				}
			}
			if int(c.RestartCount) > made {
				j.fail(s.at, "%s restarted %d times with %d instances", c.Name, c.RestartCount, made)
			}
		}
	}
}

// held is a shadow of one container's back-off.
type held struct {
	delay time.Duration
	since time.Duration // when it was set
}

// The kubelet's numbers.
const (
	backoffFirst = 10 * time.Second
	backoffMost  = 300 * time.Second
	backoffReset = 600 * time.Second
)

// wants is how long after ref the rule holds the next start back.
func (h held) wants(ref time.Duration) time.Duration {
	// What was held longer before it was started counts from an earlier time.
	if ref-h.since > backoffReset-45*time.Second {
		return 0
	}
	return h.delay
}

func (h held) step(ref, now time.Duration) held {
	if h.wants(ref) == 0 {
		return held{backoffFirst, now}
	}
	return held{min(2*h.delay, backoffMost), now}
}

// restart is one instance after another with the rule between them.
type restart struct {
	old, next *incarnation
	// ref is the end that the back-off counts from, 0 for none; hold is how
	// long it holds.
	ref, hold time.Duration
}

// restarts of a container, and what holds it after the last.
func (j *judge) restarts(c *v1.Container) (list []restart, after held) {
	runs := j.of(c.Name)
	var h held
	for n := 1; n < len(runs); n++ {
		old, next := runs[n-1], runs[n]
		r := restart{old: old, next: next, ref: old.over()}
		if old.image != next.image {
			h = held{}
		}
		switch {
		case j.script.isInit(c.Name) && !j.script.isSidecar(c.Name) && old.sandbox != next.sandbox:
			r.ref = 0
		case j.killedToRestart(old):
			r.ref = 0
			if n > 1 {
				r.ref = runs[n-2].over()
			}
		}
		if r.ref != 0 {
			r.hold = h.wants(r.ref)
			h = h.step(r.ref, next.tried())
		}
		list = append(list, r)
	}
	return list, h
}

// backoff holds that no restart is earlier than the rule.
func (j *judge) backoff() {
	for _, c := range j.script.containers() {
		list, _ := j.restarts(&c)
		for _, r := range list {
			if j.forgetful(r.old.started, r.next.tried()) && r.old.first("TERM") != 0 {
				break // why it was killed may be forgotten
			}
			if got := r.next.tried() - r.ref; got < r.hold {
				j.fail(r.next.tried(), "%s was started %s after the end of the run before, not %s", r.next, got, r.hold)
			}
		}
	}
}

// firstRestart holds that nothing waits that may start, when nothing else of
// the pod is in its way.
func (j *judge) firstRestart() {
	if len(j.script.containers()) > 1 || !j.faultless() || len(j.script.Pulls) > 0 {
		return
	}
	c := j.script.containers()[0]
	list, _ := j.restarts(&c)
	for _, r := range list {
		earliest := max(r.ref+r.hold, r.old.over())
		if earliest > r.old.over() { // a restart that is held back counts from the kill
			earliest = max(earliest, r.old.over()+r.hold)
		}
		if r.old.image != r.next.image { // the other image is what ended the wait
			earliest = max(earliest, j.imageChanged(r.next.tried()))
		}
		if late := r.next.tried() - earliest; late > 2*time.Second {
			j.fail(r.next.tried(), "%s was started %s late", r.next, late)
		}
	}
}

// imageChanged is when an image was changed last before a time; 0 is never.
func (j *judge) imageChanged(before time.Duration) (at time.Duration) {
	for _, s := range j.script.Steps {
		if s.What == imageChanges && s.At <= before {
			at = max(at, s.At)
		}
	}
	return at
}

// policy holds that nothing is started again that its policy leaves ended.
func (j *judge) policy() {
	for _, c := range j.script.containers() {
		runs := j.of(c.Name)
		for n := 1; n < len(runs); n++ {
			old, next := runs[n-1], runs[n]
			if !j.mayFollow(&c, old, next) {
				j.fail(next.tried(), "%s was started after %s had ended with %d", next, old, old.exit())
			}
		}
	}
}

func (j *judge) mayFollow(c *v1.Container, old, next *incarnation) bool {
	isInit := j.script.isInit(c.Name) && !j.script.isSidecar(c.Name)
	switch {
	case j.unseen(old):
		return true
	case old.sandbox != next.sandbox && (isInit || j.script.isSidecar(c.Name)):
		return j.script.Pod.Spec.RestartPolicy != v1.RestartPolicyNever || !j.anyRan(old.sandbox)
	case isInit && old.exit() == 0 && old.ended != 0:
		return false
	case j.restartsAfter(c, old.exit()), j.killedToRestart(old):
		return true
	}
	return j.forgetful(old.started, next.tried()) && old.first("TERM") != 0
}

// unseen says that it was taken away from the engine before the node may have
// seen how it ended.
func (j *judge) unseen(i *incarnation) bool {
	taken := slices.ContainsFunc(j.script.Steps, func(s step) bool {
		return (s.What == pruned || s.What == removed) && s.At == i.removed
	})
	blind := slices.ContainsFunc(j.script.Steps, func(s step) bool {
		switch s.What {
		case eventsLost, callsFail, callsSlow, engineCrashes, nodeDies, writesFail:
			return s.At <= i.removed && s.until()+j.after(s) >= i.over()
		}
		return false
	})
	return taken && (blind || i.removed-i.over() < time.Second)
}

// anyRan says whether anything ran in a sandbox.
func (j *judge) anyRan(sandbox any) bool {
	return slices.ContainsFunc(j.all, func(i *incarnation) bool { return i.name != "" && i.sandbox == sandbox && i.tried() != 0 })
}
