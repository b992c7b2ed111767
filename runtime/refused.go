package runtime

import "strings"

// ExecRefusal begins what the engine writes into the streams of an exec whose
// program could not be started.
const ExecRefusal = "OCI runtime exec failed: "

// ExecTooLate says whether an exec that ended so came when its container was
// ending: the engine took it and could not start it any more.
func ExecTooLate(exitCode int, output string) bool {
	return exitCode == 126 && strings.HasPrefix(output, "cannot exec in a ")
}

// ExecRefused says whether an exec that ended so never ran its program: the
// output is then the engine's word, not the program's.
func ExecRefused(exitCode int, output string) bool {
	return (exitCode == 126 || exitCode == 127) && strings.HasPrefix(output, ExecRefusal)
}
