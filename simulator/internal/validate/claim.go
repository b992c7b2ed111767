package validate

import (
	"reflect"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
)

// PersistentVolumeClaim returns the errors of a new claim.
func PersistentVolumeClaim(claim *v1.PersistentVolumeClaim) field.ErrorList {
	var f findings
	f.objectMeta(&claim.ObjectMeta, true)
	f.claimSpec(specPath, &claim.Spec)
	return f.errs
}

// PersistentVolumeClaimUpdate returns the errors of a change: what a claim asks for stays, except for the size of a bound
// one, which may grow.
func PersistentVolumeClaimUpdate(updated, old *v1.PersistentVolumeClaim) field.ErrorList {
	var f findings
	f.add(apivalidation.ValidateObjectMetaUpdate(&updated.ObjectMeta, &old.ObjectMeta, metadataPath)...)
	f.add(PersistentVolumeClaim(updated)...)
	same := updated.Spec.DeepCopy()
	if old.Spec.VolumeName == "" {
		same.VolumeName = ""
	}
	if updated.Status.Phase == v1.ClaimBound {
		if same.Resources.Requests != nil {
			same.Resources.Requests[v1.ResourceStorage] = old.Spec.Resources.Requests[v1.ResourceStorage]
		}
		same.VolumeAttributesClassName = old.Spec.VolumeAttributesClassName
	}
	if !equality.Semantic.DeepEqual(*same, old.Spec) {
		f.forbidden(specPath, "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"+
			internalDiff(old.Spec, *same))
	}
	size, before := updated.Spec.Resources.Requests[v1.ResourceStorage], old.Spec.Resources.Requests[v1.ResourceStorage]
	if status := old.Status.Capacity[v1.ResourceStorage]; size.Cmp(before) < 0 && size.Cmp(status) <= 0 {
		f.forbidden(specPath.Child("resources", "requests", "storage"), "field can not be less than status.capacity")
	}
	return f.errs
}

func (f *findings) claimSpec(at *field.Path, spec *v1.PersistentVolumeClaimSpec) {
	modes := at.Child("accessModes")
	if len(spec.AccessModes) == 0 {
		f.required(modes, "at least 1 access mode is required")
	}
	f.labelSelector(at.Child("selector"), spec.Selector)
	f.accessModes(modes, spec.AccessModes)
	storage := at.Child("resources").Key(string(v1.ResourceStorage))
	if size, ok := spec.Resources.Requests[v1.ResourceStorage]; ok {
		f.positiveQuantity(storage, size)
	} else {
		f.required(storage, "")
	}
	if class := ptr.Deref(spec.StorageClassName, ""); class != "" {
		f.subdomain(at.Child("storageClassName"), class)
	}
	optional(f, at.Child("volumeMode"), spec.VolumeMode, v1.PersistentVolumeBlock, v1.PersistentVolumeFilesystem)
	if source := spec.DataSource; source != nil {
		f.dataSource(at.Child("dataSource"), v1.TypedObjectReference{APIGroup: source.APIGroup, Kind: source.Kind, Name: source.Name})
	}
	if ref := spec.DataSourceRef; ref != nil {
		f.dataSource(at.Child("dataSourceRef"), *ref)
	}
	f.dataSourcesAgree(at, spec)
	if class := ptr.Deref(spec.VolumeAttributesClassName, ""); class != "" {
		f.subdomain(at.Child("volumeAttributesClassName"), class)
	}
}

func (f *findings) accessModes(at *field.Path, modes []v1.PersistentVolumeAccessMode) {
	single, other := false, false
	for _, mode := range modes {
		switch mode {
		case v1.ReadWriteOncePod:
			single = true
		case v1.ReadWriteOnce, v1.ReadOnlyMany, v1.ReadWriteMany:
			other = true
		default:
			oneOf(f, at, mode, v1.ReadOnlyMany, v1.ReadWriteMany, v1.ReadWriteOnce, v1.ReadWriteOncePod)
		}
	}
	f.forbidIf(single && other, at, "may not use ReadWriteOncePod with other access modes")
}

func (f *findings) dataSource(at *field.Path, ref v1.TypedObjectReference) {
	f.need(at.Child("name"), ref.Name)
	f.need(at.Child("kind"), ref.Kind)
	if group := ptr.Deref(ref.APIGroup, ""); group != "" {
		f.all(at.Child("apiGroup"), group, validation.IsDNS1123Subdomain(group))
	} else if ref.Kind != "PersistentVolumeClaim" {
		f.invalid(at, ref.Kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
	}
	if ns := ptr.Deref(ref.Namespace, ""); ns != "" {
		f.all(at.Child("namespace"), ns, apivalidation.ValidateNamespaceName(ns, false))
	}
}

func (f *findings) dataSourcesAgree(at *field.Path, spec *v1.PersistentVolumeClaimSpec) {
	source, ref := spec.DataSource, spec.DataSourceRef
	if source == nil || ref == nil {
		return
	}
	same := reflect.DeepEqual(source.APIGroup, ref.APIGroup) && source.Kind == ref.Kind && source.Name == ref.Name
	switch {
	case ptr.Deref(ref.Namespace, "") != "":
		f.invalid(at, struct{}{}, "may not be specified when dataSourceRef.namespace is specified")
	case !same:
		f.invalid(at, struct{}{}, "must match dataSourceRef")
	}
}

// claimTemplateMeta: the claim of an ephemeral volume takes labels and annotations, nothing else.
func (f *findings) claimTemplateMeta(at *field.Path, template *v1.PersistentVolumeClaimTemplate) {
	const detail = "cannot be set"
	meta := template.ObjectMeta
	f.add(apivalidation.ValidateAnnotations(meta.Annotations, at.Child("annotations"))...)
	f.add(metavalidation.ValidateLabels(meta.Labels, at.Child("labels"))...)
	f.forbidIf(meta.Name != "", at.Child("name"), detail)
	f.forbidIf(meta.GenerateName != "", at.Child("generateName"), detail)
	f.forbidIf(meta.Namespace != "", at.Child("namespace"), detail)
	f.forbidIf(meta.UID != "", at.Child("uID"), detail)
	f.forbidIf(meta.ResourceVersion != "", at.Child("resourceVersion"), detail)
	f.forbidIf(meta.CreationTimestamp != (metav1.Time{}), at.Child("creationTimestamp"), detail)
	f.forbidIf(meta.OwnerReferences != nil, at.Child("ownerReferences"), detail)
	f.forbidIf(meta.Finalizers != nil, at.Child("finalizers"), detail)
}
