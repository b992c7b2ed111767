package lifecycle

import (
	"time"

	v1 "k8s.io/api/core/v1"
)

// The distance of FailedMount events.
const (
	firstMountRetry = 500 * time.Millisecond
	maxMountRetry   = 2*time.Minute + 2*time.Second
)

// sandboxReady sees to it that the pod has a sandbox, and says whether
// containers can be started in it.
func (d *decision) sandboxReady() bool {
	sb := &d.s.Sandbox
	switch {
	case sb.Stopping || sb.State == SandboxStarted:
		return false
	case sb.State == SandboxReady:
		return true
	case sb.State == SandboxNone && !d.madeBefore():
		d.makeSandbox("the pod has none")
	default:
		d.rebuild()
	}
	return false
}

// madeBefore says whether containers of an earlier sandbox are known.
func (d *decision) madeBefore() bool {
	for _, u := range d.us {
		if u.newest() != nil {
			return true
		}
	}
	return false
}

// makeSandbox asks for a sandbox once all volumes can be set up.
func (d *decision) makeSandbox(cause string) {
	if !d.volumesReady() {
		return
	}
	if f := d.s.Sandbox.Failure; f != nil {
		if end := f.At.Add(retryAfter); d.now().Before(end) {
			d.wake(end)
			return
		}
	}
	d.m.InitDone = map[string]bool{}
	d.m.AppStarted = false
	d.actPod(ActSandbox, d.m.Sandboxes, cause)
}

// rebuild replaces a dead sandbox: everything in it is ended, and all begins
// anew in another one. A pod that would not run again gets none.
func (d *decision) rebuild() {
	if !d.worthRebuilding() {
		d.terminate()
		return
	}
	if d.m.Rebuilding.IsZero() {
		d.m.Rebuilding = d.now()
		if d.s.Sandbox.State == SandboxDead {
			d.normal("", reasonSandboxChanged, "Pod sandbox changed, it will be killed and re-created.")
		}
	}
	for _, u := range d.us {
		d.kill(u, KillSandbox, d.podGrace())
	}
	if d.stopAll() {
		d.makeSandbox("the sandbox has ended")
	}
}

// worthRebuilding says whether anything would run in a new sandbox. With
// restartPolicy Never it is made only if no container ever was.
func (d *decision) worthRebuilding() bool {
	if !d.madeBefore() {
		return true
	}
	if d.s.Pod.Spec.RestartPolicy == v1.RestartPolicyNever {
		return false
	}
	started := false
	for _, u := range d.of(appKind) {
		i := u.newest()
		if i == nil || !d.succeeded(u) || Restarts(&d.s.Pod.Spec, u.spec, 0) {
			return true
		}
		started = true
	}
	return !started
}

// succeeded says whether the container's newest run ended with 0.
func (d *decision) succeeded(u *unit) bool {
	i := u.ended()
	return i != nil && i.Code() == 0
}

// volumesReady tells of volumes that cannot be set up, at growing distances.
func (d *decision) volumesReady() bool {
	problems := d.s.Volumes.Problems
	if len(problems) == 0 {
		d.m.MountRetry, d.m.MountBackoff = time.Time{}, 0
		return true
	}
	if !d.now().Before(d.m.MountRetry) {
		for _, p := range problems {
			d.warning("", reasonFailedMount, "MountVolume.SetUp failed for volume %q : %s", p.Volume, p.Message)
		}
		d.m.MountBackoff = min(max(2*d.m.MountBackoff, firstMountRetry), maxMountRetry)
		d.m.MountRetry = d.now().Add(d.m.MountBackoff)
	}
	d.wake(d.m.MountRetry)
	return false
}
