package runtime

import "errors"

// The classes of errors an Engine answers. They are matched with errors.Is;
// the engine's own text stays in the message.
var (
	// ErrNotFound: the container, image, volume or path does not exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the name is taken, or the object is in a state that
	// forbids the call (exec in a container that is not running).
	ErrConflict = errors.New("conflict")
	// ErrPaused: the container is frozen, so that nothing can be started in it
	// or attached to.
	ErrPaused = errors.New("paused")
	// ErrInvalid: the engine refused the request as it stands.
	ErrInvalid = errors.New("invalid")
	// ErrDenied: the registry or the kernel refused (credentials, EPERM).
	ErrDenied = errors.New("denied")
	// ErrUnavailable: the engine cannot be reached, or is going away. The
	// call may or may not have been carried out.
	ErrUnavailable = errors.New("engine unavailable")
	// ErrNoSandbox: a container could not be started because the sandbox whose
	// network and IPC it joins does not run. Nothing was started.
	ErrNoSandbox = errors.New("sandbox does not run")
	// ErrOOMScore comes with ErrDenied: the process could not be started for its
	// negative OOMScoreAdj, which an engine without CAP_SYS_RESOURCE (rootless,
	// or in a container) may not set. A new container without it can start.
	ErrOOMScore = errors.New("oom score denied")
	// ErrUnsupported: this engine or its version cannot do it.
	ErrUnsupported = errors.New("not supported by this engine")
)
