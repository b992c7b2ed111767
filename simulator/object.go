package simulator

import (
	"context"
	"errors"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

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
// *v1.PersistentVolumeClaim, *v1.PersistentVolume, *v1.Event.
type Object interface {
	metav1.Object
	runtime.Object
}

// Ref names an object.
type Ref struct {
	Kind      Kind
	Namespace string // "": the Simulator's own
	Name      string
}

// PodOptions are wishes about a pod that its manifest has no field for: ports
// to publish, images to use instead, back-off scale.
type PodOptions = store.PodOptions

// PodPort is one published port of PodOptions.
type PodPort = store.Port

// CreateOptions of Create.
type CreateOptions struct {
	// Pod is for pods alone.
	Pod PodOptions
	// SaveConfig keeps the object as it is given in the annotation that Apply
	// compares with (kubectl create --save-config).
	SaveConfig bool
	DryRun     bool
}

var errTODO = errors.New("not there yet")

// Create keeps a new object and returns it as stored. It is validated (Invalid
// with all its errors), gets its namespace, its name from generateName, uid,
// creation time; o is not changed. A name that is taken is AlreadyExists.
//
// A pod is run by whoever owns it: call EnsureNode, or RunNode in this process.
func (s *Simulator) Create(ctx context.Context, o Object, opts CreateOptions) (Object, error) {
	return nil, errTODO
}

// Get reads one object; a pod with its status. NotFound if there is none.
func (s *Simulator) Get(ctx context.Context, ref Ref) (Object, error) { return nil, errTODO }

// Pod reads a pod with its status.
func (s *Simulator) Pod(ctx context.Context, ns, name string) (*v1.Pod, error) { return nil, errTODO }

// PodInfo is what podsim knows of a pod and a v1.Pod has no field for.
type PodInfo struct {
	Options PodOptions
	// Owner is the process that owns the pod, 0 for none.
	Owner int
	// Warnings of its owner.
	Warnings []string
	// Ports are the ports published on the engine's machine.
	Ports []PublishedPort
}

// PublishedPort is a port of a pod on the engine's machine.
type PublishedPort struct {
	HostIP        string
	HostPort      uint16
	ContainerPort uint16
	Protocol      string // "tcp", "udp", "sctp"
}

// PodInfo reads it for one pod.
func (s *Simulator) PodInfo(ctx context.Context, ns, name string) (PodInfo, error) {
	return PodInfo{}, errTODO
}

// ListOptions select objects.
type ListOptions struct {
	// Namespace "" is the Simulator's own; AllNamespaces wins.
	Namespace     string
	AllNamespaces bool
	// Name selects one object.
	Name string
	// Labels and Fields are selectors as kubectl's -l and --field-selector
	// take them ("app=web,tier!=db"; "status.phase=Running").
	Labels string
	Fields string
}

// List reads the objects of a kind in the order of namespace and name. An empty
// list is no error.
func (s *Simulator) List(ctx context.Context, kind Kind, o ListOptions) ([]Object, error) {
	return nil, errTODO
}

// PodList is List for pods.
func (s *Simulator) PodList(ctx context.Context, o ListOptions) ([]*v1.Pod, error) {
	return nil, errTODO
}

// WatchOp is what happened to a watched object.
type WatchOp string

// What happens to objects, as the API's watch calls it.
const (
	Added    WatchOp = "ADDED"
	Modified WatchOp = "MODIFIED"
	Deleted  WatchOp = "DELETED"
)

// WatchEvent is a change of an object. Object is as it is now; of a deleted one
// as it was seen last.
type WatchEvent struct {
	Op     WatchOp
	Object Object
}

// Watch tells what is there (as Added) and then every change of the selected
// objects until ctx ends, which closes the channel. Changes that follow each
// other at once may come as one.
func (s *Simulator) Watch(ctx context.Context, kind Kind, o ListOptions) (<-chan WatchEvent, error) {
	return nil, errTODO
}

// PodUID waits for nothing: it tells which pod bears the name now.
func (s *Simulator) PodUID(ctx context.Context, ns, name string) (types.UID, error) {
	return "", errTODO
}
