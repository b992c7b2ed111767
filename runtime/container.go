package runtime

import (
	"net/netip"
	"time"
)

// State is where a container stands.
type State string

// The states of a container. A container whose process could not be started
// is StateExited with StartError set, whatever the engine calls it.
const (
	StateCreated State = "created"
	StateRunning State = "running"
	StateExited  State = "exited"
	// StateRemoving: on its way out, or dead and not removable yet.
	StateRemoving State = "removing"
)

// Container is one container as the engine knows it.
type Container struct {
	ID      ContainerID
	Name    string
	Meta    Meta
	Image   string // the reference it was created from
	ImageID string
	State   State
	PID     int // on the engine's machine; 0 when not running
	// Paused: somebody froze its processes. It counts as running.
	Paused bool

	CreatedAt  time.Time
	StartedAt  time.Time // zero when it never ran
	FinishedAt time.Time // zero while it has not ended

	ExitCode  int
	OOMKilled bool
	// StartError is the engine's text when the process could not be started.
	StartError string
	TTY        bool
	Stdin      bool
	Resources  Resources

	// IPs are the addresses of a sandbox on its networks, IPv4 first.
	IPs []netip.Addr
	// Ports are the published ports, with the host ports the engine chose.
	Ports []PortBinding
}

// Image is an image that the engine has.
type Image struct {
	ID      string   // "sha256:..."
	Tags    []string // "name:tag"
	Digests []string // "name@sha256:..."
	Size    int64

	Entrypoint []string
	Cmd        []string
	Env        []string
	User       string
	WorkingDir string
	StopSignal string
	Arch       string
}

// Info is what is known of an engine.
type Info struct {
	// ID tells engines apart; it survives restarts of the engine.
	ID         string
	Name       string // host name of the engine's machine
	Endpoint   string // where it was reached, e.g. unix:///var/run/docker.sock
	Version    string
	APIVersion string
	Arch       string
	NCPU       int
	MemTotal   int64 // bytes
	// NoAppArmor says that the engine's machine enforces no AppArmor profiles.
	NoAppArmor bool
	// Local says that the engine runs on this machine and shares its files.
	Local bool
}

// EventKind is what happened to a container.
type EventKind string

// The events an engine tells. Others are not passed on.
const (
	EventStart   EventKind = "start"
	EventDie     EventKind = "die"
	EventOOM     EventKind = "oom"
	EventDestroy EventKind = "destroy"
)

// Event says that a container changed: look at it again. Events may be lost,
// doubled and late.
type Event struct {
	Kind EventKind
	ID   ContainerID
	Meta Meta
	Time time.Time
}
