package runtime

import (
	"net/netip"
	"time"
)

// SandboxSpec is the pause container: it owns the pod's network and IPC
// namespaces and holds every volume of the pod.
type SandboxSpec struct {
	Meta Meta
	Name string
	// Image is the pause image's reference or id.
	Image string
	// Env configures the pause process (see runtime/agent).
	Env []string
	// Stdin opens its standard input, for the first who attaches to it.
	Stdin bool

	Hostname    string
	HostNetwork bool
	HostPID     bool
	HostIPC     bool
	Ports       []PortBinding
	// PublishAll publishes every port of Ports that has no HostPort on a free
	// port of the engine's choice.
	PublishAll  bool
	Sysctls     map[string]string
	Mounts      []Mount
	OOMScoreAdj *int
	// UserNS is "host" to leave a daemon-wide user namespace.
	UserNS string
}

// PortBinding publishes a port of the sandbox on the engine's host.
type PortBinding struct {
	ContainerPort uint16
	Protocol      string // "tcp", "udp", "sctp"
	HostIP        netip.Addr
	HostPort      uint16 // 0: the engine chooses
}

// ContainerSpec is one instance of a container of a pod.
type ContainerSpec struct {
	Meta Meta
	Name string
	// Image is a reference or id that the engine has.
	Image string
	// Sandbox is the container whose network and IPC namespaces are joined.
	Sandbox ContainerID
	// PID is "" (its own), "host", or "sandbox" (shareProcessNamespace) or
	// "container:NAME-OR-ID".
	PID         string
	HostNetwork bool
	HostIPC     bool
	UserNS      string

	// Entrypoint and Cmd are nil for the image's; empty and not nil for none.
	Entrypoint []string
	Cmd        []string
	WorkingDir string
	Env        []string // "NAME=value", complete; the image's come first
	User       string   // "uid[:gid]" or name; "" is the image's
	Groups     []string // supplementary groups
	TTY        bool
	Stdin      bool
	StdinOnce  bool
	StopSignal string

	Mounts   []Mount
	Security Security
	// Resources are the limits of the container's cgroup.
	Resources Resources
	// OOMScoreAdj is nil for the engine's default.
	OOMScoreAdj *int
}

// MountKind says what is mounted.
type MountKind string

// The kinds of mounts.
const (
	MountVolume MountKind = "volume" // an engine volume, never filled from the image
	MountBind   MountKind = "bind"   // a path of the engine's machine
	MountImage  MountKind = "image"  // an image, read-only (API 1.48)
)

// Mount is one mount of a container.
type Mount struct {
	Kind MountKind
	// Source is the volume's name, the host's path or the image's reference.
	Source string
	// Subpath is a resolved, link-free path below Source ("" is its root). An
	// engine that cannot mount it binds the path below the volume's mount
	// point.
	Subpath           string
	Target            string
	ReadOnly          bool
	RecursiveReadOnly bool
	Propagation       string // "", "rprivate", "rslave", "rshared"
	// CreateHostPath lets a bind's missing source be made as a directory.
	CreateHostPath bool
}

// VolumeSpec is a volume of the engine's local driver.
type VolumeSpec struct {
	Meta Meta
	Name string
	// Memory makes it a tmpfs of at most Size bytes (0: the kernel's default).
	// It keeps its content only while some container that runs holds it.
	Memory bool
	Size   int64
}

// Volume is a volume as the engine knows it.
type Volume struct {
	Name       string
	Meta       Meta
	Mountpoint string // on the engine's machine
	Memory     bool
	CreatedAt  time.Time
}

// Security is a container's identity towards the kernel.
type Security struct {
	Privileged      bool
	CapAdd          []string // without CAP_; "ALL"
	CapDrop         []string
	NoNewPrivileges bool
	ReadonlyRootfs  bool
	// Seccomp is "" (the engine's default filter), "unconfined", or a
	// profile's JSON text.
	Seccomp string
	// AppArmor is "", "unconfined" or a profile's name.
	AppArmor string
	// SELinux are label options such as "level:s0:c1,c2".
	SELinux []string
	// UnmaskedPaths true shows all of /proc (procMount Unmasked).
	UnmaskedPaths bool
	// AllDevices gives the machine's devices, as Privileged does.
	AllDevices bool
}

// Resources are cgroup limits. Zero values mean no limit.
type Resources struct {
	CPUShares  int64
	CPUQuota   int64 // microseconds in a period
	CPUPeriod  int64 // microseconds
	Memory     int64 // bytes
	MemorySwap int64 // bytes of memory and swap; equal to Memory for no swap
	PIDs       int64
	// CPUSet and the like are not the kubelet's defaults and left alone.

	// DeviceRequests by driver or capability, e.g. "gpu" -> 1 (-1: all).
	GPUs int
}
