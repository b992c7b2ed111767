package runtime

// ContainerID is the engine's full id of a container.
type ContainerID string

// Kind says what an engine object is to its pod.
type Kind string

// The kinds of engine objects podsim makes.
const (
	KindSandbox   Kind = "sandbox"   // the pause container
	KindInit      Kind = "init"      // init containers, sidecars among them
	KindContainer Kind = "container" // the pod's ordinary containers
	KindEphemeral Kind = "ephemeral" // debug containers
	KindVolume    Kind = "volume"    // a volume that dies with the pod
	KindClaim     Kind = "claim"     // a persistent claim: outlives pods
	KindHelper    Kind = "helper"    // a short-lived container of podsim's own
)

// PodRef names a pod for good: a new pod of the same name has another UID.
type PodRef struct {
	UID       string
	Namespace string
	Name      string
}

// Meta is what the labels of an engine object say. It alone is enough to find
// the object, to tell whose it is and to rebuild the node's memory of it.
type Meta struct {
	// Home tells stores on one engine apart: the id of the state directory.
	Home string
	Pod  PodRef
	Kind Kind
	// Container is the container's name in the pod; empty on a sandbox. On a
	// volume it is the volume's name in the pod.
	Container string
	// Attempt counts the instances of one container, from 0. On a sandbox it
	// counts the sandboxes of the pod.
	Attempt int
	// Extra is memory that must survive the process, by short key
	// ("back-off", "spec-hash", "pod"). Never a secret value.
	Extra map[string]string
}

// Filter selects objects by their labels. Empty fields match everything of
// podsim's; an object without podsim's labels never matches.
type Filter struct {
	Home   string
	PodUID string
	Kind   Kind
}
