package node

import (
	"context"
	"net"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/simulator/internal/store"
)

// Store is what a node needs of the objects on disk. *store.Store has it.
type Store interface {
	Home() string
	// Version grows with every change; it is cheap to ask.
	Version() (uint64, error)
	Pods(namespace string) ([]store.Pod, error)
	Pod(namespace, name string) (store.Pod, error)
	Bind(namespace, name, uid, node string) (bound bool, err error)
	Own(namespace, name, uid string) (release func(), ok bool, err error)
	State(namespace, name, uid string) (store.PodState, error)
	SetState(namespace, name, uid string, s store.PodState) error
	// Claim reads a claim; NotFound if there is none.
	Claim(namespace, name string) (*v1.PersistentVolumeClaim, error)
	// BindClaim binds a claim to what fits it, or with make to a new volume.
	BindClaim(namespace, name string, make bool) error
	RemovePod(namespace, name, uid string) error
	AppendEvents(pod *v1.Pod, events ...v1.Event) error
	Watch(ctx context.Context) (<-chan store.Change, error)
	// List reads the objects of a kind; of all namespaces if it has none.
	List(kind store.Kind, namespace string) ([]store.Object, error)
	Create(o store.Object) error
	Delete(kind store.Kind, namespace, name, uid string) error
	// ReleaseVolumes says of the PersistentVolumes of a claim that it is gone.
	ReleaseVolumes(namespace, claim string) error
}

// Agent makes sure of the pause image and reaches the program inside sandboxes.
type Agent interface {
	// Ensure returns the reference of the pause image, loading it if need be.
	Ensure(ctx context.Context) (string, error)
	// Tunnel connects to a running sandbox; it may connect lazily.
	Tunnel(id runtime.ContainerID) Tunnel
	// Kill ends a process that was started in a container of the sandbox.
	Kill(ctx context.Context, sandbox runtime.ContainerID, meta runtime.Meta, id runtime.ContainerID, p runtime.Process) error
}

// Tunnel acts inside one sandbox. *agent.Client is one.
type Tunnel interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
	ResolveSubpath(ctx context.Context, volume, path string, create bool) (wire.SubpathResult, error)
	Swap(ctx context.Context, p agent.Payload) (changed bool, err error)
	Measure(ctx context.Context, path string) (wire.Usage, error)
	ReadFile(ctx context.Context, path string, limit int64, tail bool) ([]byte, error)
	MakeFiles(ctx context.Context, files ...wire.File) error
	Close() error
}

// Timing holds the intervals of the loop; zero fields take the defaults.
type Timing struct {
	// Relist is the distance of full lists of the engine's containers.
	Relist time.Duration
	// Adopt is how often a pod that another process owns is tried again.
	Adopt time.Duration
	// Measure is the distance of measurements of local storage.
	Measure time.Duration
}

func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
	}
	set(&t.Relist, 30*time.Second)
	set(&t.Adopt, 2*time.Second)
	set(&t.Measure, 10*time.Second)
	return t
}
