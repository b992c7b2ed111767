package simulator

import (
	"bytes"
	"strings"
	"testing"

	"github.com/podsim/podsim/runtime"
)

func TestOutputIsHeldBackOnlyWhileItMayBeARefusal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		writes []string
		code   int
		out    string
		err    string
	}{
		{"plain output", []string{"hello\n"}, 0, "hello\n", ""},
		{"nothing", nil, 127, "", ""},
		{"a beginning that looks like one", []string{"O", "CI rules\n", "x"}, 0, "OCI rules\nx", ""},
		{"the words, but the process ran", []string{"OCI runtime exec failed: haha\n"}, 1, "OCI runtime exec failed: haha\n", ""},
		{"not started", []string{"OCI runtime exec failed: exec failed: no such file\r\n"}, 126, "", "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: OCI runtime exec failed: exec failed: no such file"},
		{"too long to be one", []string{runtime.ExecRefusal, strings.Repeat("x", maxRefusal)}, 126, runtime.ExecRefusal + strings.Repeat("x", maxRefusal), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			r := &refusal{w: &out}
			for _, w := range test.writes {
				if n, err := r.Write([]byte(w)); n != len(w) || err != nil {
					t.Errorf("write: %d %v", n, err)
				}
			}
			err := r.settle(test.code)
			if out.String() != test.out || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
				t.Errorf("got %q, %v", out.String(), err)
			}
		})
	}
}
