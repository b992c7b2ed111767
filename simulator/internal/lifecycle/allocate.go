package lifecycle

import (
	"encoding/json"
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	resourcehelper "k8s.io/component-helpers/resource"
)

// PendingResize is a resize that was asked for and that the node cannot give.
type PendingResize struct {
	Reason  string // as in the condition PodResizePending
	Message string
	// Summary is what was asked for, as events tell it.
	Summary string
}

// Allocate gives a pod the resources that the node grants it: those asked for,
// or, when there is not so much on the node, those that the published status
// shows to be in force (pkg/kubelet/allocation). The pod is left alone: what
// differs is a copy.
func Allocate(pod *v1.Pod, published *v1.PodStatus, node Node) (*v1.Pod, *PendingResize) {
	message := capacityLacking(pod, node)
	if message == "" {
		return pod, nil
	}
	granted := pod.DeepCopy()
	for _, list := range [][]v1.Container{granted.Spec.InitContainers, granted.Spec.Containers} {
		for i := range list {
			if st := publishedStatus(published, list[i].Name); st != nil && st.Resources != nil {
				list[i].Resources.Requests, list[i].Resources.Limits = st.Resources.Requests, st.Resources.Limits
			}
		}
	}
	if equality.Semantic.DeepEqual(granted.Spec, pod.Spec) {
		return pod, nil
	}
	return granted, &PendingResize{
		Reason: v1.PodReasonInfeasible, Message: message, Summary: resizeSummary(pod, message),
	}
}

// capacityLacking says what of the pod's requests is more than the node has.
func capacityLacking(pod *v1.Pod, node Node) string {
	const text = "Node didn't have enough capacity: %s, requested: %d, capacity: %d"
	requests := resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{})
	cpu, memory := requests.Cpu().MilliValue(), requests.Memory().Value()
	switch {
	case node.MemoryBytes > 0 && memory > node.MemoryBytes:
		return fmt.Sprintf(text, v1.ResourceMemory, memory, node.MemoryBytes)
	case node.CPUMillis > 0 && cpu > node.CPUMillis:
		return fmt.Sprintf(text, v1.ResourceCPU, cpu, node.CPUMillis)
	}
	return ""
}

// resizeSummary is what events about a resize say of the pod's resources.
func resizeSummary(pod *v1.Pod, problem string) string {
	type container struct {
		Name      string                  `json:"name"`
		Resources v1.ResourceRequirements `json:"resources"`
	}
	var summary struct {
		InitContainers []container `json:"initContainers,omitempty"`
		Containers     []container `json:"containers,omitempty"`
		Generation     int64       `json:"generation"`
		Error          string      `json:"error,omitempty"`
	}
	for _, c := range pod.Spec.InitContainers {
		summary.InitContainers = append(summary.InitContainers, container{c.Name, c.Resources})
	}
	for _, c := range pod.Spec.Containers {
		summary.Containers = append(summary.Containers, container{c.Name, c.Resources})
	}
	summary.Generation, summary.Error = pod.Generation, problem
	text, err := json.Marshal(summary)
	if err != nil {
		return err.Error() // no value of these types fails
	}
	return string(text)
}
