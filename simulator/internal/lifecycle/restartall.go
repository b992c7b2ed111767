package lifecycle

import (
	v1 "k8s.io/api/core/v1"
)

// restartAll carries out the rule RestartAllContainers: every container is
// ended without its hooks and removed, and the pod begins with its first init
// container again, in the same sandbox. It says whether that is going on.
func (d *decision) restartAll() bool {
	if !d.m.RestartAll && !d.ruleMet() {
		return false
	}
	d.m.RestartAll = true
	us := d.of(initKind, sidecarKind, appKind)
	quiet := true
	for _, u := range us {
		d.kill(u, KillAll, 0)
		d.stop(u, true)
		quiet = quiet && !u.active() && !u.asked
	}
	if !quiet {
		return true
	}
	for _, u := range us {
		if n := len(u.see.Instances); n > 0 || u.see.Busy != Idle {
			quiet = false
			if u.see.Busy == Idle {
				d.act(u, ActRemove, u.see.Instances[n-1].Attempt, 0, string(KillAll))
			}
		}
	}
	if quiet {
		d.beginAgain(us)
	}
	return !quiet
}

// ruleMet says whether a container ended with a code for which a rule asks
// that all are restarted.
func (d *decision) ruleMet() bool {
	for _, u := range d.of(initKind, sidecarKind, appKind) {
		i := u.ended()
		if i == nil || i.SandboxAttempt != d.s.Sandbox.Attempt || u.spec.RestartPolicy == nil {
			continue
		}
		if r := matchRule(u.spec, i.Code()); r != nil && r.Action == v1.ContainerRestartRuleActionRestartAllContainers {
			return true
		}
	}
	return false
}

// beginAgain forgets the runs so far, but not when they ended: back-offs go on.
func (d *decision) beginAgain(us []*unit) {
	d.m.RestartAll, d.m.AppStarted = false, false
	d.m.InitDone = map[string]bool{}
	for _, u := range us {
		if i := u.ended(); i != nil {
			u.mem.Reset = i.FinishedAt
		}
		u.mem.Last, u.mem.Ended, u.mem.Kill, u.mem.Start, u.mem.Waiting = nil, nil, nil, nil, nil
		u.runs = nil
	}
}

// CanRestartAll says whether a rule of the pod may restart all its containers.
func CanRestartAll(spec *v1.PodSpec) bool {
	for _, list := range [][]v1.Container{spec.InitContainers, spec.Containers} {
		for i := range list {
			for _, r := range list[i].RestartPolicyRules {
				if r.Action == v1.ContainerRestartRuleActionRestartAllContainers {
					return true
				}
			}
		}
	}
	return false
}
