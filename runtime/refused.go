package runtime

import "strings"

// ExecRefusal begins what the engine writes into the streams of an exec whose
// program could not be started.
const ExecRefusal = "OCI runtime exec failed: "

// ExecRefused says whether an exec that ended so never ran its program: the
// output is then the engine's word, not the program's.
func ExecRefused(exitCode int, output string) bool {
	return (exitCode == 126 || exitCode == 127) && strings.HasPrefix(output, ExecRefusal)
}
