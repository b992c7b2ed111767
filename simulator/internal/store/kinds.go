package store

import (
	"path/filepath"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is anything the store keeps under a name.
type Object = interface {
	metav1.Object
	runtime.Object
}

// Kind is a kind of objects, spelled as in a manifest.
type Kind string

// The kinds the store knows. Pods have methods of their own; events are
// appended, never put.
const (
	KindPod       Kind = "Pod"
	KindConfigMap Kind = "ConfigMap"
	KindSecret    Kind = "Secret"
	KindClaim     Kind = "PersistentVolumeClaim"
	KindVolume    Kind = "PersistentVolume"
	KindEvent     Kind = "Event"
)

// Resource is the kind's plural in lower case, as messages name it.
func (k Kind) Resource() schema.GroupResource {
	return schema.GroupResource{Resource: k.plural()}
}

func (k Kind) plural() string {
	switch k {
	case KindPod:
		return "pods"
	case KindConfigMap:
		return "configmaps"
	case KindSecret:
		return "secrets"
	case KindClaim:
		return "persistentvolumeclaims"
	case KindVolume:
		return "persistentvolumes"
	case KindEvent:
		return "events"
	}
	return ""
}

// Namespaced tells whether objects of the kind live in a namespace.
func (k Kind) Namespaced() bool { return k != KindVolume }

// New is an empty object of the kind with its type filled in; nil for kinds
// that are not put as they are.
func (k Kind) New() Object {
	var o Object
	switch k {
	case KindPod:
		o = &v1.Pod{}
	case KindConfigMap:
		o = &v1.ConfigMap{}
	case KindSecret:
		o = &v1.Secret{}
	case KindClaim:
		o = &v1.PersistentVolumeClaim{}
	case KindVolume:
		o = &v1.PersistentVolume{}
	default:
		return nil
	}
	k.stamp(o)
	return o
}

// stamp fills apiVersion and kind in.
func (k Kind) stamp(o Object) {
	o.GetObjectKind().SetGroupVersionKind(v1.SchemeGroupVersion.WithKind(string(k)))
}

// KindOf is the kind of an object; "" for those the store does not keep.
func KindOf(o runtime.Object) Kind {
	switch o.(type) {
	case *v1.Pod:
		return KindPod
	case *v1.ConfigMap:
		return KindConfigMap
	case *v1.Secret:
		return KindSecret
	case *v1.PersistentVolumeClaim:
		return KindClaim
	case *v1.PersistentVolume:
		return KindVolume
	}
	return ""
}

// folder is where the objects of a kind lie.
func (s *Store) folder(k Kind, ns string) string {
	if !k.Namespaced() {
		return filepath.Join(s.dir, "cluster", k.plural())
	}
	return filepath.Join(s.dir, "namespaces", ns, k.plural())
}

// Namespaces are those that ever held something, sorted.
func (s *Store) Namespaces() ([]string, error) {
	return names(filepath.Join(s.dir, "namespaces"))
}

// namespaces is ns alone, or all of them for "".
func (s *Store) namespaces(k Kind, ns string) ([]string, error) {
	switch {
	case !k.Namespaced():
		return []string{""}, nil
	case ns == "":
		return s.Namespaces()
	case !safeName(ns):
		return nil, nil
	}
	return []string{ns}, nil
}
