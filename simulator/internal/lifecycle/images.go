package lifecycle

import (
	"cmp"
	"fmt"
	"slices"

	v1 "k8s.io/api/core/v1"
)

// Reasons of an image that cannot be had.
const (
	ReasonErrImagePull        = "ErrImagePull"
	ReasonImagePullBackOff    = "ImagePullBackOff"
	ReasonErrImageNeverPull   = "ErrImageNeverPull"
	ReasonInvalidImageName    = "InvalidImageName"
	ReasonImageInspectError   = "ImageInspectError"
	ReasonRegistryUnavailable = "RegistryUnavailable"
	ReasonSignatureInvalid    = "SignatureValidationFailed"
)

// isPullFailure says whether a reason makes the next pull of the image wait.
func isPullFailure(reason string) bool {
	switch reason {
	case ReasonErrImagePull, ReasonRegistryUnavailable, ReasonSignatureInvalid:
		return true
	}
	return false
}

// ImageVolumes are the image volumes that a container mounts, in the order of its mounts. Their
// images come before its own (pkg/kubelet/kuberuntime, getImageVolumes).
func ImageVolumes(pod *v1.Pod, c *v1.Container) []*v1.Volume {
	var list []*v1.Volume
	for _, m := range c.VolumeMounts {
		for i := range pod.Spec.Volumes {
			if v := &pod.Spec.Volumes[i]; v.Name == m.Name && v.Image != nil && !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
	}
	return list
}

// rememberPull lengthens the image's back-off once for each failed pull.
func (d *decision) rememberPull(u *unit) {
	f := u.see.Failure
	if f == nil || !isPullFailure(f.Reason) {
		return
	}
	image := cmp.Or(f.Image, u.spec.Image)
	b := d.m.PullBackoff[image]
	if !f.At.After(b.Since) {
		return
	}
	b.Backoff = b.after(f.At, f.At)
	b.Error = fmt.Sprintf("%s: %s", f.Reason, f.Message)
	d.m.PullBackoff[image] = b
}

// heldByPull says whether an image may not be pulled yet.
func (d *decision) heldByPull(u *unit) bool {
	if u.see.ImageReady || u.see.ImagesThere {
		return false
	}
	for _, v := range ImageVolumes(d.s.Pod, u.spec) {
		if d.heldByImage(u, "", v.Image.Reference) {
			return true
		}
	}
	return d.heldByImage(u, u.name, u.spec.Image)
}

// heldByImage holds the unit while the image is in back-off. The back-off is
// told of the container whose image it is; of a volume's, of the pod.
func (d *decision) heldByImage(u *unit, container, image string) bool {
	b, ok := d.m.PullBackoff[image]
	if !ok || b.Delay == 0 {
		return false
	}
	end := b.Since.Add(d.scaled(b.Delay))
	if !d.now().Before(end) {
		return false
	}
	d.wake(end)
	message := fmt.Sprintf("Back-off pulling image %q", image)
	if d.wait(u, ReasonImagePullBackOff, message+": "+b.Error) {
		d.normal(container, reasonBackOff, "%s", message)
		d.warning(u.name, reasonFailed, "Error: %s", ReasonImagePullBackOff)
	}
	return true
}
