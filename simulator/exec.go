package simulator

import (
	"context"
	"io"
)

// TerminalSize in characters.
type TerminalSize struct{ Width, Height uint16 }

// ExecOptions of Exec and Attach.
type ExecOptions struct {
	// Container "" is that of ChooseContainer.
	Container string
	// Command is for Exec alone.
	Command []string
	// Stdin nil gives no input. Stdout and Stderr nil throw away.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// TTY makes a terminal for the process; all output is on Stdout then.
	// Attach takes the container's own.
	TTY bool
	// Resize tells the terminal's size and its changes.
	Resize <-chan TerminalSize
}

// Exec runs a command in a running container and returns its exit code. err is
// set only when it could not be run or the connection broke.
func (s *Simulator) Exec(ctx context.Context, ns, name string, o ExecOptions) (exitCode int, err error) {
	return 0, errTODO
}

// Attach connects to the first process of a running container until its output
// ends or ctx does. Stdin needs a container with stdin: true.
func (s *Simulator) Attach(ctx context.Context, ns, name string, o ExecOptions) error {
	return errTODO
}
