package status

import (
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// ending says that the pod as a whole is being ended and something of it still
// runs. A kubelet publishes what it knew when it began to, and nothing more
// before the last container has ended (syncTerminatingPod; SyncPod, which ends
// the sidecars of a job in one round).
func (v *view) ending() bool {
	m := &v.s.Memory
	if m.Terminating.IsZero() || m.Finished || v.published.StartTime == nil {
		return false
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

// frozen is what was published, but for readiness: its probes go on and are
// heard of at once.
func (v *view) frozen() v1.PodStatus {
	v.out = *v.published.DeepCopy()
	v.out.ObservedGeneration = v.pod.Generation
	changed := false
	for i := range v.pod.Spec.InitContainers {
		if c := &v.pod.Spec.InitContainers[i]; lifecycle.IsSidecar(c) {
			changed = v.readyNow(c, find(v.out.InitContainerStatuses, c.Name)) || changed
		}
	}
	for i := range v.pod.Spec.Containers {
		c := &v.pod.Spec.Containers[i]
		changed = v.readyNow(c, find(v.out.ContainerStatuses, c.Name)) || changed
	}
	containersReady := v.containersReady(v.out.Phase)
	ready := v.ready(containersReady, v.out.Conditions)
	for i := range v.out.Conditions {
		c := &v.out.Conditions[i]
		switch {
		case !isOwn(c.Type):
		case changed && c.Type == v1.ContainersReady:
			*c = containersReady
		case changed && c.Type == v1.PodReady:
			*c = ready
		default:
			c.ObservedGeneration = v.pod.Generation
		}
	}
	return v.out
}

// readyNow takes over what the readiness probe of a container says, and tells
// whether that is news.
func (v *view) readyNow(c *v1.Container, st *v1.ContainerStatus) bool {
	if c.ReadinessProbe == nil || st == nil || st.State.Running == nil || st.Started == nil || !*st.Started {
		return false
	}
	old := st.Ready
	st.Ready = v.s.Containers[c.Name].Probes.Readiness == lifecycle.ProbeSuccess
	return st.Ready != old
}
