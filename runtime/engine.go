package runtime

import (
	"context"
	"io"
	"time"
)

// Engine is a container engine. All methods may be called from many
// goroutines, block until the engine answered or ctx ended, and return errors
// of the classes in errors.go.
type Engine interface {
	Containers
	Streams
	Images
	Volumes
	// Info asks the engine about itself; the answer may be cached.
	Info(ctx context.Context) (Info, error)
	// Events tells changes of podsim's containers from the moment it returns.
	// The channel is closed when ctx ends or the connection is lost; the caller
	// then lists and subscribes again.
	Events(ctx context.Context, f Filter) (<-chan Event, error)
	io.Closer
}

// Containers makes, moves and shows containers.
type Containers interface {
	// CreateSandbox and CreateContainer make a container in StateCreated. A
	// name that is taken is ErrConflict.
	CreateSandbox(ctx context.Context, s SandboxSpec) (ContainerID, error)
	CreateContainer(ctx context.Context, s ContainerSpec) (ContainerID, error)
	// StartContainer returns once the process runs. Already running is
	// success. When the process cannot be started the error says why and the
	// container is StateExited with StartError.
	StartContainer(ctx context.Context, id ContainerID) error
	// StopContainer sends signal ("" is the container's own, else SIGTERM),
	// waits for the exit at most grace, then kills. It returns once the
	// container has ended. Not running, or gone, is success.
	StopContainer(ctx context.Context, id ContainerID, signal string, grace time.Duration) error
	// RemoveContainer kills if need be and removes with anonymous volumes.
	// Gone is success.
	RemoveContainer(ctx context.Context, id ContainerID) error
	Container(ctx context.Context, id ContainerID) (Container, error)
	// ContainerByName finds a container whoever made it (Meta is zero for
	// those that are not podsim's).
	ContainerByName(ctx context.Context, name string) (Container, error)
	// ListContainers returns podsim's containers in every state, complete as
	// by Container, in no order.
	ListContainers(ctx context.Context, f Filter) ([]Container, error)
	// UpdateResources changes the limits of a running container.
	UpdateResources(ctx context.Context, id ContainerID, r Resources) error
	// Stats reads one sample of usage.
	Stats(ctx context.Context, id ContainerID) (Stats, error)
	// DiskUsage is the size in bytes of the container's writable layer.
	DiskUsage(ctx context.Context, id ContainerID) (int64, error)
}

// Stats is one sample of what a container uses.
type Stats struct {
	Time time.Time
	// CPU is the time used since the start.
	CPU time.Duration
	// Memory is the working set in bytes (usage less inactive file cache).
	Memory      int64
	MemoryPeak  int64
	MemoryLimit int64
	PIDs        int64
	// Throttled is how long the CPU limit held the container back.
	Throttled time.Duration
}

// Streams moves bytes in and out of containers.
type Streams interface {
	// Logs writes a container's log to stdout and stderr (all to stdout with a
	// TTY) and returns at its end; with Follow, after the container ended and
	// everything was written.
	Logs(ctx context.Context, id ContainerID, o LogOptions, stdout, stderr io.Writer) error
	// Exec starts a process in a running container (else ErrConflict, or
	// ErrPaused). A program that cannot be run ends with 126 or 127 and the engine's text in
	// its output; a process killed with its container ends with 137.
	Exec(ctx context.Context, id ContainerID, o ExecOptions) (Process, error)
	// Attach connects to the container's first process. Wait of the returned
	// Process returns when the stream ends, with code 0. A container that is
	// paused is ErrPaused.
	Attach(ctx context.Context, id ContainerID, o AttachOptions) (Process, error)
	// CopyTo unpacks an uncompressed tar below path, keeping owners and modes.
	CopyTo(ctx context.Context, id ContainerID, path string, tar io.Reader) error
	// CopyFrom returns path as an uncompressed tar; the caller closes it.
	CopyFrom(ctx context.Context, id ContainerID, path string) (io.ReadCloser, error)
}

// LogOptions select a part of a log.
type LogOptions struct {
	Follow     bool
	Timestamps bool      // each line begins with an RFC3339Nano time
	Since      time.Time // zero: from the beginning
	Tail       int       // last lines; negative: all
}

// ExecOptions describe a process to start in a container.
type ExecOptions struct {
	Cmd   []string
	TTY   bool
	Stdin bool
}

// AttachOptions say which streams to connect.
type AttachOptions struct {
	Stdin bool
	TTY   bool // the container was created with a TTY
}

// Process is a process whose standard streams are connected. Close ends the
// streams, not the process.
type Process interface {
	// Stdin is nil unless asked for; Close ends the process's input.
	Stdin() io.WriteCloser
	// Stdout and Stderr must both be read. With a TTY all is on Stdout.
	Stdout() io.Reader
	Stderr() io.Reader
	// Resize of a process that has ended is success.
	Resize(ctx context.Context, width, height uint16) error
	// Wait blocks until the process ended and its output was read.
	Wait(ctx context.Context) (exitCode int, err error)
	// PID is the process's id on the engine's machine. ErrNotFound: it does
	// not run, or not yet. ErrUnsupported: the engine has no processes.
	PID(ctx context.Context) (int, error)
	Close() error
}

// Images finds and fetches images.
type Images interface {
	// Image looks an image up by reference or id.
	Image(ctx context.Context, ref string) (Image, error)
	// PullImage fetches ref, telling progress if asked. Credentials come from
	// o.Auth, else from the user's docker configuration.
	PullImage(ctx context.Context, ref string, o PullOptions) error
	// LoadImage loads an image archive as "docker save" writes it.
	LoadImage(ctx context.Context, tar io.Reader) error
}

// PullOptions of one pull.
type PullOptions struct {
	// Auth are credentials to try in turn, from imagePullSecrets.
	Auth []RegistryAuth
	// Progress is called from the pulling goroutine; nil is fine.
	Progress func(PullProgress)
}

// RegistryAuth are credentials for one registry.
type RegistryAuth struct {
	Username, Password, IdentityToken, ServerAddress string
}

// PullProgress is one step of a pull.
type PullProgress struct {
	Layer          string
	Status         string // "Downloading", "Extracting", "Pull complete", ...
	Current, Total int64  // bytes; 0 when unknown
}

// Volumes makes and removes volumes.
type Volumes interface {
	// CreateVolume makes it, or returns the one of that name if it is podsim's
	// own and of the same home (else ErrConflict).
	CreateVolume(ctx context.Context, s VolumeSpec) (Volume, error)
	Volume(ctx context.Context, name string) (Volume, error)
	ListVolumes(ctx context.Context, f Filter) ([]Volume, error)
	// RemoveVolume removes it; gone is success, in use is ErrConflict.
	RemoveVolume(ctx context.Context, name string) error
}
