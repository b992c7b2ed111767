package resource

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is a kind of object and its names.
type Kind struct {
	// Name is the kind as objects spell it: "ConfigMap".
	Name string
	// Plural and Singular are its names on the command line, Short its abbreviations.
	Plural, Singular string
	Short            []string
	// ClusterScoped objects have no namespace.
	ClusterScoped bool
}

// The kinds that podsim keeps.
var (
	Pod       = Kind{Name: "Pod", Plural: "pods", Singular: "pod", Short: []string{"po"}}
	ConfigMap = Kind{Name: "ConfigMap", Plural: "configmaps", Singular: "configmap", Short: []string{"cm"}}
	Secret    = Kind{Name: "Secret", Plural: "secrets", Singular: "secret"}
	Claim     = Kind{Name: "PersistentVolumeClaim", Plural: "persistentvolumeclaims", Singular: "persistentvolumeclaim", Short: []string{"pvc"}}
	Volume    = Kind{Name: "PersistentVolume", Plural: "persistentvolumes", Singular: "persistentvolume", Short: []string{"pv"}, ClusterScoped: true}
	Event     = Kind{Name: "Event", Plural: "events", Singular: "event", Short: []string{"ev"}}
)

// Kinds returns all of them in the order of their plural names.
func Kinds() []Kind { return []Kind{ConfigMap, Event, Claim, Volume, Pod, Secret} }

// OfObject returns the kind that objects of this name have.
func OfObject(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Lookup finds the kinds that one word on the command line means: a name, an abbreviation, or the category "all".
func Lookup(word string) ([]Kind, error) {
	name := strings.ToLower(word)
	for _, suffix := range []string{".v1", ".v1."} {
		name = strings.TrimSuffix(name, suffix)
	}
	if name == "all" {
		return []Kind{Pod}, nil
	}
	for _, k := range Kinds() {
		if name == k.Plural || name == k.Singular || slices.Contains(k.Short, name) {
			return []Kind{k}, nil
		}
	}
	return nil, &UnknownError{Word: word}
}

// UnknownError says that a word names no kind.
type UnknownError struct{ Word string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("the server doesn't have a resource type %q", e.Word)
}

// Hint lists what there is, for those too who gave a name alone.
func (e *UnknownError) Hint() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Plural)
	}
	return "podsim keeps " + strings.Join(names, ", ") + "; a pod is named as pod/NAME or pod NAME"
}
