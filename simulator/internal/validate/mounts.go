package validate

import (
	"path"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
)

// mounts checks volume mounts. Some errors stand at the list and not at its item, as they do in the API server.
func (c *podCheck) mounts(ctr placed) {
	list := ctr.at.Child("volumeMounts")
	seen := sets.New[string]()
	for i := range ctr.VolumeMounts {
		mount, at := &ctr.VolumeMounts[i], list.Index(i)
		c.need(at.Child("name"), mount.Name)
		if _, ok := c.volumes[mount.Name]; !ok {
			c.notFound(at.Child("name"), mount.Name)
		}
		c.need(at.Child("mountPath"), mount.MountPath)
		if seen.Has(mount.MountPath) {
			c.invalid(at.Child("mountPath"), mount.MountPath, "must be unique")
		}
		seen.Insert(mount.MountPath)
		c.notADevice(at, ctr, mount)
		if mount.SubPath != "" {
			c.descendingPath(list.Child("subPath"), mount.SubPath)
		}
		if mount.SubPathExpr != "" {
			if mount.SubPath != "" {
				c.invalid(at.Child("subPathExpr"), mount.SubPathExpr, "subPathExpr and subPath are mutually exclusive")
			}
			c.descendingPath(list.Child("subPathExpr"), mount.SubPathExpr)
		}
		c.propagation(list.Child("mountPropagation"), ctr, mount)
		c.recursiveReadOnly(list.Child("recursiveReadOnly"), mount)
	}
}

// lastPaths maps names of mounts or devices to the path given last.
func lastMounts(ctr *v1.Container) map[string]string {
	paths := map[string]string{}
	for _, m := range ctr.VolumeMounts {
		paths[m.Name] = m.MountPath
	}
	return paths
}

func lastDevices(ctr *v1.Container) map[string]string {
	paths := map[string]string{}
	for _, d := range ctr.VolumeDevices {
		paths[d.Name] = d.DevicePath
	}
	return paths
}

func hasValue(m map[string]string, value string) bool {
	for _, v := range m {
		if v == value {
			return true
		}
	}
	return false
}

func (c *podCheck) notADevice(at *field.Path, ctr placed, mount *v1.VolumeMount) {
	devices := lastDevices(ctr.Container)
	if _, ok := devices[mount.Name]; ok {
		c.invalid(at.Child("name"), mount.Name, "must not already exist in volumeDevices")
	}
	if hasValue(devices, mount.MountPath) {
		c.invalid(at.Child("mountPath"), mount.MountPath, "must not already exist as a path in volumeDevices")
	}
}

func (c *podCheck) propagation(at *field.Path, ctr placed, mount *v1.VolumeMount) {
	if mount.MountPropagation == nil {
		return
	}
	mode := *mount.MountPropagation
	oneOf(&c.findings, at, mode, v1.MountPropagationBidirectional, v1.MountPropagationHostToContainer, v1.MountPropagationNone)
	if mode == v1.MountPropagationBidirectional && !privileged(ctr.Container) {
		c.forbidden(at, "Bidirectional mount propagation is available only to privileged containers")
	}
}

func privileged(ctr *v1.Container) bool {
	return ctr.SecurityContext != nil && ptr.Deref(ctr.SecurityContext.Privileged, false)
}

func (c *podCheck) recursiveReadOnly(at *field.Path, mount *v1.VolumeMount) {
	if mount.RecursiveReadOnly == nil {
		return
	}
	switch mode := *mount.RecursiveReadOnly; mode {
	case v1.RecursiveReadOnlyDisabled:
	case v1.RecursiveReadOnlyEnabled, v1.RecursiveReadOnlyIfPossible:
		c.forbidIf(!mount.ReadOnly, at, "may only be specified when readOnly is true")
		c.forbidIf(ptr.Deref(mount.MountPropagation, v1.MountPropagationNone) != v1.MountPropagationNone, at,
			"may only be specified when mountPropagation is None or not specified")
	default:
		oneOf(&c.findings, at, mode, v1.RecursiveReadOnlyDisabled, v1.RecursiveReadOnlyEnabled, v1.RecursiveReadOnlyIfPossible)
	}
}

func (c *podCheck) devices(ctr placed) {
	mounts := lastMounts(ctr.Container)
	paths, names := sets.New[string](), sets.New[string]()
	for i, dev := range ctr.VolumeDevices {
		at := ctr.at.Child("volumeDevices").Index(i)
		c.deviceName(at.Child("name"), dev.Name, names)
		c.need(at.Child("devicePath"), dev.DevicePath)
		if paths.Has(dev.DevicePath) {
			c.invalid(at.Child("devicePath"), dev.DevicePath, "must be unique")
		}
		if hasBackstep(dev.DevicePath) {
			c.invalid(at.Child("devicePath"), dev.DevicePath, "can not contain backsteps ('..')")
		} else {
			paths.Insert(dev.DevicePath)
		}
		if _, ok := mounts[dev.Name]; ok {
			c.invalid(at.Child("name"), dev.Name, "must not already exist in volumeMounts")
		}
		if hasValue(mounts, dev.DevicePath) {
			c.invalid(at.Child("devicePath"), dev.DevicePath, "must not already exist as a path in volumeMounts")
		}
	}
}

func (c *podCheck) deviceName(at *field.Path, name string, seen sets.Set[string]) {
	c.need(at, name)
	if seen.Has(name) {
		c.invalid(at, name, "must be unique")
	}
	if name != "" {
		seen.Insert(name)
	}
	source, ok := c.volumes[name]
	if !ok {
		c.notFound(at, name)
	} else if source.PersistentVolumeClaim == nil && source.Ephemeral == nil {
		c.invalid(at, name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode")
	}
}

// descendingPath: a relative path that does not climb.
func (f *findings) descendingPath(at *field.Path, value string) {
	if path.IsAbs(value) {
		f.invalid(at, value, "must be a relative path")
	}
	f.noBacksteps(at, value)
}

func (f *findings) noBacksteps(at *field.Path, value string) {
	if hasBackstep(value) {
		f.invalid(at, value, "must not contain '..'")
	}
}

func hasBackstep(value string) bool {
	for _, part := range strings.Split(value, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// payloadPath: where a file of a ConfigMap or the like may lie; names beginning with two dots are the kubelet's own.
func (f *findings) payloadPath(at *field.Path, value string) {
	f.descendingPath(at, value)
	if strings.HasPrefix(value, "..") && !strings.HasPrefix(value, "../") {
		f.invalid(at, value, "must not start with '..'")
	}
}
