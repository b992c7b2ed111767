package diagnose

import (
	"fmt"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// images finds containers whose image is not there.
func (v *view) images() {
	for _, u := range v.open() {
		reason, message := u.waits()
		switch reason {
		case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable":
		default:
			v.pulling(u, reason)
			continue
		}
		m := v.missingImage(u, message)
		text := v.pullError(m.container, m.image, message)
		f := Finding{
			Cause: CauseImage, Container: u.name(),
			Summary: fmt.Sprintf("the image %q of %s cannot be pulled: %s", m.image, m.of, text),
			Fix:     pullAdvice(reason, text, v.Arch, m.policy),
		}
		if secrets := v.Pod.Spec.ImagePullSecrets; len(secrets) > 0 {
			var names []string
			for _, s := range secrets {
				names = append(names, s.Name)
			}
			f.Details = append(f.Details, "imagePullSecrets: "+strings.Join(names, ", "))
		}
		if e := v.last("", "FailedToRetrieveImagePullSecret"); e != nil {
			f.Details = append(f.Details, e.Message)
		}
		v.add(f)
	}
}

// pulling tells of an image that is on its way.
func (v *view) pulling(u *unit, reason string) {
	e := v.last(u.name(), "Pulling", "Pulled", "Failed", "Created")
	if reason != "ContainerCreating" && reason != "PodInitializing" || e == nil || e.Reason != "Pulling" {
		return
	}
	since := e.LastTimestamp.Time
	if since.IsZero() {
		since = e.EventTime.Time
	}
	v.add(Finding{
		Cause: CausePulling, Container: u.name(),
		Summary: fmt.Sprintf("the image %q of %s is being pulled, for %s so far", u.spec.Image, u.title(), ago(v.Now.Sub(since))),
	})
}

// missing is an image that a container waits for, what it is of, and the
// container that events of it are about: its own, or none for that of a volume,
// which is the pod's business.
type missing struct {
	image, of, container string
	policy               v1.PullPolicy
}

func (v *view) missingImage(u *unit, message string) missing {
	for _, m := range u.spec.VolumeMounts {
		vol := v.volume(m.Name)
		if vol == nil || vol.Image == nil {
			continue
		}
		ref := vol.Image.Reference
		if strings.Contains(message, strconv.Quote(ref)) || v.pullError("", ref, "") == message {
			return missing{image: ref, of: fmt.Sprintf("volume %q, which %s mounts,", vol.Name, u.title()), policy: vol.Image.PullPolicy}
		}
	}
	return missing{image: u.spec.Image, of: u.title(), container: u.name(), policy: u.spec.ImagePullPolicy}
}

// pullError is the registry's text for an image: the status of a back-off may
// not have it. Without one it is the message.
func (v *view) pullError(container, image, message string) string {
	for i := len(v.Events) - 1; i >= 0; i-- {
		e := &v.Events[i]
		if containerOf(e) != container {
			continue
		}
		if _, text, ok := strings.Cut(e.Message, fmt.Sprintf("Failed to pull image %q: ", image)); ok {
			return text
		}
	}
	return message
}

// pullAdvice is what to do about a registry's text.
func pullAdvice(reason, text, arch string, policy v1.PullPolicy) string {
	text = strings.ToLower(text)
	here := "; this engine has no image of that name"
	if policy == v1.PullAlways {
		here = "; an image that this engine has is used with imagePullPolicy IfNotPresent"
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	switch {
	case reason == "ErrImageNeverPull":
		return "imagePullPolicy is Never: build or load the image on this engine, or take the policy away"
	case reason == "InvalidImageName":
		return "correct the reference: names are lower case, NAME[:TAG][@DIGEST]"
	case has("no matching manifest"):
		return fmt.Sprintf("the image is not made for this machine (%s): choose another tag, or build it for it", arch)
	case has("pull access denied", "unauthorized", "authentication required", "denied", "no basic auth", "forbidden"):
		return "the name is wrong, or credentials are missing: `docker login`, or imagePullSecrets" + here
	case has("manifest unknown", "manifest for", "not found"):
		return "the registry has no such tag: look at the tag and the name"
	case has("toomanyrequests", "rate limit"):
		return "the registry limits anonymous pulls: `docker login`, or use a mirror"
	case has("no such host", "dial tcp", "i/o timeout", "connection refused", "network is unreachable", "deadline exceeded", "request canceled", "lookup "):
		return "the engine does not reach the registry: look at its network, proxy and DNS" + here
	case has("x509", "http: server gave http response to https client"):
		return "the engine does not trust the registry: add its certificate, or list it in insecure-registries of the engine"
	}
	return ""
}
