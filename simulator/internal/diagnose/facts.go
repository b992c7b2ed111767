package diagnose

import (
	"net/netip"
	"time"

	v1 "k8s.io/api/core/v1"
)

// Facts are what is known of a pod. Everything but Now and Pod may be missing.
type Facts struct {
	Now time.Time
	Pod *v1.Pod
	// Events are the pod's own, the oldest first.
	Events []v1.Event
	// Unowned says that no process looks after the pod.
	Unowned bool
	// PortHolder is the pod that has a host port which this one wants.
	PortHolder *v1.Pod
	// Containers are by name.
	Containers map[string]Container
	Objects    Objects
	// Arch is the engine's architecture, as Go spells it.
	Arch string

	// Sockets are those of the pod's network that wait for peers; nil is not
	// known. WithHolders says that the processes behind them are known too.
	Sockets     []Socket
	SocketsSeen bool
	WithHolders bool
	// Files are what was found at places. A place that is not in it was not
	// looked at.
	Files map[Place]File
	// Reached says of addresses what became of connecting to them.
	Reached map[Target]Reach
}

// Container is what is known of a container beside its status.
type Container struct {
	// Gone says that it has ended although the status still shows it running, as
	// that of a pod does while it is being deleted.
	Gone bool
	// Paused says that somebody froze its processes.
	Paused bool
	// Ended are the last lines of the run that ended last, Running those of the
	// present one.
	Ended, Running []string
	// ImageUser and ImageArch are the image's, ImageEntrypoint and ImageCmd what
	// it runs where the spec says nothing.
	ImageUser, ImageArch      string
	ImageEntrypoint, ImageCmd []string
	// MemoryPeak in bytes; 0 is not known.
	MemoryPeak int64
	// Throttled is how long its CPU limit held the present run back.
	Throttled time.Duration
}

// Objects are what pods of the namespace may name: keys by object name, no
// values.
type Objects struct {
	ConfigMaps, Secrets map[string][]string
	Claims              []string
	Known               bool
}

// Socket waits for peers.
type Socket struct {
	Protocol string // "tcp", "udp"
	Address  netip.Addr
	Port     uint16
	// Container of the pod, Process and PID are the holder's. Container is
	// empty for a process outside the pod's containers, and when holders are
	// not known.
	Container, Process string
	PID                int
}

// Place is a path in a volume of the pod; the root is "".
type Place struct{ Volume, Path string }

// File is what lies at a place.
type File struct {
	Missing  bool
	Mode     uint32 // permission bits with setuid, setgid and sticky
	Dir      bool
	UID, GID uint32
}

// Target is an address that a container tries; Port 0 is a name only.
type Target struct {
	Host string
	Port uint16
}

// Reach is what became of connecting from inside the pod.
type Reach string

// The outcomes of connecting.
const (
	Answers      Reach = "answers"
	Refused      Reach = "refused"
	Unresolvable Reach = "unresolvable"
	Silent       Reach = "silent"
)

// Questions are what to look at beside status, events, objects and logs.
type Questions struct {
	Sockets bool
	Files   []Place
	Targets []Target
}
