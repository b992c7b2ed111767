package status

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// QOS is the pod's quality of service class. Init containers count like
// ordinary ones; resources of the pod as a whole, where given, count alone.
func QOS(pod *v1.Pod) v1.PodQOSClass {
	if r := pod.Spec.Resources; r != nil && (len(r.Requests) > 0 || len(r.Limits) > 0) {
		return qosOf([]v1.ResourceRequirements{*r})
	}
	var all []v1.ResourceRequirements
	for i := range pod.Spec.Containers {
		all = append(all, pod.Spec.Containers[i].Resources)
	}
	for i := range pod.Spec.InitContainers {
		all = append(all, pod.Spec.InitContainers[i].Resources)
	}
	return qosOf(all)
}

func qosOf(all []v1.ResourceRequirements) v1.PodQOSClass {
	requests, limits := v1.ResourceList{}, v1.ResourceList{}
	guaranteed := true
	for _, r := range all {
		addTo(requests, r.Requests)
		if addTo(limits, r.Limits) != len(qosResources) {
			guaranteed = false
		}
	}
	switch {
	case len(requests) == 0 && len(limits) == 0:
		return v1.PodQOSBestEffort
	case guaranteed && sameAmounts(requests, limits):
		return v1.PodQOSGuaranteed
	}
	return v1.PodQOSBurstable
}

// qosResources are those that the class depends on.
var qosResources = [...]v1.ResourceName{v1.ResourceCPU, v1.ResourceMemory}

// addTo adds the amounts that count and says how many there were.
func addTo(sum, list v1.ResourceList) int {
	n := 0
	for _, name := range qosResources {
		q, ok := list[name]
		if !ok || q.Sign() <= 0 {
			continue
		}
		n++
		total := resource.Quantity{}
		if had, ok := sum[name]; ok {
			total = had.DeepCopy()
		}
		total.Add(q)
		sum[name] = total
	}
	return n
}

func sameAmounts(requests, limits v1.ResourceList) bool {
	if len(requests) != len(limits) {
		return false
	}
	for name, q := range requests {
		if l, ok := limits[name]; !ok || l.Cmp(q) != 0 {
			return false
		}
	}
	return true
}
