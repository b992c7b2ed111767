package print

import (
	"strings"

	v1 "k8s.io/api/core/v1"
)

func claimCells(claim *v1.PersistentVolumeClaim, age string) []any {
	phase := string(claim.Status.Phase)
	if claim.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	capacity, modes := claimSize(claim)
	return []any{
		claim.Name, phase, claim.Spec.VolumeName, capacity, modes, className(claim),
		unset(claim.Spec.VolumeAttributesClassName), age, volumeMode(claim.Spec.VolumeMode),
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
	if claim.Spec.StorageClassName != nil {
		return *claim.Spec.StorageClassName
	}
	return ""
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
		pv.Spec.StorageClassName, unset(pv.Spec.VolumeAttributesClassName), pv.Status.Reason, age, volumeMode(pv.Spec.VolumeMode),
	}
}

func unset(s *string) string {
	if s == nil || *s == "" {
		return "<unset>"
	}
	return *s
}

func volumeMode(m *v1.PersistentVolumeMode) string {
	if m == nil {
		return "<unset>"
	}
	return string(*m)
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
		for _, m := range modes {
			if m == s.mode {
				out = append(out, s.text)
				break
			}
		}
	}
	return strings.Join(out, ",")
}
