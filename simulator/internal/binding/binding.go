package binding

import (
	"slices"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"
)

// Annotations of a claim that was bound.
const (
	annBindCompleted = "pv.kubernetes.io/bind-completed"
	annByController  = "pv.kubernetes.io/bound-by-controller"
)

// Match is the PersistentVolume that a claim names, or that names it, or the
// smallest free one that fits; nil if there is none. Volumes are looked at in
// their order.
func Match(claim *v1.PersistentVolumeClaim, volumes []*v1.PersistentVolume) *v1.PersistentVolume {
	if name := claim.Spec.VolumeName; name != "" {
		return first(volumes, func(pv *v1.PersistentVolume) bool { return pv.Name == name })
	}
	if pv := first(volumes, func(pv *v1.PersistentVolume) bool { return isOf(pv, claim) }); pv != nil {
		return pv
	}
	var best *v1.PersistentVolume
	for _, pv := range volumes {
		if fits(pv, claim) && (best == nil || size(pv.Spec.Capacity) < size(best.Spec.Capacity)) {
			best = pv
		}
	}
	return best
}

func first(volumes []*v1.PersistentVolume, is func(*v1.PersistentVolume) bool) *v1.PersistentVolume {
	if i := slices.IndexFunc(volumes, is); i >= 0 {
		return volumes[i]
	}
	return nil
}

// isOf says whether a volume is kept for the claim.
func isOf(pv *v1.PersistentVolume, claim *v1.PersistentVolumeClaim) bool {
	ref := pv.Spec.ClaimRef
	return ref != nil && ref.Name == claim.Name && ref.Namespace == claim.Namespace
}

// fits says whether a free volume has all that the claim asks for.
func fits(pv *v1.PersistentVolume, claim *v1.PersistentVolumeClaim) bool {
	spec := &claim.Spec
	if pv.Spec.ClaimRef != nil || pv.Spec.StorageClassName != className(claim) || size(pv.Spec.Capacity) < size(spec.Resources.Requests) {
		return false
	}
	if ptr.Deref(pv.Spec.VolumeMode, v1.PersistentVolumeFilesystem) != ptr.Deref(spec.VolumeMode, v1.PersistentVolumeFilesystem) {
		return false
	}
	for _, mode := range spec.AccessModes {
		if !slices.Contains(pv.Spec.AccessModes, mode) {
			return false
		}
	}
	if spec.Selector == nil {
		return true
	}
	selector, err := metav1.LabelSelectorAsSelector(spec.Selector)
	return err == nil && selector.Matches(labels.Set(pv.Labels))
}

func className(claim *v1.PersistentVolumeClaim) string {
	if class, ok := claim.Annotations[v1.BetaStorageClassAnnotation]; ok {
		return class
	}
	return ptr.Deref(claim.Spec.StorageClassName, "")
}

func size(list v1.ResourceList) int64 { return list.Storage().Value() }

// Bind writes into both that the claim has the volume; nil is one that podsim
// makes, as large as was asked for.
func Bind(claim *v1.PersistentVolumeClaim, pv *v1.PersistentVolume) {
	status := &claim.Status
	status.Phase = v1.ClaimBound
	if claim.Annotations == nil {
		claim.Annotations = map[string]string{}
	}
	claim.Annotations[annBindCompleted] = "yes"
	if claim.Spec.VolumeName == "" {
		claim.Annotations[annByController] = "yes"
	}
	if pv == nil {
		status.AccessModes = slices.Clone(claim.Spec.AccessModes)
		status.Capacity = v1.ResourceList{v1.ResourceStorage: *claim.Spec.Resources.Requests.Storage()}
		if claim.Spec.VolumeName == "" {
			claim.Spec.VolumeName = "pvc-" + string(claim.UID)
		}
		return
	}
	status.AccessModes = slices.Clone(pv.Spec.AccessModes)
	status.Capacity = pv.Spec.Capacity.DeepCopy()
	claim.Spec.VolumeName = pv.Name
	if pv.Spec.ClaimRef == nil {
		if pv.Annotations == nil {
			pv.Annotations = map[string]string{}
		}
		pv.Annotations[annByController] = "yes"
	}
	pv.Spec.ClaimRef = &v1.ObjectReference{
		Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: claim.Namespace, Name: claim.Name,
		UID: claim.UID, ResourceVersion: claim.ResourceVersion,
	}
	pv.Status.Phase = v1.VolumeBound
}
