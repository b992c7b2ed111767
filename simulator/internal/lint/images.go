package lint

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
	v1 "k8s.io/api/core/v1"
)

// noImage finds an image that is no reference, often a variable that something
// else was to fill in.
func (l *linter) noImage(c container) {
	if c.Image == "" {
		return // the API refuses it
	}
	if _, err := reference.ParseNormalizedNamed(c.Image); err == nil {
		return
	}
	text := fmt.Sprintf("%q is no name of an image: the container waits with InvalidImageName", c.Image)
	if strings.Contains(c.Image, "$") {
		text += "; no variables are filled in here (envsubst < FILE | podsim run - does)"
	}
	l.hint(c.at.Child("image"), text)
}

// pulledAnew finds images without a fixed tag whose author asks to pull them at
// every start.
func (l *linter) pulledAnew(written *v1.Pod) {
	for _, list := range []struct {
		name string
		of   []v1.Container
	}{{"initContainers", written.Spec.InitContainers}, {"containers", written.Spec.Containers}} {
		for i, c := range list.of {
			if c.ImagePullPolicy == v1.PullAlways && latest(c.Image) {
				l.hint(spec.Child(list.name).Index(i).Child("imagePullPolicy"), fmt.Sprintf(
					"image %q is pulled at every start and may be another each time; one that was only built here cannot be pulled", c.Image))
			}
		}
	}
}

// latest tells whether a reference says no other tag and no digest.
func latest(ref string) bool {
	if ref == "" || strings.Contains(ref, "@") {
		return false
	}
	_, tag, tagged := strings.Cut(ref[strings.LastIndexByte(ref, '/')+1:], ":")
	return !tagged || tag == "latest"
}
