package lifecycle

import (
	"time"

	v1 "k8s.io/api/core/v1"
)

// Snapshot is everything that Plan and package status look at.
type Snapshot struct {
	Now time.Time
	// Pod is the stored object: spec defaulted, metadata with the deletion
	// timestamp and grace period. Its Status is the one published last.
	Pod *v1.Pod
	// Unscheduled is why no node takes the pod (see Schedule); "" once one does.
	Unscheduled string
	// Rejected is set when the node may not run the pod at all. It counts only
	// as long as nothing of the pod was made: see Refused.
	Rejected *Rejection
	Node     Node
	// Resize is a resize that cannot be carried out: Pod has the resources that
	// it is granted instead (see Allocate).
	Resize  *PendingResize
	Sandbox Sandbox
	Volumes Volumes
	// Containers has every init, ordinary and ephemeral container by name.
	Containers map[string]Container
	Usage      Usage
	Memory     Memory
	// BackoffScale multiplies every restart back-off; 0 means 1.
	BackoffScale float64
}

// Node is the machine the pod runs on, as far as pods see it.
type Node struct {
	Name string
	IPs  []string // the host's addresses, IPv4 first
	// CPUMillis and MemoryBytes are allocatable.
	CPUMillis   int64
	MemoryBytes int64
	// RecursiveReadOnly: it can make mounts read-only recursively.
	RecursiveReadOnly bool
	// NoAppArmor says that the machine enforces no profiles.
	NoAppArmor bool
}

// Rejection is a refusal at admission: the pod fails with this reason and
// message and never gets a sandbox.
type Rejection struct {
	Reason  string // "SysctlForbidden", "OutOfcpu", ...
	Message string
}

// SandboxState is where the pod sandbox stands.
type SandboxState string

// The states of a sandbox.
const (
	SandboxNone    SandboxState = ""        // none was made, or it was removed
	SandboxStarted SandboxState = "started" // ActSandbox is under way
	SandboxReady   SandboxState = "ready"   // network up, volumes set up
	SandboxDead    SandboxState = "dead"    // it was there and has ended
)

// Sandbox is the newest sandbox of the pod.
type Sandbox struct {
	State     SandboxState
	Attempt   int // of the newest one, meaningful unless SandboxNone
	CreatedAt time.Time
	IPs       []string // IPv4 first; kept after its end for the status
	// Stopping is true while ActStopSandbox or ActTeardown is under way.
	Stopping bool
	// Failure is why the last ActSandbox failed; nil after a success.
	Failure *Failure
}

// Volumes says whether everything the pod mounts can be set up.
type Volumes struct {
	// Problems are the volumes that cannot, in spec order; empty is ready.
	Problems []VolumeProblem
}

// VolumeProblem is one volume that cannot be set up now.
type VolumeProblem struct {
	Volume  string
	Message string // `configmap "x" not found`
}

// Failure is why an action failed.
type Failure struct {
	At      time.Time
	Attempt int
	// Reason as Kubernetes spells it: ErrImagePull, ErrImageNeverPull,
	// InvalidImageName, CreateContainerConfigError, CreateContainerError,
	// RunContainerError, PostStartHookError, CreatePodSandboxError, ...
	Reason  string
	Message string
	// Image is the image that could not be had when it is that of a volume;
	// empty for the container's own.
	Image string `json:",omitempty"`
}

// Container is what is known of one container of the pod.
type Container struct {
	// Instances are those the engine holds, newest first.
	Instances []Instance
	// Busy is the action under way for this container.
	Busy Busy
	// ImagesThere: the engine has every image that the next attempt needs and
	// that may be used without a pull. No back-off of a pull counts then.
	ImagesThere bool
	// ImageReady is true when ActImage succeeded for the attempt that is to be
	// started next; a start resets it.
	ImageReady bool
	// Failure is why the last ActImage or ActStart failed; nil after a success.
	Failure *Failure
	// SpecHash is the hash of the container's definition as asked for now; when
	// it changes, ImageReady and Failure are about the past and are reset.
	SpecHash string
	// ResourceHash is the hash of the resources asked for now; empty when
	// resizing is not watched.
	ResourceHash string
	// Probes are the results for the newest instance.
	Probes Probes
}

// Busy is an action under way for a container.
type Busy string

// What a container can be busy with.
const (
	Idle        Busy = ""
	BusyImage   Busy = "image"
	BusyStart   Busy = "start" // creating, starting, and its postStart hook
	BusyPreStop Busy = "preStop"
	BusyStop    Busy = "stop"
	BusyRemove  Busy = "remove"
	BusyResize  Busy = "resize"
)

// InstanceState is where one instance stands.
type InstanceState string

// The states of an instance. One whose process could not be started is Exited
// with StartError.
const (
	Created InstanceState = "created"
	Running InstanceState = "running"
	Exited  InstanceState = "exited"
	// Vanished: it was seen and is not on the engine any more (pruned).
	Vanished InstanceState = "vanished"
)

// Instance is one run of a container.
type Instance struct {
	ID       string // the engine's id
	Attempt  int
	State    InstanceState
	Image    string // the reference it was made from
	ImageID  string
	SpecHash string
	// ResourceHash is the hash of the resources in force.
	ResourceHash string

	CreatedAt  time.Time
	StartedAt  time.Time
	FinishedAt time.Time
	ExitCode   int
	OOMKilled  bool
	StartError string
	// Message is the termination message, cut as the kubelet cuts it.
	Message string
	// PreStop says how far its preStop hook is (HookNone: not begun).
	PreStop HookState
	// PostStart is HookRunning while ActStart waits for the hook.
	PostStart HookState
	// SandboxAttempt is the sandbox it ran in.
	SandboxAttempt int
	// Backoff is the restart back-off that was in force when it was made, as
	// its label says; it rebuilds Memory after a loss.
	Backoff time.Duration
}

// HookState is how far a lifecycle hook is.
type HookState string

// The states of a hook.
const (
	HookNone    HookState = ""
	HookRunning HookState = "running"
	HookDone    HookState = "done"
	HookFailed  HookState = "failed"
)

// ProbeResult is what a probe's thresholds say.
type ProbeResult string

// The results. The zero value is the initial one: readiness counts as failure,
// liveness as success, startup as not yet.
const (
	ProbeUnknown ProbeResult = ""
	ProbeSuccess ProbeResult = "success"
	ProbeFailure ProbeResult = "failure"
)

// Probes are the results of a container's probes for its newest instance.
type Probes struct {
	Startup, Liveness, Readiness ProbeResult
}

// Usage is what was measured of local storage, in bytes. Missing means not
// measured.
type Usage struct {
	Volumes    map[string]int64 // disk emptyDirs by volume name
	Containers map[string]int64 // writable layer by container name
}
