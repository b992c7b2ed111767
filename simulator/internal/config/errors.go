package config

import "fmt"

// The reasons of an Error.
const (
	// ReasonContainerConfig: a container waits until its configuration can be
	// built.
	ReasonContainerConfig = "CreateContainerConfigError"
	// ReasonContainer: the runtime refuses the container as configured.
	ReasonContainer = "CreateContainerError"
	// ReasonSandbox: the sandbox cannot be made.
	ReasonSandbox = "CreatePodSandboxError"
)

// Error is why something cannot be configured, in the kubelet's words: Reason
// is that of a waiting container, Message the text of the status and, after
// "Error: ", of the event. It never holds a value of a Secret.
type Error struct {
	Reason  string
	Message string
}

func (e *Error) Error() string { return e.Message }

// containerError is an Error about a container's configuration.
func containerError(format string, args ...any) *Error {
	return &Error{Reason: ReasonContainerConfig, Message: fmt.Sprintf(format, args...)}
}
