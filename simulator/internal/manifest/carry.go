package manifest

import (
	v1 "k8s.io/api/core/v1"
)

// CarryOver gives a freshly decoded pod what the stored pod of the same name got at its creation and what a manifest does
// not say: the node, the random name of the token volume, the identity. It is the part of `kubectl apply` that keeps an
// unchanged file from looking like a change; call it before comparing or storing an update. Status is carried as well.
func CarryOver(updated, current *v1.Pod) {
	setIfZero(&updated.Spec.NodeName, current.Spec.NodeName)
	if had, ok := tokenVolume(&current.Spec); ok {
		renameTokenVolume(&updated.Spec, had)
	}
	meta, old := &updated.ObjectMeta, &current.ObjectMeta
	meta.UID, meta.ResourceVersion, meta.Generation = old.UID, old.ResourceVersion, old.Generation
	meta.CreationTimestamp = old.CreationTimestamp
	meta.DeletionTimestamp, meta.DeletionGracePeriodSeconds = old.DeletionTimestamp, old.DeletionGracePeriodSeconds
	updated.Spec.EphemeralContainers = current.Spec.EphemeralContainers
	updated.Status = *current.Status.DeepCopy()
}

func renameTokenVolume(spec *v1.PodSpec, to string) {
	from, ok := tokenVolume(spec)
	if !ok || from == to {
		return
	}
	for i := range spec.Volumes {
		if spec.Volumes[i].Name == from {
			spec.Volumes[i].Name = to
		}
	}
	for _, list := range [][]v1.Container{spec.InitContainers, spec.Containers} {
		for i := range list {
			for j := range list[i].VolumeMounts {
				if list[i].VolumeMounts[j].Name == from {
					list[i].VolumeMounts[j].Name = to
				}
			}
		}
	}
}
