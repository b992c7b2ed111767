package diagnose

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
)

func (v *view) volume(name string) *v1.Volume {
	for i := range v.Pod.Spec.Volumes {
		if v.Pod.Spec.Volumes[i].Name == name {
			return &v.Pod.Spec.Volumes[i]
		}
	}
	return nil
}

// written tells whether the node writes the volume's files, so that no
// container may.
func (v *view) written(name string) bool {
	vol := v.volume(name)
	return vol != nil && (vol.ConfigMap != nil || vol.Secret != nil || vol.DownwardAPI != nil || vol.Projected != nil || vol.Image != nil)
}

func (v *view) hostPath(name string) bool {
	vol := v.volume(name)
	return vol != nil && vol.HostPath != nil
}

func (v *view) isClaim(name string) bool {
	vol := v.volume(name)
	return vol != nil && (vol.PersistentVolumeClaim != nil || vol.Ephemeral != nil)
}

// kindOf says what is behind a volume.
func (v *view) kindOf(name string) string {
	vol := v.volume(name)
	switch {
	case vol == nil:
		return "a volume"
	case vol.ConfigMap != nil:
		return fmt.Sprintf("ConfigMap %q", vol.ConfigMap.Name)
	case vol.Secret != nil:
		return fmt.Sprintf("Secret %q", vol.Secret.SecretName)
	case vol.HostPath != nil:
		return "hostPath " + vol.HostPath.Path
	case vol.PersistentVolumeClaim != nil:
		return fmt.Sprintf("claim %q", vol.PersistentVolumeClaim.ClaimName)
	case vol.Ephemeral != nil:
		return "an ephemeral claim"
	case vol.Projected != nil:
		return "a projected volume"
	case vol.DownwardAPI != nil:
		return "a downwardAPI volume"
	case vol.Image != nil:
		return "an image"
	}
	return "emptyDir"
}
