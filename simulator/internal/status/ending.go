package status

import "github.com/podsim/podsim/simulator/internal/lifecycle"

// ending says that the pod as a whole is being ended and something of it still
// is there. A kubelet publishes what it knew when it began to, and nothing more
// before the last container and the sandbox have ended (SyncTerminatingPod;
// SyncPod, which ends the sidecars of a job in one round).
func (v *view) ending() bool {
	if v.s.Memory.Terminating.IsZero() || v.s.Memory.Finished {
		return false
	}
	if v.s.Sandbox.State == lifecycle.SandboxReady {
		return true
	}
	for _, c := range v.s.Containers {
		for _, i := range c.Instances {
			if i.State == lifecycle.Running {
				return true
			}
		}
	}
	return false
}

// asBegun shows the newest run of a container as it was when the pod began to
// be ended: one that ran then, and so is ended with its pod, is still said to.
func (v *view) asBegun(name string, runs []lifecycle.Instance) {
	k := v.s.Memory.Containers[name].Kill
	if k != nil && k.Why == lifecycle.KillPod && len(runs) > 0 && runs[0].Attempt == k.Attempt && v.ending() {
		runs[0].State = lifecycle.Running
	}
}
