package lifecycle

import (
	"fmt"
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
)

// The exponential back-off of restarts and pulls.
const (
	firstBackoff = 10 * time.Second
	maxBackoff   = 300 * time.Second
	// steadyAfter is how long after the last step a back-off begins anew.
	steadyAfter = 2 * maxBackoff
)

// ReasonCrashLoopBackOff is the waiting reason of a container whose restart is
// held back.
const ReasonCrashLoopBackOff = "CrashLoopBackOff"

// after is the back-off's next step: set now, for what ended at the time.
func (b Backoff) after(ended, now time.Time) Backoff {
	if b.Delay == 0 || ended.Sub(b.Since) > steadyAfter {
		b.Delay = firstBackoff
	} else {
		b.Delay = min(2*b.Delay, maxBackoff)
	}
	b.Since = now
	return b
}

// scaled is a delay in this node's measure.
func (d *decision) scaled(delay time.Duration) time.Duration {
	if d.s.BackoffScale <= 0 {
		return delay
	}
	return time.Duration(float64(delay) * d.s.BackoffScale)
}

// inBackoff says whether the container may not be restarted yet after the
// given run, and until when.
func (d *decision) inBackoff(u *unit, last *Instance) (time.Time, bool) {
	b := u.mem.Backoff
	if last == nil || b.Delay == 0 || b.SpecHash != u.see.SpecHash || last.FinishedAt.Sub(b.Since) > steadyAfter {
		return time.Time{}, false
	}
	end := last.FinishedAt.Add(d.scaled(b.Delay))
	return end, d.now().Before(end)
}

// heldByCrash says whether the crash back-off holds the container.
func (d *decision) heldByCrash(u *unit, last *Instance) bool {
	end, held := d.inBackoff(u, last)
	if !held {
		return false
	}
	d.wake(end)
	message := fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", d.scaled(u.mem.Backoff.Delay), u.name, d.podName())
	if d.wait(u, ReasonCrashLoopBackOff, message) {
		d.warning(u.name, reasonBackOff, "Back-off restarting failed container %s in pod %s", u.name, d.podName())
	}
	return true
}

// stepBackoff lengthens the back-off when the container is restarted.
func (d *decision) stepBackoff(u *unit, last *Instance) {
	if last == nil {
		return
	}
	b := u.mem.Backoff
	if b.SpecHash != u.see.SpecHash {
		b = Backoff{SpecHash: u.see.SpecHash}
	}
	u.mem.Backoff = b.after(last.FinishedAt, d.now())
}

// Restarts says whether a container that ended with the code is started again
// by its rules, its own policy and the pod's, in this order.
func Restarts(pod *v1.PodSpec, c *v1.Container, code int) bool {
	if c.RestartPolicy != nil {
		if matchesRule(c, code) {
			return true
		}
		switch *c.RestartPolicy {
		case v1.ContainerRestartPolicyAlways:
			return true
		case v1.ContainerRestartPolicyOnFailure:
			return code != 0
		case v1.ContainerRestartPolicyNever:
			return false
		}
	}
	switch pod.RestartPolicy {
	case v1.RestartPolicyNever:
		return false
	case v1.RestartPolicyOnFailure:
		return code != 0
	}
	return true
}

// matchesRule says whether the exit code meets a restart rule. All rules say
// Restart: RestartAllContainers is behind a gate that 1.35 has off, and refused.
func matchesRule(c *v1.Container, code int) bool {
	return slices.ContainsFunc(c.RestartPolicyRules, func(r v1.ContainerRestartRule) bool {
		if r.ExitCodes == nil {
			return false
		}
		in := slices.Contains(r.ExitCodes.Values, int32(code))
		return in == (r.ExitCodes.Operator == v1.ContainerRestartRuleOnExitCodesOpIn)
	})
}

// mayRestart says whether a container that is killed for a failed probe is
// replaced. Rules are about exit codes and do not count here.
func mayRestart(pod *v1.PodSpec, c *v1.Container) bool {
	if c.RestartPolicy != nil {
		return *c.RestartPolicy != v1.ContainerRestartPolicyNever
	}
	return pod.RestartPolicy != v1.RestartPolicyNever
}
