package status

import (
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

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
