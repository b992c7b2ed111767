package config

import (
	"slices"

	v1 "k8s.io/api/core/v1"
	resourcehelper "k8s.io/component-helpers/resource"

	"github.com/podsim/podsim/internal/podspec"
)

// The scores of pkg/kubelet/qos.
const (
	oomSandbox    = -998
	oomGuaranteed = -997
	oomBestEffort = 1000
)

// OOMScoreAdj is a container's oom_score_adj: the more of the node's memory it
// asked for, the later it dies. (pkg/kubelet/qos/policy.go)
func OOMScoreAdj(pod *v1.Pod, c *v1.Container, nodeMemory int64) int {
	if p := pod.Spec.Priority; p != nil && *p >= systemCriticalPriority {
		return oomGuaranteed
	}
	switch podspec.QOSClass(pod) {
	case v1.PodQOSGuaranteed:
		return oomGuaranteed
	case v1.PodQOSBestEffort:
		return oomBestEffort
	}
	request := c.Resources.Requests.Memory().Value()
	if slices.ContainsFunc(pod.Spec.InitContainers, func(i v1.Container) bool { return i.Name == c.Name && podspec.IsSidecar(&i) }) {
		request = max(request, leastMemory(pod))
	}
	request += sharedMemory(pod)
	score := int64(oomBestEffort)
	if nodeMemory > 0 {
		score -= oomBestEffort * request / nodeMemory
	}
	return int(min(max(score, oomBestEffort+oomGuaranteed), oomBestEffort-1))
}

// systemCriticalPriority is that of system-cluster-critical.
const systemCriticalPriority = 2_000_000_000

// leastMemory is the smallest memory request of the ordinary containers.
func leastMemory(pod *v1.Pod) int64 {
	var least int64
	for i, c := range pod.Spec.Containers {
		if request := c.Resources.Requests.Memory().Value(); i == 0 || request < least {
			least = request
		}
	}
	return least
}

// sharedMemory is each container's part of what the pod asked for beyond the
// requests of its containers.
func sharedMemory(pod *v1.Pod) int64 {
	if pod.Spec.Resources == nil || pod.Spec.Resources.Requests.Memory().IsZero() {
		return 0
	}
	containers := resourcehelper.AggregateContainerRequests(pod, resourcehelper.PodResourcesOptions{})
	rest := pod.Spec.Resources.Requests.Memory().Value() - containers.Memory().Value()
	return rest / int64(len(pod.Spec.Containers)+len(pod.Spec.InitContainers))
}
