package simulator

import (
	"context"
	"fmt"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/store"
)

// Kind is a kind of objects, spelled as in a manifest.
type Kind string

// The kinds podsim knows.
const (
	Pods      Kind = "Pod"
	Configs   Kind = "ConfigMap"
	Secrets   Kind = "Secret"
	Claims    Kind = "PersistentVolumeClaim"
	Volumes   Kind = "PersistentVolume"
	EventKind Kind = "Event"
)

// Object is one of *v1.Pod, *v1.ConfigMap, *v1.Secret,
// *v1.PersistentVolumeClaim, *v1.PersistentVolume, *v1.Event. It is an alias, as
// are the Objects of other packages: a list of them is a list of these.
type Object = interface {
	metav1.Object
	apiruntime.Object
}

// Ref names an object.
type Ref struct {
	Kind      Kind
	Namespace string // "": the Simulator's own
	Name      string
}

// KindOf is the kind of an object, "" for one podsim does not take.
func KindOf(o Object) Kind {
	if _, event := o.(*v1.Event); event {
		return EventKind
	}
	return Kind(store.KindOf(o))
}

// RefOf names an object that there is.
func RefOf(o Object) Ref { return Ref{Kind: KindOf(o), Namespace: o.GetNamespace(), Name: o.GetName()} }

// Resource is the kind's plural in lower case, as messages name it.
func (k Kind) Resource() string { return store.Kind(k).Resource().Resource }

// Namespaced tells whether objects of the kind live in a namespace.
func (k Kind) Namespaced() bool { return store.Kind(k).Namespaced() }

// Get reads one object; a pod with its status. NotFound if there is none.
func (s *Simulator) Get(ctx context.Context, ref Ref) (Object, error) {
	switch ref.Kind {
	case Pods:
		return object(s.Pod(ctx, ref.Namespace, ref.Name))
	case EventKind:
		return s.event(ref)
	}
	return s.store.Get(store.Kind(ref.Kind), s.ns(ref.Namespace), ref.Name)
}

// object turns a typed answer into an Object, without the nil inside that Go
// would make of a failed one.
func object[T Object](o T, err error) (Object, error) {
	if err != nil {
		return nil, err
	}
	return o, nil
}

func (s *Simulator) event(ref Ref) (Object, error) {
	events, err := s.store.Events(s.ns(ref.Namespace))
	for i := range events {
		if events[i].Name == ref.Name {
			return &events[i], nil
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, apierrors.NewNotFound(store.KindEvent.Resource(), ref.Name)
}

// Pod reads a pod with its status.
func (s *Simulator) Pod(_ context.Context, ns, name string) (*v1.Pod, error) {
	p, err := s.store.Pod(s.ns(ns), name)
	if err != nil {
		return nil, err
	}
	return shown(p), nil
}

// shown is a pod as the API shows it: with the version of all of it.
func shown(p store.Pod) *v1.Pod {
	p.Object.ResourceVersion = p.Version
	return p.Object
}

// PodInfo is what podsim knows of a pod and a v1.Pod has no field for.
type PodInfo struct {
	Options PodOptions
	// Ports are the ports published on the engine's machine.
	Ports []runtime.PortBinding
}

// PodInfo reads it for one pod.
func (s *Simulator) PodInfo(_ context.Context, ns, name string) (PodInfo, error) {
	p, err := s.store.Pod(s.ns(ns), name)
	if err != nil {
		return PodInfo{}, err
	}
	state, err := s.store.State(s.ns(ns), name, string(p.Object.UID))
	return PodInfo{Options: p.Options, Ports: state.Ports}, err
}

// unsupported is the error for a kind that cannot be treated so.
func unsupported(kind Kind) error {
	return apierrors.NewBadRequest(fmt.Sprintf("podsim keeps no objects of kind %q", string(kind)))
}
