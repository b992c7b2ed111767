package lint

import (
	"fmt"
	"path"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// tokenVolume begins the name of the volume that every pod gets.
const tokenVolume = "kube-api-access-"

func (l *linter) volume(name string) *v1.Volume {
	for i := range l.pod.Spec.Volumes {
		if l.pod.Spec.Volumes[i].Name == name {
			return &l.pod.Spec.Volumes[i]
		}
	}
	return nil
}

// written tells whether the node alone writes to a volume.
func written(v *v1.Volume) bool {
	return v.ConfigMap != nil || v.Secret != nil || v.DownwardAPI != nil || v.Projected != nil || v.Image != nil
}

// mounts looks at the mounts of one container: one below another, and claims of
// a user who is not root.
func (l *linter) mounts(c container) {
	for i := range c.VolumeMounts {
		inner := &c.VolumeMounts[i]
		if outer := enclosing(c, inner); outer != nil {
			l.nested(c, i, inner, outer)
		}
		l.notRoot(c, i, inner)
	}
}

// enclosing is the mount of the same container that a mount lies in, the
// deepest.
func enclosing(c container, inner *v1.VolumeMount) *v1.VolumeMount {
	var found *v1.VolumeMount
	below := path.Join("/", inner.MountPath)
	for i := range c.VolumeMounts {
		outer := &c.VolumeMounts[i]
		at := path.Join("/", outer.MountPath)
		if outer != inner && at != "/" && strings.HasPrefix(below, at+"/") && (found == nil || len(at) > len(path.Join("/", found.MountPath))) {
			found = outer
		}
	}
	return found
}

func (l *linter) nested(c container, i int, inner, outer *v1.VolumeMount) {
	vol := l.volume(outer.Name)
	if vol == nil {
		return
	}
	at := c.at.Child("volumeMounts").Index(i).Child("mountPath")
	where := fmt.Sprintf("%s lies in the mount of volume %q at %s", inner.MountPath, outer.Name, outer.MountPath)
	if (outer.ReadOnly || written(vol)) && vol.HostPath == nil {
		l.hint(at, where+", which is read-only: the container may not start, unless "+path.Base(inner.MountPath)+" is there already")
		return
	}
	for _, other := range l.containers {
		if other.Name == c.Name || strings.HasPrefix(inner.Name, tokenVolume) {
			continue
		}
		for _, m := range other.VolumeMounts {
			if m.Name == outer.Name {
				l.hint(at, fmt.Sprintf("%s: container %q, which mounts %q too, does not see what is in %q there", where, other.Name, outer.Name, inner.Name))
				return
			}
		}
	}
}

// notRoot finds mounts of root's directories for users who are not root.
func (l *linter) notRoot(c container, i int, m *v1.VolumeMount) {
	vol, user := l.volume(m.Name), l.user(c)
	if vol == nil || user == nil || *user == 0 || m.ReadOnly || l.prepared(m.Name) {
		return
	}
	sc := l.pod.Spec.SecurityContext
	at := c.at.Child("volumeMounts").Index(i)
	switch {
	case vol.PersistentVolumeClaim != nil && !vol.PersistentVolumeClaim.ReadOnly, vol.Ephemeral != nil:
		if sc == nil || sc.FSGroup == nil {
			l.hint(at, fmt.Sprintf("container %q runs as uid %d and may not be allowed to write to %q: a fresh claim belongs to root; "+
				"set spec.securityContext.fsGroup, or let an init container that runs as root prepare it", c.Name, *user, m.Name))
		}
	case vol.HostPath != nil && (vol.HostPath.Type == nil || *vol.HostPath.Type == v1.HostPathUnset || *vol.HostPath.Type == v1.HostPathDirectoryOrCreate):
		l.hint(at, fmt.Sprintf("container %q runs as uid %d and may not be allowed to write to %s: a directory that is made belongs to root, "+
			"and fsGroup does not change a hostPath", c.Name, *user, vol.HostPath.Path))
	}
}

// user is the uid that the spec gives a container, nil for the image's.
func (l *linter) user(c container) *int64 {
	if s := c.SecurityContext; s != nil && s.RunAsUser != nil {
		return s.RunAsUser
	}
	if p := l.pod.Spec.SecurityContext; p != nil {
		return p.RunAsUser
	}
	return nil
}

// prepared tells whether an init container that may be root mounts a volume, so
// that it may have changed the owner.
func (l *linter) prepared(volume string) bool {
	for _, c := range l.containers {
		user := l.user(c)
		if !c.init || user != nil && *user != 0 {
			continue
		}
		for _, m := range c.VolumeMounts {
			if m.Name == volume && !m.ReadOnly {
				return true
			}
		}
	}
	return false
}

// volumes looks at volumes by who mounts them.
func (l *linter) volumes() {
	for i := range l.pod.Spec.Volumes {
		v := &l.pod.Spec.Volumes[i]
		at := spec.Child("volumes").Index(i)
		mounted, writable := 0, false
		for _, c := range l.containers {
			for _, m := range c.VolumeMounts {
				if m.Name == v.Name {
					mounted++
					writable = writable || !m.ReadOnly
				}
			}
			for _, d := range c.VolumeDevices {
				if d.Name == v.Name {
					mounted++
				}
			}
		}
		empty := v.EmptyDir != nil || v.VolumeSource == (v1.VolumeSource{})
		switch {
		case mounted == 0 && !strings.HasPrefix(v.Name, tokenVolume):
			l.hint(at, fmt.Sprintf("no container mounts volume %q", v.Name))
		case mounted > 0 && empty && !writable:
			l.hint(at, fmt.Sprintf("every mount of emptyDir %q is readOnly: it stays empty", v.Name))
		}
	}
}
