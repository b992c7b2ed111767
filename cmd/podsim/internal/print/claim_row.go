package print

import (
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

func claimCells(claim *v1.PersistentVolumeClaim, age string) []any {
	phase := string(claim.Status.Phase)
	if claim.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	capacity, modes := claimSize(claim)
	return []any{
		claim.Name, phase, claim.Spec.VolumeName, capacity, modes, className(claim),
		unset(claim.Spec.VolumeAttributesClassName), age, unset(claim.Spec.VolumeMode),
	}
}

// claimSize is what a bound claim got; both are empty before.
func claimSize(claim *v1.PersistentVolumeClaim) (capacity, modes string) {
	if claim.Spec.VolumeName == "" {
		return "", ""
	}
	size := claim.Status.Capacity[v1.ResourceStorage]
	return size.String(), accessModes(claim.Status.AccessModes)
}

func className(claim *v1.PersistentVolumeClaim) string {
	if class, ok := claim.Annotations[v1.BetaStorageClassAnnotation]; ok {
		return class
	}
	return ptr.Deref(claim.Spec.StorageClassName, "")
}

func volumeCells(pv *v1.PersistentVolume, age string) []any {
	phase := string(pv.Status.Phase)
	if pv.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	claim := ""
	if ref := pv.Spec.ClaimRef; ref != nil {
		claim = ref.Namespace + "/" + ref.Name
	}
	size := pv.Spec.Capacity[v1.ResourceStorage]
	return []any{
		pv.Name, size.String(), accessModes(pv.Spec.AccessModes), string(pv.Spec.PersistentVolumeReclaimPolicy), phase, claim,
		pv.Spec.StorageClassName, unset(pv.Spec.VolumeAttributesClassName), pv.Status.Reason, age, unset(pv.Spec.VolumeMode),
	}
}

func unset[T ~string](s *T) string {
	if s == nil || *s == "" {
		return "<unset>"
	}
	return string(*s)
}

// accessModes shortens them, each once and in the order that kubectl uses.
func accessModes(modes []v1.PersistentVolumeAccessMode) string {
	short := []struct {
		mode v1.PersistentVolumeAccessMode
		text string
	}{
		{v1.ReadWriteOnce, "RWO"}, {v1.ReadOnlyMany, "ROX"}, {v1.ReadWriteMany, "RWX"}, {v1.ReadWriteOncePod, "RWOP"},
	}
	var out []string
	for _, s := range short {
		if slices.Contains(modes, s.mode) {
			out = append(out, s.text)
		}
	}
	return strings.Join(out, ",")
}
