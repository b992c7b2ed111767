// Package podspec answers what the spec of a pod says by itself, the same to
// everybody who asks: which init containers are sidecars, which class of
// service the pod has. It knows nothing of what became of the pod.
package podspec

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"
)

// IsSidecar says whether an init container is one that goes on beside the
// ordinary containers.
func IsSidecar(c *v1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == v1.ContainerRestartPolicyAlways
}

// QOSClass is the quality of service class of a pod: of its own resources when
// it has some, else of those of its containers, init containers too.
// (pkg/apis/core/v1/helper/qos, ComputePodQOS)
func QOSClass(pod *v1.Pod) v1.PodQOSClass {
	var parts []v1.ResourceRequirements
	if resource.IsPodLevelResourcesSet(pod) {
		parts = append(parts, *pod.Spec.Resources)
	} else {
		for _, list := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
			for i := range list {
				parts = append(parts, list[i].Resources)
			}
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
