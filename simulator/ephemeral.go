package simulator

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// ephemeralErrors checks the ephemeral container that was added last.
func ephemeralErrors(updated, _ *v1.Pod) field.ErrorList {
	n := len(updated.Spec.EphemeralContainers) - 1
	at := field.NewPath("spec", "ephemeralContainers").Index(n)
	c := updated.Spec.EphemeralContainers[n]
	var errs field.ErrorList
	for _, text := range validation.IsDNS1123Label(c.Name) {
		errs = append(errs, field.Invalid(at.Child("name"), c.Name, text))
	}
	rest := updated.DeepCopy()
	rest.Spec.EphemeralContainers = rest.Spec.EphemeralContainers[:n]
	if findContainer(rest, c.Name) != nil {
		errs = append(errs, field.Duplicate(at.Child("name"), c.Name))
	}
	if c.TargetContainerName != "" {
		rest.Spec.InitContainers, rest.Spec.EphemeralContainers = nil, nil
		if findContainer(rest, c.TargetContainerName) == nil {
			errs = append(errs, field.NotFound(at.Child("targetContainerName"), c.TargetContainerName))
		}
	}
	return errs
}
