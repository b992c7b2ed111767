package manifest

import (
	v1 "k8s.io/api/core/v1"
)

// defaultTokenSeconds is the lifetime of a projected token that names none.
const defaultTokenSeconds = 60 * 60

// defaultVolume completes a volume's source; a volume without one is an emptyDir.
func defaultVolume(src *v1.VolumeSource) {
	if *src == (v1.VolumeSource{}) {
		src.EmptyDir = &v1.EmptyDirVolumeSource{}
	}
	if src.Secret != nil {
		setIfNil(&src.Secret.DefaultMode, v1.SecretVolumeSourceDefaultMode)
	}
	if src.ConfigMap != nil {
		setIfNil(&src.ConfigMap.DefaultMode, v1.ConfigMapVolumeSourceDefaultMode)
	}
	if src.DownwardAPI != nil {
		setIfNil(&src.DownwardAPI.DefaultMode, v1.DownwardAPIVolumeSourceDefaultMode)
		defaultDownwardItems(src.DownwardAPI.Items)
	}
	if src.HostPath != nil {
		setIfNil(&src.HostPath.Type, v1.HostPathUnset)
	}
	if src.Image != nil {
		setIfZero(&src.Image.PullPolicy, defaultPullPolicy(src.Image.Reference))
	}
	if src.Ephemeral != nil && src.Ephemeral.VolumeClaimTemplate != nil {
		defaultClaimSpec(&src.Ephemeral.VolumeClaimTemplate.Spec)
	}
	if src.Projected != nil {
		defaultProjected(src.Projected)
	}
}

func defaultProjected(p *v1.ProjectedVolumeSource) {
	setIfNil(&p.DefaultMode, v1.ProjectedVolumeSourceDefaultMode)
	for i := range p.Sources {
		source := &p.Sources[i]
		if source.DownwardAPI != nil {
			defaultDownwardItems(source.DownwardAPI.Items)
		}
		if source.ServiceAccountToken != nil {
			setIfNil(&source.ServiceAccountToken.ExpirationSeconds, defaultTokenSeconds)
		}
	}
}

func defaultDownwardItems(items []v1.DownwardAPIVolumeFile) {
	for i := range items {
		if items[i].FieldRef != nil {
			setIfZero(&items[i].FieldRef.APIVersion, "v1")
		}
	}
}

func defaultClaimSpec(spec *v1.PersistentVolumeClaimSpec) {
	setIfNil(&spec.VolumeMode, v1.PersistentVolumeFilesystem)
	roundUp(spec.Resources.Limits)
	roundUp(spec.Resources.Requests)
}
