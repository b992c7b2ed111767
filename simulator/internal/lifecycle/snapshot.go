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
	// Rejected is set when the node may not run the pod at all.
	Rejected *Rejection
	Node     Node
	Sandbox  Sandbox
	Volumes  Volumes
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
}

// Container is what is known of one container of the pod.
type Container struct {
	// Instances are those the engine holds, newest first.
	Instances []Instance
	// Busy is the action under way for this container.
	Busy Busy
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

// Memory is what was decided before and must not be forgotten. It is kept
// with the pod's status as JSON; Recover rebuilds what it can without it.
type Memory struct {
	// StartTime is when the node accepted the pod: status.startTime.
	StartTime time.Time
	// Sandboxes is one more than the highest attempt of a sandbox seen so far.
	Sandboxes int
	// InitDone are the init containers that ended well in this sandbox.
	InitDone map[string]bool
	// AppStarted is true once an ordinary container was started in this
	// sandbox.
	AppStarted bool
	// Turn is the container that was started last.
	Turn       string
	Containers map[string]ContainerMemory
	// PullBackoff by image reference.
	PullBackoff map[string]PullBackoff
	// Verdict ends the pod: nothing is started any more.
	Verdict *Verdict
	// Terminating is when the pod as a whole began to be stopped, and the
	// grace it has; zero while it is not.
	Terminating time.Time
	Grace       time.Duration
	// Asked is the grace of the last deletion request that was honoured.
	Asked time.Duration
	// Rebuilding is when the sandbox was found dead; zero once a new one is
	// ready.
	Rebuilding time.Time
	// RestartAll is true while every container is removed because a rule of
	// one of them says RestartAllContainers.
	RestartAll bool
	// MountRetry is when FailedMount is told again, and the distance.
	MountRetry   time.Time
	MountBackoff time.Duration
	// Finished is true once the phase is terminal.
	Finished bool
}

// ContainerMemory is what was decided about one container.
type ContainerMemory struct {
	// Made is how many attempts were made: the number of the next instance.
	Made int
	// Reset is when the newest instance ended that RestartAllContainers
	// removed; zero while there was none.
	Reset   time.Time
	Backoff Backoff
	// Start is the attempt that passed every back-off and is being started.
	Start *Start
	// Kill is set while the running instance is to be ended, and kept until
	// the restart that was decided with it has happened.
	Kill *Kill
	// Last is the newest instance as it was last seen running.
	Last *Instance
	// Ended are the last two instances that ended, newest first, as they were
	// when last seen: they survive pruning.
	Ended []Instance
	// Waiting is the reason and message that the status shows while the
	// container is held back (CrashLoopBackOff, ImagePullBackOff, ...). Ask
	// Holding, which knows when it is out of date.
	Waiting *Failure
}

// Start is the decision to start an attempt.
type Start struct {
	Attempt int
	// Known is the time of the failure known when it was decided: a later one
	// ends the decision.
	Known time.Time
}

// KillCause is why an instance is ended.
type KillCause string

// The causes.
const (
	KillLiveness   KillCause = "liveness"
	KillStartup    KillCause = "startup"
	KillDefinition KillCause = "definition"
	KillHook       KillCause = "hook"
	KillResize     KillCause = "resize"
	KillSandbox    KillCause = "sandbox"
	KillAll        KillCause = "restart all"
	KillPod        KillCause = "pod"
)

// Kill is the decision to end an instance.
type Kill struct {
	Attempt int
	Since   time.Time
	// Grace is counted from Since; preStop and waiting for others are taken
	// out of it.
	Grace time.Duration
	Why   KillCause
	// Restart means that the instance is replaced whatever it exits with.
	Restart bool
	// Hooked is true once its preStop hook was asked for.
	Hooked bool
	// Left is the grace that was left at From, when the hook had ended.
	From time.Time
	Left time.Duration
	// Shortened is true when a later request took grace away.
	Shortened bool
	// Stop is when the stop that was asked for kills.
	Stop time.Time
}

// Backoff is one exponential back-off: the present delay and when it was set.
type Backoff struct {
	Delay time.Duration
	Since time.Time
	// SpecHash is the definition it is about.
	SpecHash string
}

// PullBackoff holds the pulls of one image back.
type PullBackoff struct {
	Backoff
	// Error is the reason and message of the last pull.
	Error string
}

// Verdict is the reason why a pod has to end before its containers do.
type Verdict struct {
	Reason  string // "DeadlineExceeded", "Evicted", the rejection's reason
	Message string
	At      time.Time
	// Failed makes the phase Failed whatever the exit codes were.
	Failed bool
}
