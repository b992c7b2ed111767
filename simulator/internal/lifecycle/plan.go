package lifecycle

import "time"

// ActionKind is something the node can do for a pod.
type ActionKind string

// The actions. Each says what its success and failure look like in the next
// snapshot.
const (
	// ActSandbox makes and starts a sandbox with number Attempt and sets up the
	// volumes: Sandbox.State goes started -> ready, or Sandbox.Failure. What is
	// left of a dead one is removed first.
	ActSandbox ActionKind = "create sandbox"
	// ActImage makes sure of the images for the next instance, its own and
	// those of the volumes it mounts, by their pull policies: ImageReady, or
	// Failure.
	ActImage ActionKind = "ensure image"
	// ActStart creates instance Attempt, starts it and runs its postStart hook
	// to the end: a running instance, or Failure (and, when the hook failed or
	// the process could not be started, an instance that shows it).
	ActStart ActionKind = "start"
	// ActPreStop runs the preStop hook, at most Grace: PreStop goes running ->
	// done or failed.
	ActPreStop ActionKind = "run preStop"
	// ActStop sends the stop signal, waits at most Grace and kills. Asked again
	// with a shorter Grace while BusyStop, it is shortened. A postStart or
	// preStop hook that still runs is given up.
	ActStop ActionKind = "stop"
	// ActRemove removes the dead instance Attempt.
	ActRemove ActionKind = "remove"
	// ActResize applies the container's changed resources in place.
	ActResize ActionKind = "resize"
	// ActStopSandbox ends the sandbox of a finished (or to be rebuilt) pod; its
	// containers have ended before. The volumes stay.
	ActStopSandbox ActionKind = "stop sandbox"
	// ActTeardown removes every container, the sandbox and the pod's volumes,
	// then the pod object itself. An ActImage under way is given up. Nothing
	// comes after it. Sandbox.Stopping is true meanwhile.
	ActTeardown ActionKind = "tear down"
)

// Action is one step to carry out, with its cause in plain words.
type Action struct {
	Kind      ActionKind
	Container string // empty for the sandbox and the pod
	Attempt   int
	Grace     time.Duration
	Cause     string
}

// Event is something users are told through `podsim events`.
type Event struct {
	Warning bool
	// Container is the container it is about; empty for the pod.
	Container string
	Reason    string
	Message   string
	// Source tells it: one of the sources, empty for the kubelet.
	Source string
}

// Sources of events other than the kubelet.
const (
	SourceScheduler = "default-scheduler"
	SourceEphemeral = "ephemeral_volume" // makes the claims of ephemeral volumes
)

// Plan is what to do now.
type Plan struct {
	// At is the snapshot's Now.
	At time.Time
	// Actions are independent of each other and carried out side by side.
	Actions []Action
	Events  []Event
	// Wake is when to look again though nothing happened; zero is never.
	Wake time.Time
	// Memory replaces the snapshot's.
	Memory Memory
}
