package print

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

func (s *sheet) volumes(volumes []v1.Volume) {
	if len(volumes) == 0 {
		s.field(0, "Volumes", none)
		return
	}
	s.line(0, "Volumes:")
	for _, v := range volumes {
		s.line(1, "%s:", v.Name)
		s.volume(v.VolumeSource)
	}
}

func (s *sheet) volume(v v1.VolumeSource) {
	switch {
	case v.HostPath != nil:
		s.field(2, "Type", "HostPath (bare host directory volume)")
		s.field(2, "Path", v.HostPath.Path)
		kind := none
		if v.HostPath.Type != nil {
			kind = string(*v.HostPath.Type)
		}
		s.field(2, "HostPathType", kind)
	case v.EmptyDir != nil:
		s.field(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)")
		s.field(2, "Medium", v.EmptyDir.Medium)
		limit := "<unset>"
		if v.EmptyDir.SizeLimit != nil && v.EmptyDir.SizeLimit.Sign() > 0 {
			limit = v.EmptyDir.SizeLimit.String()
		}
		s.field(2, "SizeLimit", limit)
	case v.Secret != nil:
		s.field(2, "Type", "Secret (a volume populated by a Secret)")
		s.field(2, "SecretName", v.Secret.SecretName)
		s.field(2, "Optional", ptr.Deref(v.Secret.Optional, false))
	case v.ConfigMap != nil:
		s.field(2, "Type", "ConfigMap (a volume populated by a ConfigMap)")
		s.field(2, "Name", v.ConfigMap.Name)
		s.field(2, "Optional", ptr.Deref(v.ConfigMap.Optional, false))
	case v.PersistentVolumeClaim != nil:
		s.field(2, "Type", "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)")
		s.field(2, "ClaimName", v.PersistentVolumeClaim.ClaimName)
		s.field(2, "ReadOnly", v.PersistentVolumeClaim.ReadOnly)
	default:
		s.rareVolume(v)
	}
}

func (s *sheet) rareVolume(v v1.VolumeSource) {
	switch {
	case v.DownwardAPI != nil:
		s.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)")
		s.line(2, "Items:")
		for _, item := range v.DownwardAPI.Items {
			if item.FieldRef != nil {
				s.line(3, "%s -> %s", item.FieldRef.FieldPath, item.Path)
			}
			if item.ResourceFieldRef != nil {
				s.line(3, "%s -> %s", item.ResourceFieldRef.Resource, item.Path)
			}
		}
	case v.Projected != nil:
		s.projected(v.Projected)
	case v.Ephemeral != nil:
		s.field(2, "Type", "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)")
		if t := v.Ephemeral.VolumeClaimTemplate; t != nil {
			s.field(2, "StorageClass", className(&v1.PersistentVolumeClaim{ObjectMeta: t.ObjectMeta, Spec: t.Spec}))
		}
	case v.Image != nil:
		s.field(2, "Type", "Image (a container image or OCI artifact)")
		s.field(2, "Reference", v.Image.Reference)
		s.field(2, "PullPolicy", v.Image.PullPolicy)
	case v.NFS != nil:
		s.field(2, "Type", "NFS (an NFS mount that lasts the lifetime of a pod)")
		s.field(2, "Server", v.NFS.Server)
		s.field(2, "Path", v.NFS.Path)
		s.field(2, "ReadOnly", v.NFS.ReadOnly)
	case v.CSI != nil:
		s.field(2, "Type", "CSI (a Container Storage Interface (CSI) volume source)")
		s.field(2, "Driver", v.CSI.Driver)
	default:
		s.line(1, "<unknown>")
	}
}

func (s *sheet) projected(p *v1.ProjectedVolumeSource) {
	s.field(2, "Type", "Projected (a volume that contains injected data from multiple sources)")
	for _, source := range p.Sources {
		switch {
		case source.Secret != nil:
			s.field(2, "SecretName", source.Secret.Name)
			s.field(2, "SecretOptionalName", flag(source.Secret.Optional))
		case source.DownwardAPI != nil:
			s.field(2, "DownwardAPI", true)
		case source.ConfigMap != nil:
			s.field(2, "ConfigMapName", source.ConfigMap.Name)
			s.field(2, "ConfigMapOptional", flag(source.ConfigMap.Optional))
		case source.ServiceAccountToken != nil:
			if seconds := source.ServiceAccountToken.ExpirationSeconds; seconds != nil {
				s.field(2, "TokenExpirationSeconds", *seconds)
			}
		}
	}
}

// flag is a boolean that may be unset.
func flag(b *bool) string {
	if b == nil {
		return "<nil>"
	}
	return fmt.Sprint(*b)
}

func (s *sheet) claim(claim *v1.PersistentVolumeClaim, usedBy []string) {
	s.field(0, "Name", claim.Name)
	s.field(0, "Namespace", claim.Namespace)
	s.field(0, "StorageClass", className(claim))
	status := string(claim.Status.Phase)
	if claim.DeletionTimestamp != nil {
		status = "Terminating (lasts " + since(claim.DeletionTimestamp.Time, s.now) + ")"
	}
	s.field(0, "Status", status)
	s.field(0, "Volume", claim.Spec.VolumeName)
	s.labels("Labels", claim.Labels)
	s.annotations(claim.Annotations)
	s.field(0, "Finalizers", claim.Finalizers)
	capacity, modes := claimSize(claim)
	s.field(0, "Capacity", capacity)
	s.field(0, "Access Modes", modes)
	if claim.Spec.VolumeMode != nil {
		s.field(0, "VolumeMode", *claim.Spec.VolumeMode)
	}
	s.columns("Used By", usedBy)
}

func (s *sheet) persistentVolume(pv *v1.PersistentVolume) {
	s.field(0, "Name", pv.Name)
	s.labels("Labels", pv.Labels)
	s.annotations(pv.Annotations)
	s.field(0, "Finalizers", pv.Finalizers)
	s.field(0, "StorageClass", pv.Spec.StorageClassName)
	s.field(0, "Status", pv.Status.Phase)
	claim := ""
	if ref := pv.Spec.ClaimRef; ref != nil {
		claim = strings.Join([]string{ref.Namespace, ref.Name}, "/")
	}
	s.field(0, "Claim", claim)
	s.field(0, "Reclaim Policy", pv.Spec.PersistentVolumeReclaimPolicy)
	s.field(0, "Access Modes", accessModes(pv.Spec.AccessModes))
	s.field(0, "VolumeMode", unset(pv.Spec.VolumeMode))
	size := pv.Spec.Capacity[v1.ResourceStorage]
	s.field(0, "Capacity", size.String())
	s.field(0, "Message", pv.Status.Message)
	s.line(0, "Source:")
	if pv.Spec.HostPath != nil {
		s.volume(v1.VolumeSource{HostPath: pv.Spec.HostPath})
	} else {
		s.line(1, "<unknown>")
	}
}
