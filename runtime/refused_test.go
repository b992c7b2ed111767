package runtime

import "testing"

func TestExecsThatNeverRanAreToldFromProgramsThatFail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code             int
		output           string
		refused, tooLate bool
	}{
		{126, "OCI runtime exec failed: exec failed: no such file", true, false},
		{1, "OCI runtime exec failed: haha", false, false},
		{126, "cannot exec in a stopped state: unknown", false, true},
		{128, "cannot exec in a stopped state: unknown", false, true},
		{128, "OCI runtime exec failed: exec failed: unable to start container process: error executing setns process: exit status 1: unknown", true, true},
		{1, "cannot exec in a stopped state: unknown", false, false},
		{126, "permission denied", false, false},
	} {
		if refused, tooLate := ExecRefused(test.code, test.output), ExecTooLate(test.code, test.output); refused != test.refused || tooLate != test.tooLate {
			t.Errorf("%d %q: refused %v, too late %v", test.code, test.output, refused, tooLate)
		}
	}
}
