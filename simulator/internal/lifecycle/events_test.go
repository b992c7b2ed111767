package lifecycle_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// decided are the reasons of the events that plans tell of.
var decided = []string{"Killing", "BackOff", "DeadlineExceeded", "Evicted", "FailedMount", "SandboxChanged"}

var eventLine = regexp.MustCompile(`^ *\S+\.\. *\S+ x\d+ +(Normal|Warning) +(\S+) +\S+ +pod/p \[([^]]*)\] (.*)$`)

// recordedEvents are those of a real node that a plan has to tell of, each
// once: how often it is told is a matter of the node's polling.
func recordedEvents(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(reference, name, "events.txt"))
	if err != nil {
		t.Skip(err)
	}
	var list []string
	for _, line := range strings.Split(string(b), "\n") {
		m := eventLine.FindStringSubmatch(line)
		if m == nil || !slices.Contains(decided, m[2]) {
			continue
		}
		who := ""
		if _, in, ok := strings.Cut(m[3], "{"); ok {
			who = strings.TrimSuffix(in, "}") + " "
		}
		list = append(list, normalize(m[1]+" "+who+m[2]+": "+m[4]))
	}
	return distinct(list)
}

func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
