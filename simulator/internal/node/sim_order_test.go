package node

import (
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// initFirst holds that the init containers before a container ended well in
// its sandbox before it was started.
func (j *judge) initFirst() {
	for _, i := range j.all {
		if i.name == "" || i.tried() == 0 {
			continue
		}
		for n, c := range j.script.containers()[:j.position(i.name)] {
			if n >= len(j.script.Pod.Spec.InitContainers) || j.script.isSidecar(c.Name) {
				continue
			}
			if !j.endedWell(c.Name, i) {
				j.fail(i.tried(), "%s was started before %s had ended with 0 in its sandbox", i, c.Name)
			}
		}
	}
}

func (j *judge) endedWell(name string, before *incarnation) bool {
	for _, o := range j.of(name) {
		if o.sandbox == before.sandbox && o.ended != 0 && o.ended <= before.tried() && o.code == 0 {
			return true
		}
	}
	return false
}

// sidecarsFirst holds that the sidecars before a container were started,
// their hook and their startup probe included, before the container's first
// start in a sandbox.
func (j *judge) sidecarsFirst() {
	type place struct {
		name    string
		sandbox runtime.ContainerID
	}
	seen := map[place]bool{}
	for _, i := range j.all {
		p := place{i.name, i.sandbox}
		if i.name == "" || i.tried() == 0 || seen[p] {
			continue
		}
		seen[p] = true
		for _, c := range j.script.containers()[:j.position(i.name)] {
			if j.script.isSidecar(c.Name) && !j.wasUp(&c, i) {
				j.fail(i.tried(), "%s was started before sidecar %s was", i, c.Name)
			}
		}
	}
}

func (j *judge) wasUp(c *v1.Container, before *incarnation) bool {
	for _, o := range j.of(c.Name) {
		up := o.started
		if o.started == 0 || o.sandbox != before.sandbox {
			continue
		}
		if c.StartupProbe != nil {
			up = max(up, o.started+j.script.lives(c.Name, o.attempt).Up)
		}
		// An heir does not run the hook again, nor wait for one that runs.
		if l := c.Lifecycle; l != nil && l.PostStart != nil && l.PostStart.Exec != nil && !j.forgetful(o.started-time.Second, before.tried()) {
			end, ok := j.hook("postStart", o)
			if !ok {
				continue
			}
			up = max(up, end)
		}
		if up <= before.tried() {
			return true
		}
	}
	return false
}

// hook is when a hook of an incarnation ended, if it did and well.
func (j *judge) hook(what string, i *incarnation) (time.Duration, bool) {
	for _, e := range j.execs {
		if e.what == what && e.container == i.name && e.attempt == i.attempt && e.until != 0 && e.code == 0 {
			return e.until, true
		}
	}
	return 0, false
}

// oneInstance holds that a container's instances do not overlap, and that none
// is started in a sandbox that is not the pod's present one.
func (j *judge) oneInstance() {
	for _, c := range j.script.containers() {
		list := j.of(c.Name)
		for n, i := range list {
			for _, o := range list[:n] {
				if o.runs(i.tried()) {
					j.fail(i.tried(), "%s was started while %s ran", i, o)
				}
			}
			if s := j.sandboxAt(i.tried()); i.started != 0 && (s == nil || s.id != i.sandbox) {
				j.fail(i.tried(), "%s was started outside of the pod's sandbox", i)
			}
		}
	}
}

// oneSandbox holds that sandboxes do not overlap and are numbered upwards.
func (j *judge) oneSandbox() {
	list := j.sandboxes()
	for n, i := range list {
		for _, o := range list[:n] {
			if o.runs(i.started) {
				j.fail(i.started, "sandbox %d was started while %d ran", i.attempt, o.attempt)
			}
			if o.attempt > i.attempt {
				j.fail(i.started, "sandbox %d came after %d", i.attempt, o.attempt)
			}
		}
	}
}
