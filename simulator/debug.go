package simulator

import (
	"context"

	v1 "k8s.io/api/core/v1"
)

// DebugOptions describe an ephemeral container.
type DebugOptions struct {
	// Name "" is "debugger-" and five random letters.
	Name       string
	Image      string
	PullPolicy v1.PullPolicy
	// Command replaces the image's entry point, or with ArgsOnly its arguments.
	Command  []string
	ArgsOnly bool
	// Target is the container whose processes it sees.
	Target  string
	Env     []v1.EnvVar
	Stdin   bool
	TTY     bool
	Profile string // "legacy", "general", "baseline", "netadmin", "restricted", "sysadmin"
}

// Debug adds an ephemeral container to a pod and returns its name. It does not
// wait for it to run.
func (s *Simulator) Debug(ctx context.Context, ns, name string, o DebugOptions) (container string, err error) {
	return "", errTODO
}
