package runtime

import "strings"

// ExecRefusal begins what the engine writes into the streams of an exec whose
// program could not be started.
const ExecRefusal = "OCI runtime exec failed: "

// ExecTooLate says whether an exec that ended so came when its container was
// ending: the engine took it and could not start it any more.
func ExecTooLate(exitCode int, output string) bool {
	return execFailed(exitCode) && (strings.HasPrefix(output, "cannot exec in a ") ||
		strings.HasPrefix(output, ExecRefusal) && strings.Contains(output, "error executing setns process"))
}

// ExecRefused says whether an exec that ended so never ran its program: the
// output is then the engine's word, not the program's.
func ExecRefused(exitCode int, output string) bool {
	return execFailed(exitCode) && strings.HasPrefix(output, ExecRefusal)
}

// execFailed knows the codes that engines give to what they could not start:
// 126 where it may not be run, 127 where there is none, and for the rest 128 or,
// as Docker 20.10, 126.
func execFailed(exitCode int) bool { return exitCode >= 126 && exitCode <= 128 }
