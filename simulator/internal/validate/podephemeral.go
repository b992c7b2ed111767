package validate

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// PodEphemeralContainers returns the errors of a change to the debug containers of a pod that exists: they may be added,
// neither changed nor taken away. (the ephemeralcontainers subresource)
func PodEphemeralContainers(updated, old *v1.Pod) field.ErrorList {
	c := newPodCheck(updated)
	c.add(apivalidation.ValidateObjectMetaUpdate(&updated.ObjectMeta, &old.ObjectMeta, metadataPath)...)
	c.metadata()
	c.spec()
	c.annotationUpdates(old)
	at, has := specPath.Child("ephemeralContainers"), map[string]v1.EphemeralContainer{}
	for _, ec := range updated.Spec.EphemeralContainers {
		has[ec.Name] = ec
	}
	for _, had := range old.Spec.EphemeralContainers {
		ec, ok := has[had.Name]
		if !ok {
			c.forbidden(at, fmt.Sprintf("existing ephemeral containers %q may not be removed\n", had.Name))
		} else if !equality.Semantic.DeepEqual(had, ec) {
			c.forbidden(at, fmt.Sprintf("existing ephemeral containers %q may not be changed\n%v", had.Name, internalDiff(had, ec)))
		}
	}
	return c.errs
}
