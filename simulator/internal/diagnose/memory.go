package diagnose

import (
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
)

// memory finds containers that the kernel killed for want of memory.
func (v *view) memory() {
	for _, u := range v.open() {
		t := u.ended()
		if t == nil || t.Reason != "OOMKilled" {
			continue
		}
		f := Finding{
			Cause: CauseOOM, Container: u.name(), Log: shown(u.Ended),
			Details: []string{u.title() + " " + u.end()},
			Note:    u.well() || u.init && u.status.State.Terminated != nil && t.ExitCode == 0,
		}
		switch limit, set := u.spec.Resources.Limits[v1.ResourceMemory]; {
		case set:
			f.Summary = fmt.Sprintf("%s was killed for want of memory: its limit is %s", u.title(), limit.String())
			f.Fix = "raise resources.limits.memory, or let the program use less"
		case podMemory(v.Pod) != "":
			f.Summary = fmt.Sprintf("%s was killed for want of memory: the pod's limit is %s", u.title(), podMemory(v.Pod))
			f.Fix = "raise the pod's resources.limits.memory"
		default:
			f.Summary = u.title() + " was killed for want of memory: it has no limit of its own, so the engine's machine ran out"
			f.Fix = "give the machine (or Docker Desktop's) more memory, and the container a limit"
		}
		if u.MemoryPeak > 0 {
			f.Details = append(f.Details, fmt.Sprintf("most that the present run has used: %s", mebibytes(u.MemoryPeak)))
		}
		v.add(f)
	}
}

func podMemory(pod *v1.Pod) string {
	if pod.Spec.Resources == nil {
		return ""
	}
	if limit, ok := pod.Spec.Resources.Limits[v1.ResourceMemory]; ok {
		return limit.String()
	}
	return ""
}

func mebibytes(n int64) string { return fmt.Sprintf("%dMi", (n+1<<20-1)>>20) }

// The share of a run for which a limit may hold a container back before it is
// told, and the least time.
const (
	throttledShare = 10 // one in so many
	throttledLeast = 2 * time.Second
)

// throttled tells of containers that wait for their CPU limit much of the time.
func (v *view) throttled() {
	for i := range v.units {
		u := &v.units[i]
		limit, set := u.spec.Resources.Limits[v1.ResourceCPU]
		if !set || !u.runs() {
			continue
		}
		age := v.Now.Sub(u.status.State.Running.StartedAt.Time)
		if u.Throttled < throttledLeast || u.Throttled < age/throttledShare {
			continue
		}
		v.add(Finding{
			Cause: CauseThrottled, Container: u.name(), Note: true,
			Summary: fmt.Sprintf("%s is slowed down by its CPU limit of %s: its threads waited %s in %s", u.title(), limit.String(), ago(u.Throttled), ago(age)),
			Fix:     "raise resources.limits.cpu; a slow start also wants a patient startupProbe",
		})
	}
}
