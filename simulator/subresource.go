package simulator

import (
	"net/http"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/simulator/internal/validate"
)

// Subresource is a part of a pod that the API changes apart from the rest.
type Subresource string

// The subresources of a pod that can be changed. The empty one is the pod itself, without them.
const (
	StatusPart          Subresource = "status"
	Resize              Subresource = "resize"
	EphemeralContainers Subresource = "ephemeralcontainers"
)

// of tells whether objects of a kind have the subresource.
func (sub Subresource) of(kind Kind) bool {
	switch sub {
	case "":
		return true
	case StatusPart, Resize, EphemeralContainers:
		return kind == Pods
	}
	return false
}

// noSubresource is the API server's answer to a path that it does not serve.
func noSubresource() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound,
		Message: "the server could not find the requested resource",
	}}
}

// part is the pod after a change of the subresource alone: what else a change says is dropped in silence
// (pkg/registry/core/pod/strategy.go, the PrepareForUpdate of each).
func (sub Subresource) part(old, next *v1.Pod) *v1.Pod {
	pod := old.DeepCopy()
	switch sub {
	case StatusPart:
		next = next.DeepCopy()
		next.Spec, next.DeletionTimestamp, next.OwnerReferences = pod.Spec, pod.DeletionTimestamp, pod.OwnerReferences
		return next
	case Resize:
		takeResources(pod.Spec.Containers, next.Spec.Containers)
		takeResources(pod.Spec.InitContainers, next.Spec.InitContainers)
		return pod
	case EphemeralContainers:
		pod.Spec.EphemeralContainers = next.Spec.EphemeralContainers
		return pod
	}
	next.Status = pod.Status
	return next
}

// takeResources gives containers what their namesakes ask for.
func takeResources(to, from []v1.Container) {
	for i := range to {
		for j := range from {
			if to[i].Name == from[j].Name {
				to[i].Resources, to[i].ResizePolicy = from[j].Resources, from[j].ResizePolicy
			}
		}
	}
}

// errors checks a change of the subresource.
func (sub Subresource) errors(updated, old *v1.Pod) field.ErrorList {
	switch sub {
	case Resize:
		return validate.PodResize(updated, old)
	case EphemeralContainers:
		return validate.PodEphemeralContainers(updated, old)
	}
	return validate.PodUpdate(updated, old)
}
