package reference

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lives is the history of one pod with one container, a line a state: phase
// and what the container does.
func lives(steps ...[2]string) []State {
	var states []State
	for i, s := range steps {
		rc := 0
		text := s[1]
		if text[len(text)-1] == '\'' {
			rc, text = 1, text[:len(text)-1]
		}
		states = append(states, State{Pod: "p", At: 3 * float64(i), Phase: s[0], Conditions: map[string]string{},
			Containers: map[string]ContainerState{"c": {Text: text, Ready: "F", Started: "F", Restarts: rc}}})
	}
	return states
}

func TestCompareStatesAllowsWhatPollingHides(t *testing.T) {
	t.Parallel()
	kubelet := lives(
		[2]string{"Pending", "W(ContainerCreating)"},
		[2]string{"Running", "T(Error exit=1)"},
		[2]string{"Running", "W(CrashLoopBackOff)"},
		[2]string{"Failed", "T(Error exit=2)'"},
	)
	for _, tc := range []struct {
		name   string
		podsim []State
		// brief makes the kubelet's first state a short one.
		brief bool
		want  []Difference
	}{
		{name: "the same", podsim: kubelet},
		{name: "a run that the kubelet did not see", podsim: lives(
			[2]string{"Pending", "W(ContainerCreating)"},
			[2]string{"Running", "R"},
			[2]string{"Running", "T(Error exit=1)"},
			[2]string{"Running", "W(CrashLoopBackOff)"},
			[2]string{"Running", "R'"},
			[2]string{"Failed", "T(Error exit=2)'"},
		)},
		{name: "a state that the kubelet showed for a moment only", podsim: kubelet[1:],
			brief: true},
		{name: "another exit code is a difference", podsim: lives(
			[2]string{"Pending", "W(ContainerCreating)"},
			[2]string{"Running", "T(Error exit=3)"},
			[2]string{"Running", "W(CrashLoopBackOff)"},
			[2]string{"Failed", "T(Error exit=2)'"},
		), want: []Difference{
			{"timeline", "- c: T(Error exit=1) ready=F started=F rc=0"},
			{"timeline", "+ c: T(Error exit=3) ready=F started=F rc=0"},
		}},
		{name: "a phase too many is a difference", podsim: append(lives(
			[2]string{"Pending", "W(ContainerCreating)"},
			[2]string{"Running", "T(Error exit=1)"},
			[2]string{"Succeeded", "W(CrashLoopBackOff)"},
		), kubelet[3]), want: []Difference{{"timeline", "+ phase: Succeeded"}}},
		{name: "an end that never comes is a difference", podsim: kubelet[:3], want: []Difference{
			{"timeline", "- phase: Failed"},
			{"timeline", "- c: T(Error exit=2) ready=F started=F rc=1"},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			kubelet := slices.Clone(kubelet)
			if tc.brief {
				kubelet[0].At = 2
			}
			if diff := cmp.Diff(tc.want, compareStates(kubelet, tc.podsim)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompareInstantsKeepsOrderAndLength(t *testing.T) {
	t.Parallel()
	kubelet := instants{"start of a run 0": 0, "end of a run 0": 30, "start of b run 0": 5}
	for _, tc := range []struct {
		name   string
		podsim instants
		want   int
	}{
		{name: "a few seconds do not matter", podsim: instants{"start of a run 0": 1, "end of a run 0": 29, "start of b run 0": 3}},
		{name: "an order turned round does", podsim: instants{"start of a run 0": 9, "end of a run 0": 39, "start of b run 0": 5}, want: 1},
		{name: "a run cut short does", podsim: instants{"start of a run 0": 0, "end of a run 0": 9, "start of b run 0": 5}, want: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := compareInstants(kubelet, tc.podsim); len(got) != tc.want {
				t.Errorf("%d differences, want %d: %v", len(got), tc.want, got)
			}
		})
	}
}
