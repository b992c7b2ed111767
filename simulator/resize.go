package simulator

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/simulator/internal/validate"
)

// updateAndResize checks a change that an API server takes in two calls: an
// update, and a resize for the containers' resources.
func updateAndResize(updated, old *v1.Pod) field.ErrorList {
	rest := updated.DeepCopy()
	keepResources(rest.Spec.Containers, old.Spec.Containers)
	keepResources(rest.Spec.InitContainers, old.Spec.InitContainers)
	errs := validate.PodUpdate(rest, old)
	if len(errs) == 0 && !equality.Semantic.DeepEqual(rest.Spec, updated.Spec) {
		return validate.PodResize(updated, rest)
	}
	return errs
}

// keepResources gives containers the resources of their namesakes.
func keepResources(updated, old []v1.Container) {
	for i := range updated {
		for j := range old {
			if updated[i].Name == old[j].Name {
				updated[i].Resources = *old[j].Resources.DeepCopy()
				updated[i].ResizePolicy = old[j].ResizePolicy
			}
		}
	}
}
