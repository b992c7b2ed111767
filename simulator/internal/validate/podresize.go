package validate

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/internal/podspec"
)

// PodResize returns the errors of a change to the resources of a pod that exists: cpu and memory of containers and sidecars
// may change, may not be taken away, and may not change the pod's quality of service. (the resize subresource)
func PodResize(updated, old *v1.Pod) field.ErrorList {
	c := newPodCheck(updated)
	c.add(apivalidation.ValidateObjectMetaUpdate(&updated.ObjectMeta, &old.ObjectMeta, metadataPath)...)
	c.metadata()
	c.spec()
	if podspec.QOSClass(updated) != podspec.QOSClass(old) {
		c.invalid(specPath, updated.Status.QOSClass, "Pod QOS Class may not change as a result of resizing")
	}
	if hasResources(updated) || hasResources(old) {
		c.forbidden(field.NewPath(""), "resize of pods with pod-level resources is forbidden when "+
			"InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled")
		return c.errs
	}
	ordered := c.sameContainers("containers", updated.Spec.Containers, old.Spec.Containers)
	if !c.sameContainers("initContainers", updated.Spec.InitContainers, old.Spec.InitContainers) || !ordered {
		return c.errs
	}
	c.resizeOnly(old)
	return c.errs
}

func hasResources(pod *v1.Pod) bool {
	r := pod.Spec.Resources
	return r != nil && len(r.Requests)+len(r.Limits) > 0
}

func (c *podCheck) sameContainers(list string, updated, old []v1.Container) bool {
	if len(updated) != len(old) {
		c.forbidden(specPath.Child(list), list+" may not be added or removed on resize")
		return false
	}
	same := true
	for i := range old {
		if updated[i].Name != old[i].Name {
			same = false
			c.forbidden(specPath.Child(list).Index(i).Child("name"), list+" may not be renamed or reordered on resize")
		}
	}
	return same
}

// resizeOnly compares what is left when cpu and memory are set back.
func (c *podCheck) resizeOnly(old *v1.Pod) {
	before := len(c.errs)
	spec := c.pod.Spec.DeepCopy()
	for i := range old.Spec.InitContainers {
		if podspec.IsSidecar(&old.Spec.InitContainers[i]) {
			c.nothingRemoved("initContainers", i, &spec.InitContainers[i].Resources, &old.Spec.InitContainers[i].Resources)
		}
	}
	for i := range old.Spec.Containers {
		c.nothingRemoved("containers", i, &spec.Containers[i].Resources, &old.Spec.Containers[i].Resources)
	}
	for i := range spec.Containers {
		keepComputes(&spec.Containers[i].Resources, &old.Spec.Containers[i].Resources)
		c.unchanged(spec.Containers[i], old.Spec.Containers[i], "only cpu and memory resources are mutable")
	}
	for i := range spec.InitContainers {
		if !podspec.IsSidecar(&spec.InitContainers[i]) {
			c.unchanged(spec.InitContainers[i], old.Spec.InitContainers[i], "resources for non-sidecar init containers are immutable")
			continue
		}
		keepComputes(&spec.InitContainers[i].Resources, &old.Spec.InitContainers[i].Resources)
		c.unchanged(spec.InitContainers[i], old.Spec.InitContainers[i], "only cpu and memory resources for sidecar containers are mutable")
	}
	if len(c.errs) == before && !equality.Semantic.DeepEqual(*spec, old.Spec) {
		c.forbidden(specPath, "only cpu and memory resources are mutable")
	}
}

func (c *podCheck) unchanged(updated, old v1.Container, detail string) {
	c.forbidIf(!equality.Semantic.DeepEqual(updated, old), specPath, detail)
}

func (c *podCheck) nothingRemoved(list string, i int, updated, old *v1.ResourceRequirements) {
	at := specPath.Child(list).Index(i).Child("resources")
	c.forbidIf(lacksAny(updated.Requests, old.Requests), at.Child("requests"), "resource requests cannot be removed")
	c.forbidIf(lacksAny(updated.Limits, old.Limits), at.Child("limits"), "resource limits cannot be removed")
}

func lacksAny(list, of v1.ResourceList) bool {
	for name := range of {
		if _, ok := list[name]; !ok {
			return true
		}
	}
	return false
}

// keepComputes sets cpu and memory back to what they were.
func keepComputes(updated, old *v1.ResourceRequirements) {
	updated.Limits = withComputes(updated.Limits, old.Limits)
	updated.Requests = withComputes(updated.Requests, old.Requests)
}

func withComputes(list, old v1.ResourceList) v1.ResourceList {
	kept := v1.ResourceList{}
	for name, quantity := range list {
		if name != v1.ResourceCPU && name != v1.ResourceMemory {
			kept[name] = quantity
		}
	}
	for _, name := range []v1.ResourceName{v1.ResourceCPU, v1.ResourceMemory} {
		if quantity, ok := old[name]; ok {
			kept[name] = quantity
		}
	}
	return kept
}
