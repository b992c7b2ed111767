package lifecycle

import "fmt"

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

// rememberPull lengthens the image's back-off once for each failed pull.
func (d *decision) rememberPull(u *unit) {
	f := u.see.Failure
	if f == nil || !isPullFailure(f.Reason) {
		return
	}
	b := d.m.PullBackoff[u.spec.Image]
	if !f.At.After(b.Since) {
		return
	}
	b.Backoff = b.after(f.At, f.At)
	b.Error = fmt.Sprintf("%s: %s", f.Reason, f.Message)
	d.m.PullBackoff[u.spec.Image] = b
}

// heldByPull says whether the image may not be pulled yet.
func (d *decision) heldByPull(u *unit) bool {
	if u.see.ImageReady {
		return false
	}
	b, ok := d.m.PullBackoff[u.spec.Image]
	if !ok || b.Delay == 0 {
		return false
	}
	end := b.Since.Add(d.scaled(b.Delay))
	if !d.now().Before(end) {
		return false
	}
	d.wake(end)
	message := fmt.Sprintf("Back-off pulling image %q", u.spec.Image)
	if d.wait(u, ReasonImagePullBackOff, message+": "+b.Error) {
		d.normal(u.name, reasonBackOff, "%s", message)
		d.warning(u.name, reasonFailed, "Error: %s", ReasonImagePullBackOff)
	}
	return true
}
