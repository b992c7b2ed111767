package reference

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

const (
	recordings   = "../testdata/reference"
	acceptedFile = "../testdata/accepted.yaml"
	// hostDirectory is where the recorded pods with hostPath volumes work.
	hostDirectory = "/tmp/podsim-reference"
	// quick is the longest case of a short run: a test run of everything has no
	// minutes to wait for back-offs.
	quick = 15 * time.Second
)

// TestReference runs each recorded pod on podsim. TestReference/NAME runs one.
func TestReference(t *testing.T) {
	cases, err := Load(recordings)
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := LoadAccepted(acceptedFile)
	if err != nil {
		t.Fatal(err)
	}
	// The longest first: they decide how long it takes.
	slices.SortFunc(cases, func(a, b Case) int { return int(b.Length() - a.Length()) })
	home := harness.New(t)
	os.RemoveAll(hostDirectory)
	t.Cleanup(func() { os.RemoveAll(hostDirectory) })
	sum := &summary{accepted: accepted, used: map[*Acceptance]bool{}}
	t.Cleanup(func() { sum.print(t) })
	queue := newTurns()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if shortRun() && c.Length() > quick {
				t.Skip("a long case: make reference plays it")
			}
			queue.join()
			var found []Difference
			queue.play(func() { found = runCase(t, c, accepted, home.For(t)) })
			if first := Judge(c.Name, found, accepted); len(first.Open) > 0 {
				// A busy machine may have been in the way: look once more.
				t.Logf("%s: played again after %d differences:\n%s", c.Name, len(first.Open), first)
				queue.playAgain(func() { found = runCase(t, c, accepted, home.For(t)) })
			}
			sum.add(t, c.Name, found)
		})
	}
}

// shortRun says that only the short cases are wanted.
func shortRun() bool { return testing.Short() || os.Getenv("PODSIM_REFERENCE") == "quick" }

func runCase(t *testing.T, c Case, accepted []*Acceptance, home *harness.Home) []Difference {
	kubelet, err := Recorded(c)
	if err != nil {
		t.Fatal(err)
	}
	n := kubeletNormaliser(kubelet)
	before := kubelet.States[:statesWithin(c, kubelet)]
	satisfied := func(states []State) bool {
		m := podsimNormaliser(Recording{})
		found := compareStates(n.states(before), m.states(states))
		return len(Judge(c.Name, found, accepted).Open) == 0
	}
	return Compare(c, kubelet, Play(c, home, satisfied))
}

// statesWithin counts the recorded states before the steps began: those after
// a pod was asked to go come from the steps.
func statesWithin(c Case, r Recording) int {
	i := slices.IndexFunc(r.States, func(s State) bool { return strings.HasSuffix(s.Phase, "DELETING") })
	if i < 0 || len(c.Steps) == 0 {
		return len(r.States)
	}
	return i
}

// summary collects the reports of all cases.
type summary struct {
	mu       sync.Mutex
	accepted []*Acceptance
	used     map[*Acceptance]bool
	equal    int
	meant    int
	open     []string
}

func (s *summary) add(t *testing.T, name string, found []Difference) {
	r := Judge(name, found, s.accepted)
	s.mu.Lock()
	defer s.mu.Unlock()
	for a := range r.Accepted {
		s.used[a] = true
	}
	switch {
	case len(r.Open) > 0:
		s.open = append(s.open, name)
		t.Errorf("%s: %d differences from the kubelet:\n%s", name, len(r.Open), r)
	case len(r.Accepted) > 0:
		s.meant++
	default:
		s.equal++
	}
}

// print also names acceptances that no case needed: they should go.
func (s *summary) print(t *testing.T) {
	for a := range s.used {
		t.Logf("accepted in %s: %s %s: %s", strings.Join(a.Cases, ", "), a.Where, a.Match, a.Reason)
	}
	slices.Sort(s.open)
	t.Logf("%d equal, %d equal but for accepted differences, %d different %v", s.equal, s.meant, len(s.open), s.open)
	if shortRun() || s.equal+s.meant+len(s.open) < 60 {
		return
	}
	for _, a := range s.accepted {
		if !s.used[a] {
			t.Logf("accepted but not seen this time: %s %s: %s", a.Where, a.Match, a.Reason)
		}
	}
}
