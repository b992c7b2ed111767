package validate

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// podVolumes checks the volumes and remembers those that are in order: a mount of another one is not found.
func (c *podCheck) podVolumes() {
	names, made := sets.New[string](), c.madeClaims()
	for i := range c.pod.Spec.Volumes {
		volume, at := &c.pod.Spec.Volumes[i], specPath.Child("volumes").Index(i)
		before := len(c.errs)
		c.volumeSource(at, volume)
		if volume.Name == "" {
			c.required(at.Child("name"), "")
		} else {
			c.label(at.Child("name"), volume.Name)
		}
		if names.Has(volume.Name) {
			c.duplicate(at.Child("name"), volume.Name)
		}
		if len(c.errs) == before {
			names.Insert(volume.Name)
			c.volumes[volume.Name] = &volume.VolumeSource
		}
		if claim := volume.PersistentVolumeClaim; claim != nil && made.Has(claim.ClaimName) {
			c.invalid(at.Child("persistentVolumeClaim", "claimName"), claim.ClaimName,
				"must not reference a PVC that gets created for an ephemeral volume")
		}
	}
}

// madeClaims are the names of the claims that the pod's ephemeral volumes make.
func (c *podCheck) madeClaims() sets.Set[string] {
	made := sets.New[string]()
	for _, volume := range c.pod.Spec.Volumes {
		if c.pod.Name != "" && volume.Ephemeral != nil {
			made.Insert(c.pod.Name + "-" + volume.Name)
		}
	}
	return made
}

// sourceKind is one way to fill a volume: whether the volume says so, under which name, and what is checked then.
type sourceKind struct {
	set   bool
	name  string
	check func(at *field.Path)
}

func (c *podCheck) volumeSource(at *field.Path, volume *v1.Volume) {
	kinds := c.localSources(volume)
	kinds = append(kinds, c.remoteSources(volume)...)
	count := 0
	for _, name := range sourceOrder {
		for _, kind := range kinds {
			if kind.name != name || !kind.set {
				continue
			}
			count++
			if count > 1 {
				c.forbidden(at.Child(spelledWhenTooMany(name)), oneVolumeType)
				continue
			}
			kind.check(at.Child(name))
			if name == "ephemeral" {
				c.ephemeralName(at, volume.Name)
			}
		}
	}
	if count == 0 {
		c.required(at, "must specify a volume type")
	}
}

// spelledWhenTooMany: in this one message the API server misspells two names.
func spelledWhenTooMany(name string) string {
	switch name {
	case "downwardAPI":
		return "downwarAPI"
	case "cephfs":
		return "cephFS"
	}
	return name
}

// sourceOrder is the order in which the API server looks at them: of two, the later one is too many.
var sourceOrder = []string{
	"emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs",
	"flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "flexVolume", "configMap",
	"azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO",
	"csi", "ephemeral", "image",
}

func (c *podCheck) localSources(v *v1.Volume) []sourceKind {
	return []sourceKind{
		{v.EmptyDir != nil, "emptyDir", func(at *field.Path) {
			if size := v.EmptyDir.SizeLimit; size != nil && size.Sign() < 0 {
				c.forbidden(at.Child("sizeLimit"), "SizeLimit field must be a valid resource quantity")
			}
		}},
		{v.HostPath != nil, "hostPath", func(at *field.Path) { c.hostPath(at, v.HostPath) }},
		{v.Secret != nil, "secret", func(at *field.Path) {
			c.need(at.Child("secretName"), v.Secret.SecretName)
			c.fileMode(at.Child("defaultMode"), v.Secret.DefaultMode)
			c.items(at.Child("items"), v.Secret.Items)
		}},
		{v.ConfigMap != nil, "configMap", func(at *field.Path) {
			c.need(at.Child("name"), v.ConfigMap.Name)
			c.fileMode(at.Child("defaultMode"), v.ConfigMap.DefaultMode)
			c.items(at.Child("items"), v.ConfigMap.Items)
		}},
		{v.DownwardAPI != nil, "downwardAPI", func(at *field.Path) {
			c.fileMode(at.Child("defaultMode"), v.DownwardAPI.DefaultMode)
			for i := range v.DownwardAPI.Items {
				c.downwardFile(at, &v.DownwardAPI.Items[i])
			}
		}},
		{v.Projected != nil, "projected", func(at *field.Path) { c.projected(at, v.Projected) }},
		{v.PersistentVolumeClaim != nil, "persistentVolumeClaim", func(at *field.Path) {
			c.need(at.Child("claimName"), v.PersistentVolumeClaim.ClaimName)
		}},
		{v.Ephemeral != nil, "ephemeral", func(at *field.Path) { c.ephemeralVolume(at, v.Ephemeral) }},
		{v.Image != nil, "image", func(at *field.Path) {
			c.need(at.Child("reference"), v.Image.Reference)
			c.pullPolicy(at.Child("pullPolicy"), v.Image.PullPolicy)
		}},
	}
}

func (f *findings) hostPath(at *field.Path, source *v1.HostPathVolumeSource) {
	if source.Path == "" {
		f.required(at.Child("path"), "")
		return
	}
	f.noBacksteps(at.Child("path"), source.Path)
	optional(f, at.Child("type"), source.Type,
		v1.HostPathUnset, v1.HostPathBlockDev, v1.HostPathCharDev, v1.HostPathDirectory, v1.HostPathDirectoryOrCreate,
		v1.HostPathFile, v1.HostPathFileOrCreate, v1.HostPathSocket)
}

func (c *podCheck) ephemeralVolume(at *field.Path, source *v1.EphemeralVolumeSource) {
	template := source.VolumeClaimTemplate
	if template == nil {
		c.required(at.Child("volumeClaimTemplate"), "")
		return
	}
	c.claimTemplateMeta(at.Child("volumeClaimTemplate", "metadata"), template)
	c.claimSpec(at.Child("volumeClaimTemplate", "spec"), &template.Spec)
}

// ephemeralName: the claim that is made is called after pod and volume.
func (c *podCheck) ephemeralName(at *field.Path, volume string) {
	if c.pod.Name == "" || volume == "" {
		return
	}
	claim := c.pod.Name + "-" + volume
	for _, detail := range apivalidation.NameIsDNSSubdomain(claim, false) {
		c.invalid(at.Child("name"), volume, fmt.Sprintf("PVC name %q: %v", claim, detail))
	}
}
