package config

import (
	v1 "k8s.io/api/core/v1"
	resourcehelper "k8s.io/component-helpers/resource"
)

// The scores of pkg/kubelet/qos.
const (
	oomSandbox    = -998
	oomGuaranteed = -997
	oomBestEffort = 1000
)

// QOSClass is the quality of service class of a pod: of its own resources when
// it has some, else of those of its containers, init containers too.
func QOSClass(pod *v1.Pod) v1.PodQOSClass {
	var parts []v1.ResourceRequirements
	if pod.Spec.Resources != nil {
		parts = append(parts, *pod.Spec.Resources)
	} else {
		for _, c := range pod.Spec.InitContainers {
			parts = append(parts, c.Resources)
		}
		for _, c := range pod.Spec.Containers {
			parts = append(parts, c.Resources)
		}
	}
	requests, limits := map[v1.ResourceName]int64{}, map[v1.ResourceName]int64{}
	guaranteed := true
	for _, part := range parts {
		addCompute(requests, part.Requests)
		if addCompute(limits, part.Limits) < 2 {
			guaranteed = false
		}
	}
	if len(requests) == 0 && len(limits) == 0 {
		return v1.PodQOSBestEffort
	}
	for name, request := range requests {
		guaranteed = guaranteed && limits[name] == request
	}
	if guaranteed && len(requests) == len(limits) {
		return v1.PodQOSGuaranteed
	}
	return v1.PodQOSBurstable
}

// addCompute adds cpu and memory in thousandths, and returns how many of the
// two the list has.
func addCompute(sum map[v1.ResourceName]int64, list v1.ResourceList) int {
	found := 0
	for _, name := range []v1.ResourceName{v1.ResourceCPU, v1.ResourceMemory} {
		if quantity := list[name]; quantity.Sign() > 0 {
			sum[name] += quantity.MilliValue()
			found++
		}
	}
	return found
}

// OOMScoreAdj is a container's oom_score_adj: the more of the node's memory it
// asked for, the later it dies. (pkg/kubelet/qos/policy.go)
func OOMScoreAdj(pod *v1.Pod, c *v1.Container, nodeMemory int64) int {
	if p := pod.Spec.Priority; p != nil && *p >= systemCriticalPriority {
		return oomGuaranteed
	}
	switch QOSClass(pod) {
	case v1.PodQOSGuaranteed:
		return oomGuaranteed
	case v1.PodQOSBestEffort:
		return oomBestEffort
	}
	request := c.Resources.Requests.Memory().Value()
	if isSidecar(pod, c) {
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

// isSidecar: an init container that restarts always.
func isSidecar(pod *v1.Pod, c *v1.Container) bool {
	if c.RestartPolicy == nil || *c.RestartPolicy != v1.ContainerRestartPolicyAlways {
		return false
	}
	for i := range pod.Spec.InitContainers {
		if pod.Spec.InitContainers[i].Name == c.Name {
			return true
		}
	}
	return false
}
