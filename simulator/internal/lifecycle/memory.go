package lifecycle

import "time"

// Memory is what was decided before and must not be forgotten. It is kept
// with the pod's status as JSON; Recover rebuilds what it can without it.
type Memory struct {
	// StartTime is when the node accepted the pod: status.startTime.
	StartTime time.Time
	// Unscheduled is what was said last of a pod that no node takes.
	Unscheduled string `json:",omitempty"`
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
	// MountRetry is when FailedMount is told again, and the distance.
	MountRetry   time.Time
	MountBackoff time.Duration
	// Resizing is the generation of the pod whose resources are being applied;
	// 0 when they are in force.
	Resizing int64 `json:",omitempty"`
	// ResizePending is what was told last of a resize that cannot be.
	ResizePending string `json:",omitempty"`
	// Finished is true once the phase is terminal.
	Finished bool
}

// ContainerMemory is what was decided about one container.
type ContainerMemory struct {
	// Made is how many attempts were made: the number of the next instance.
	Made    int
	Backoff Backoff
	// Start is the attempt that passed every back-off and is being started.
	Start *Start
	// Kill is set while the running instance is to be ended, and kept until
	// the restart that was decided with it has happened.
	Kill *Kill
	// Last is the newest instance as it was last seen running, Up when it was
	// first.
	Last *Instance
	Up   time.Time
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
	// SpecHash is the definition it is about: another one has a back-off of its
	// own.
	SpecHash string
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
