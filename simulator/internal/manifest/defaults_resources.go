package manifest

import (
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"
)

// defaultPodResources completes resources that are set for the whole pod: huge page limits from the sum of the containers',
// requests from the sum of theirs, else from the pod's limits.
func defaultPodResources(pod *v1.Pod) {
	total := pod.Spec.Resources
	if total == nil {
		return
	}
	roundUp(total.Limits)
	roundUp(total.Requests)
	if len(total.Limits) > 0 || len(total.Requests) > 0 {
		limits := addMissing(total.Limits, resource.AggregateContainerLimits(pod, resource.PodResourcesOptions{}), func(name v1.ResourceName) bool {
			_, requested := total.Requests[name]
			return hugePages(name) && !requested
		})
		if len(limits) > 0 {
			total.Limits = limits
		}
	}
	if len(total.Limits) == 0 {
		return
	}
	requests := addMissing(total.Requests, resource.AggregateContainerRequests(pod, resource.PodResourcesOptions{}), func(name v1.ResourceName) bool {
		return !hugePages(name)
	})
	requests = addMissing(requests, total.Limits, func(v1.ResourceName) bool { return true })
	if len(requests) > 0 {
		total.Requests = requests
	}
}

// addMissing copies those resources of more that list lacks, that pods may have as a whole and that are wanted.
func addMissing(list, more v1.ResourceList, wanted func(v1.ResourceName) bool) v1.ResourceList {
	for name, quantity := range more {
		if _, ok := list[name]; ok || !resource.IsSupportedPodLevelResource(name) || !wanted(name) {
			continue
		}
		if list == nil {
			list = v1.ResourceList{}
		}
		list[name] = quantity.DeepCopy()
	}
	return list
}

func hugePages(name v1.ResourceName) bool {
	return strings.HasPrefix(string(name), v1.ResourceHugePagesPrefix)
}
