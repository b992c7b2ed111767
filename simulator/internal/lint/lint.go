package lint

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/internal/podspec"
)

// Hint is about one field.
type Hint struct {
	Field   string
	Message string
}

// Objects are what pods of the namespace may name: keys by object name.
type Objects struct {
	ConfigMaps, Secrets map[string][]string
	Claims              map[string]bool
}

// Pod gives the hints about a pod with its defaults. written is the pod as it
// stands in the file, for what a default would hide; nil leaves such hints out.
func Pod(pod, written *v1.Pod, known Objects) []Hint {
	l := newLinter(pod, known)
	l.samePorts()
	for _, c := range l.containers {
		l.noImage(c)
		l.askedPorts(c)
		l.variables(c)
		l.endless(c)
		l.words(c)
		l.mounts(c)
		l.subPaths(c)
		l.references(c)
		l.capabilities(c)
	}
	l.volumes()
	l.pullSecrets()
	if written != nil {
		l.pulledAnew(written)
	}
	return l.hints
}

func newLinter(pod *v1.Pod, known Objects) *linter {
	l := &linter{pod: pod, known: known}
	for _, list := range []struct {
		name string
		of   []v1.Container
	}{{"initContainers", pod.Spec.InitContainers}, {"containers", pod.Spec.Containers}} {
		for i := range list.of {
			c := &list.of[i]
			l.containers = append(l.containers, container{
				Container: c, at: spec.Child(list.name).Index(i), init: list.name == "initContainers" && !podspec.IsSidecar(c),
			})
		}
	}
	return l
}

var spec = field.NewPath("spec")

// container is a container and where it stands.
type container struct {
	*v1.Container
	at *field.Path
	// init: it is to end before the next one starts.
	init bool
}

type linter struct {
	pod        *v1.Pod
	known      Objects
	containers []container
	hints      []Hint
	// visited are the volumes whose objects were looked for.
	visited map[string]bool
}

func (l *linter) hint(at *field.Path, message string) {
	l.hints = append(l.hints, Hint{Field: at.String(), Message: message})
}
