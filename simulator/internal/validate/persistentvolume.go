package validate

import (
	"path"
	"reflect"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// PersistentVolume returns the errors of a new volume. Sources other than hostPath and local are refused by podsim (see
// Refusals) and looked at only to see that there is exactly one.
func PersistentVolume(pv *v1.PersistentVolume) field.ErrorList {
	var f findings
	f.objectMeta(&pv.ObjectMeta, false)
	spec := &pv.Spec
	if len(spec.AccessModes) == 0 {
		f.required(specPath.Child("accessModes"), "")
	}
	f.accessModes(specPath.Child("accessModes"), spec.AccessModes)
	f.capacity(specPath.Child("capacity"), spec.Capacity)
	if spec.PersistentVolumeReclaimPolicy != "" {
		oneOf(&f, specPath.Child("persistentVolumeReclaimPolicy"), spec.PersistentVolumeReclaimPolicy,
			v1.PersistentVolumeReclaimDelete, v1.PersistentVolumeReclaimRecycle, v1.PersistentVolumeReclaimRetain)
	}
	if spec.NodeAffinity != nil {
		if spec.NodeAffinity.Required != nil {
			f.nodeSelector(specPath.Child("nodeAffinity", "required"), spec.NodeAffinity.Required)
		} else {
			f.required(specPath.Child("nodeAffinity", "required"), "must specify required node constraints")
		}
	}
	f.persistentSource(spec)
	if spec.StorageClassName != "" {
		f.subdomain(specPath.Child("storageClassName"), spec.StorageClassName)
	}
	optional(&f, specPath.Child("volumeMode"), spec.VolumeMode, v1.PersistentVolumeBlock, v1.PersistentVolumeFilesystem)
	return f.errs
}

func (f *findings) capacity(at *field.Path, capacity v1.ResourceList) {
	if len(capacity) == 0 {
		f.required(at, "")
	}
	if _, ok := capacity[v1.ResourceStorage]; !ok || len(capacity) > 1 {
		f.add(field.NotSupported(at, capacity, []v1.ResourceName{v1.ResourceStorage}))
	}
	for _, name := range sortedKeys(capacity) {
		f.positiveQuantity(at.Key(string(name)), capacity[name])
	}
}

func (f *findings) persistentSource(spec *v1.PersistentVolumeSpec) {
	sources := reflect.ValueOf(spec.PersistentVolumeSource)
	count := 0
	for i := range sources.NumField() {
		if sources.Field(i).IsNil() {
			continue
		}
		count++
		if count > 1 {
			f.forbidden(specPath.Child(jsonName(sources.Type().Field(i))), oneVolumeType)
		}
	}
	if count == 0 {
		f.required(specPath, "must specify a volume type")
	}
	if host := spec.HostPath; host != nil {
		f.hostPath(specPath.Child("hostPath"), host)
		f.forbidIf(path.Clean(host.Path) == "/" && spec.PersistentVolumeReclaimPolicy == v1.PersistentVolumeReclaimRecycle,
			specPath.Child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'")
	}
	if local := spec.Local; local != nil {
		at := specPath.Child("local", "path")
		if local.Path == "" {
			f.required(at, "")
		} else {
			f.noBacksteps(at, local.Path)
		}
		if spec.NodeAffinity == nil || spec.NodeAffinity.Required == nil {
			f.required(specPath.Child("nodeAffinity"), "Local volume requires node affinity")
		}
	}
}
