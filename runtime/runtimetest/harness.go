package runtimetest

import "github.com/podsim/podsim/runtime"

// Harness is an engine to test and what the suite must know about it.
type Harness struct {
	Engine runtime.Engine
	// Image can run every Program.
	Image string
	// Pause is an image whose own command runs until it is stopped.
	Pause string
	// Argv is the command line that does p, for a container's entrypoint and
	// for exec.
	Argv func(p Program) []string
	// Lacks says why the engine cannot pass a case, by the case's name.
	Lacks map[string]string
}

// Program is what a process of the suite does: it writes Out and Err, echoes,
// waits, and exits with Code.
type Program struct {
	// Out and Err are written as they are, Out first.
	Out, Err string
	// Echo copies standard input to standard output until its end.
	Echo bool
	// Wait says "ready" on a line of standard error once it obeys signals, and
	// runs until SIGTERM or SIGUSR1. SIGTERM exits with Code, SIGUSR1 with 10.
	Wait bool
	// Deaf makes Wait ignore SIGTERM.
	Deaf bool
	// Pwd prints the working directory and Env the value of a variable, each
	// on a line, before anything else.
	Pwd bool
	Env string
	// ReadFile prints a file and WriteFile makes one that holds its own path.
	ReadFile, WriteFile string
	// Code is the exit code.
	Code int
}
