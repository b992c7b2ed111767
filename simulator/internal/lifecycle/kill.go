package lifecycle

import (
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
)

// checkRunning looks for a reason to end a running container and says whether
// the pod lives on through it: it goes on, or is replaced.
func (d *decision) checkRunning(u *unit) bool {
	if k := u.mem.Kill; k != nil {
		return k.Restart || k.Why == KillHook
	}
	why := d.whyKill(u)
	if why == "" {
		return true
	}
	k := &Kill{Attempt: u.running().Attempt, Since: d.now(), Grace: d.probeGrace(u, why), Why: why}
	switch why {
	case KillHook: // what becomes of it is decided by its exit code
	case KillDefinition, KillResize:
		k.Restart = true
	default:
		k.Restart = u.kind == sidecarKind || mayRestart(&d.s.Pod.Spec, u.spec)
	}
	u.mem.Kill, u.fresh = k, true
	return k.Restart || why == KillHook
}

// whyKill is why a running container has to end, or "".
func (d *decision) whyKill(u *unit) KillCause {
	i := u.running()
	switch {
	case i.PostStart == HookFailed:
		return KillHook
	case u.see.Busy == BusyStart:
		return ""
	case u.kind == sidecarKind && u.spec.StartupProbe != nil && u.see.Probes.Startup != ProbeSuccess:
		if u.see.Probes.Startup == ProbeFailure {
			return KillStartup
		}
		return ""
	case changed(i.SpecHash, u.see.SpecHash):
		return KillDefinition
	case u.see.Probes.Liveness == ProbeFailure:
		return KillLiveness
	case u.see.Probes.Startup == ProbeFailure:
		return KillStartup
	case d.resizeRestarts(u, i):
		return KillResize
	}
	return ""
}

// changed compares the hashes of what runs and what is asked for.
func changed(has, wants string) bool { return has != "" && wants != "" && has != wants }

// kills announces the kills just decided and carries on with all of them.
func (d *decision) kills() {
	for _, u := range d.us {
		k := u.mem.Kill
		if k == nil || u.running() == nil {
			continue
		}
		if u.fresh {
			d.normal(u.name, reasonKilling, "%s", killMessage(u, k))
		}
		d.stop(u, true)
	}
}

// killMessage is what the Killing event says.
func killMessage(u *unit, k *Kill) string {
	subject, suffix := "Container ", ""
	if u.kind == sidecarKind {
		subject = "Init container "
	} else if k.Restart {
		suffix = ", will be restarted"
	}
	switch k.Why {
	case KillHook:
		return "FailedPostStartHook"
	case KillDefinition:
		return subject + u.name + " definition changed" + suffix
	case KillLiveness:
		return subject + u.name + " failed liveness probe" + suffix
	case KillStartup:
		return subject + u.name + " failed startup probe" + suffix
	case KillResize:
		return "Container " + u.name + " resize requires restart"
	}
	return fmt.Sprintf("Stopping container %s", u.name)
}

// probeGrace is the grace of a kill that is not the whole pod's.
func (d *decision) probeGrace(u *unit, why KillCause) time.Duration {
	var p *v1.Probe
	switch why {
	case KillLiveness:
		p = u.spec.LivenessProbe
	case KillStartup:
		p = u.spec.StartupProbe
	}
	if p != nil && p.TerminationGracePeriodSeconds != nil {
		return time.Duration(*p.TerminationGracePeriodSeconds) * time.Second
	}
	return d.podGrace()
}
