package crash

import (
	"fmt"
	"strings"
	"testing"

	"github.com/podsim/podsim/e2e/harness"
)

// crowd is how many commands work on one pod at once.
const crowd = 20

func TestManyCommandsOnOnePodAtOnce(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	s := newSubject(h, "busy", 1)
	var running []*harness.Process
	for i := range crowd {
		var args []string
		switch i % 5 {
		case 0, 1:
			args = []string{"apply", "-f", s.file}
		case 2:
			args = []string{"delete", "pod", s.name, "--ignore-not-found"}
		case 3:
			args = []string{"label", "pod", s.name, fmt.Sprintf("n%d=yes", i)}
		case 4:
			args = []string{"logs", s.name, "-c", "steady"}
		}
		running = append(running, h.Start(args...))
	}
	for _, p := range running {
		r := p.Wait()
		if !understandable(r) {
			t.Errorf("%s", r)
		}
	}
	h.Must("apply", "-f", s.file)
	s.goesOn(t)
	h.Must("delete", "-f", s.file)
	s.goneWithoutTrace(t)
	h.NothingLeft()
}

// understandable says that a command did its work, or lost to another in a way
// that kubectl's users know.
func understandable(r harness.Result) bool {
	if r.Code == 0 {
		return true
	}
	for _, reason := range []string{"NotFound", "AlreadyExists", "Conflict", "is waiting to start", "is not available", "being deleted"} {
		if strings.Contains(r.Stderr, reason) {
			return true
		}
	}
	return false
}
