package wire

import "encoding/json"

// Op is what a stream asks of the agent.
type Op string

// The operations, each with its request and answer.
const (
	OpDial      Op = "dial"       // Dial, DialResult; then the connection's bytes
	OpListeners Op = "listeners"  // nothing, []Listener
	OpSwap      Op = "swap"       // Swap, SwapResult; see Swap
	OpSubpath   Op = "subpath"    // Subpath, SubpathResult
	OpMeasure   Op = "measure"    // Path, Usage
	OpStat      Op = "stat"       // Paths, []FileStat
	OpReadFile  Op = "read-file"  // ReadFile, FileContent
	OpMakeFiles Op = "make-files" // []File, nothing
)

// Request opens a stream.
type Request struct {
	Op   Op              `json:"op"`
	Body json.RawMessage `json:"body,omitempty"`
}

// Reply answers a request.
type Reply struct {
	Error *Error          `json:"error,omitempty"`
	Body  json.RawMessage `json:"body,omitempty"`
}

// Error is an error of the agent's side. It reads as a Go error of the system
// call would: "connect: connection refused", "open /x: permission denied".
type Error struct {
	// Call is the system call or step that failed; may be empty.
	Call string `json:"call,omitempty"`
	Path string `json:"path,omitempty"`
	// Code is the errno's name ("ECONNREFUSED"); empty when there is none.
	Code string `json:"code,omitempty"`
	Text string `json:"text"`
}

func (e *Error) Error() string {
	s := e.Text
	switch {
	case e.Path != "":
		return e.Call + " " + e.Path + ": " + s
	case e.Call != "":
		return e.Call + ": " + s
	}
	return s
}

// Codes of errors that are no errno.
const (
	// CodeTimeout: the time that the request allowed is over.
	CodeTimeout = "timeout"
	// CodeEscape: the path leads out of its volume.
	CodeEscape = "escape"
)

// Dial asks for a connection from inside the pod's network.
type Dial struct {
	Network string `json:"network"` // "tcp" or "udp"
	IP      []byte `json:"ip"`      // 4 or 16 bytes
	Zone    string `json:"zone,omitempty"`
	Port    uint16 `json:"port"`
	// TimeoutMS bounds the connect; 0 is 30 seconds.
	TimeoutMS int64 `json:"timeoutMs,omitempty"`
}

// DialResult names the connection's own end.
type DialResult struct {
	LocalIP   []byte `json:"localIp,omitempty"`
	LocalPort uint16 `json:"localPort,omitempty"`
}

// Listener is a socket that waits for peers.
type Listener struct {
	Network string `json:"network"` // "tcp", "tcp6", "udp", "udp6"
	IP      []byte `json:"ip"`
	Port    uint16 `json:"port"`
	Inode   uint64 `json:"inode"`
	UID     uint32 `json:"uid"`
	// The process that holds it; only "inspect" knows.
	PID       int    `json:"pid,omitempty"`
	Command   string `json:"command,omitempty"`
	Container string `json:"container,omitempty"` // 64 hex digits
}

// Swap replaces the payload of a volume as the kubelet's atomic writer does:
// a new timestamped directory, then ..data renamed onto it. After the request
// come the files, each a SwapFile and its bytes; a SwapFile without a name
// ends them. An unchanged payload is left alone.
type Swap struct {
	Volume string `json:"volume"`
	// UID and GID own directories and links.
	UID     int    `json:"uid,omitempty"`
	GID     int    `json:"gid,omitempty"`
	DirMode uint32 `json:"dirMode,omitempty"` // 0 is 0755
}

// SwapFile is one file of a payload, by its slash-separated relative name.
type SwapFile struct {
	Name string `json:"name,omitempty"`
	Mode uint32 `json:"mode,omitempty"`
	UID  int    `json:"uid,omitempty"`
	GID  int    `json:"gid,omitempty"`
	Size int64  `json:"size,omitempty"`
}

// SwapResult says whether anything changed.
type SwapResult struct {
	Changed bool `json:"changed"`
}

// Subpath asks where a path inside a volume really is.
type Subpath struct {
	Volume string `json:"volume"`
	Path   string `json:"path"`
	// Create makes what is missing as directories with the mode of the
	// volume's root.
	Create bool `json:"create,omitempty"`
}

// SubpathResult is a path without links, relative to the volume; "" is its
// root.
type SubpathResult struct {
	Path string `json:"path"`
	Dir  bool   `json:"dir"`
}

// Path names one path inside the sandbox.
type Path struct {
	Path string `json:"path"`
}

// Paths names several.
type Paths struct {
	Paths []string `json:"paths"`
}

// Usage is what a directory tree takes on disk.
type Usage struct {
	Bytes  int64 `json:"bytes"`
	Inodes int64 `json:"inodes"`
}

// FileStat describes a path itself, never what a link points to.
type FileStat struct {
	Path  string `json:"path"`
	Error *Error `json:"error,omitempty"`
	// Mode is st_mode with the file's type.
	Mode uint32 `json:"mode"`
	UID  uint32 `json:"uid"`
	GID  uint32 `json:"gid"`
	Size int64  `json:"size"`
}

// ReadFile asks for a part of a regular file.
type ReadFile struct {
	Path  string `json:"path"`
	Limit int64  `json:"limit"`
	// Tail asks for the last bytes instead of the first.
	Tail bool `json:"tail,omitempty"`
}

// FileContent is that part, and the size of the whole.
type FileContent struct {
	Data []byte `json:"data"`
	Size int64  `json:"size"`
}
