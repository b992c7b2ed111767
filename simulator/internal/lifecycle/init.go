package lifecycle

import (
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
)

// inits goes through the init containers in order. It returns those to start,
// whether the ordinary containers may be, and whether one failed for good.
func (d *decision) inits() (starts []*unit, done, failed bool) {
	us := d.of(initKind, sidecarKind)
	running := d.appRunning()
	for n, u := range us {
		passed := running || d.begun(us[n+1:])
		var open bool
		if u.kind == sidecarKind {
			open = d.sidecar(u, &starts)
		} else {
			if open, failed = d.initContainer(u, passed, &starts); failed {
				return nil, false, true
			}
		}
		if !open && !passed {
			return starts, false, false
		}
	}
	return starts, true, false
}

// initContainer says whether what follows a regular init container may begin.
func (d *decision) initContainer(u *unit, passed bool, starts *[]*unit) (open, failed bool) {
	if d.m.InitDone[u.name] || passed {
		return true, false
	}
	i := u.newest()
	switch {
	case u.see.Busy == BusyStart || u.running() != nil:
		return false, false
	case i != nil && i.SandboxAttempt == d.s.Sandbox.Attempt && i.Ended() && !d.cleared(u):
		if !Restarts(&d.s.Pod.Spec, u.spec, i.Code()) {
			return false, true
		}
	}
	*starts = append(*starts, u)
	return false, false
}

// sidecar keeps a sidecar running, and says whether it is started.
func (d *decision) sidecar(u *unit, starts *[]*unit) bool {
	if u.see.Busy == BusyStart {
		return false
	}
	if i := u.running(); i != nil {
		d.checkRunning(u)
		return d.started(u)
	}
	*starts = append(*starts, u)
	return false
}

// settled is how long a sidecar without a startup probe runs before it counts
// as started. A kubelet looks up to a second later; what died at once is never
// seen to run, and nothing behind it is started.
const settled = 400 * time.Millisecond

// started says whether a running sidecar has passed its startup probe or, if
// it has none, the time in which those die that cannot run.
func (d *decision) started(u *unit) bool {
	i := u.running()
	if i == nil || i.PostStart == HookRunning || i.PostStart == HookFailed {
		return false
	}
	if u.spec.StartupProbe != nil {
		return u.see.Probes.Startup == ProbeSuccess
	}
	if Settling(d.s, u.spec, u.mem, i) {
		d.wake(u.mem.Up.Add(settled))
		return false
	}
	return true
}

// Settling says whether the running instance of an init container is a sidecar's
// that does not count as started yet because it has just begun to run.
func Settling(s *Snapshot, c *v1.Container, m ContainerMemory, i *Instance) bool {
	if !podspec.IsSidecar(c) || c.StartupProbe != nil || i.State != Running {
		return false
	}
	return m.Last == nil || m.Last.Attempt != i.Attempt || s.Now.Before(m.Up.Add(settled))
}

// begun says whether any of the containers was started in this sandbox.
func (d *decision) begun(us []*unit) bool {
	for _, u := range us {
		if u.see.Busy == BusyStart || d.m.InitDone[u.name] {
			return true
		}
		if i := u.newest(); i != nil && i.SandboxAttempt == d.s.Sandbox.Attempt {
			return true
		}
	}
	return false
}

// appRunning says whether an ordinary container runs: then the pod has been
// initialized, whatever became of its init containers since. One that was
// killed to be replaced counts: both were decided while it ran.
func (d *decision) appRunning() bool {
	for _, u := range d.of(appKind) {
		if u.running() != nil || u.see.Busy == BusyStart || d.replaced(u) {
			return true
		}
	}
	return false
}

// replaced says that the container was killed in order to be started again,
// in this sandbox.
func (d *decision) replaced(u *unit) bool {
	i, k := u.ended(), u.mem.Kill
	return i != nil && k != nil && k.Restart && k.Attempt == i.Attempt && i.SandboxAttempt == d.s.Sandbox.Attempt
}
