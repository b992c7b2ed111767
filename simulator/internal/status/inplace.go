package status

import (
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// What a container says that RestartAllContainers removed.
const (
	reasonRestartingAll  = "RestartingAllContainers"
	messageRestartingAll = "The container is removed because RestartAllContainers in place"

	reasonRestartingAllStarted  = "RestartAllContainersStarted"
	messageRestartingAllStarted = "container exited with restart policy rule"
)

// restartingAll says whether the container was removed to begin anew.
func (v *view) restartingAll(name string) bool {
	return v.s.Memory.RestartAll || !v.s.Memory.Containers[name].Reset.IsZero()
}

// removedToRestart is the status of a container that RestartAllContainers
// removed and that was not started since.
func (v *view) removedToRestart(st *v1.ContainerStatus) {
	m := v.s.Memory.Containers[st.Name]
	if !v.restartingAll(st.Name) || m.Made == 0 {
		return
	}
	st.State = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{
		Reason: reasonRestartingAll, Message: messageRestartingAll,
	}}
	st.LastTerminationState = v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
		ExitCode: lostExitCode, Reason: reasonRestartingAll, Message: messageRestartingAll,
	}}
	st.RestartCount = int32(m.Made)
	if runs := lifecycle.History(v.s.Containers[st.Name], m); len(runs) > 0 {
		st.RestartCount = int32(runs[0].Attempt) // it is being started
	}
}

func (v *view) restartingAllCondition(phase v1.PodPhase) v1.PodCondition {
	c := v.condition(v1.AllContainersRestarting, false, "", "")
	switch {
	case phase == v1.PodSucceeded:
		c.Reason = reasonPodCompleted
	case phase == v1.PodFailed:
		c.Reason = reasonPodFailed
	case v.s.Memory.RestartAll:
		c = v.condition(v1.AllContainersRestarting, true, reasonRestartingAllStarted, messageRestartingAllStarted)
	}
	c.ObservedGeneration = 0
	return c
}

func isTrue(list []v1.PodCondition, t v1.PodConditionType) bool {
	for _, c := range list {
		if c.Type == t {
			return c.Status == v1.ConditionTrue
		}
	}
	return false
}

// resources are those in force: while a resize is under way, the ones that
// were published before.
func (v *view) resources(c *v1.Container, n lifecycle.Instance) *v1.ResourceRequirements {
	if resized(n, v.s.Containers[c.Name]) {
		for _, list := range [][]v1.ContainerStatus{v.published.ContainerStatuses, v.published.InitContainerStatuses} {
			if old := find(list, c.Name); old != nil && old.Resources != nil && old.ContainerID == containerID(n.ID) {
				return old.Resources.DeepCopy()
			}
		}
	}
	return c.Resources.DeepCopy()
}

// resized says whether a running instance has other resources than asked for.
func resized(n lifecycle.Instance, c lifecycle.Container) bool {
	return n.State == lifecycle.Running && n.ResourceHash != "" && c.ResourceHash != "" && n.ResourceHash != c.ResourceHash
}
