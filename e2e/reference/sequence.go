package reference

import (
	"fmt"
	"slices"
	"strings"
)

// This file holds the rule for sequences of states, told in doc.go.

// compareStates compares what a watch delivered.
func compareStates(kubelet, podsim []State) []Difference {
	var all []Difference
	for _, pod := range podsOf(kubelet) {
		k, p := statesOf(kubelet, pod), statesOf(podsim, pod)
		if len(p) == 0 {
			all = append(all, Difference{"timeline", "pod " + pod + " was never seen"})
			continue
		}
		all = append(all, comparePhases(k, p)...)
		all = append(all, compareConditions(k, p)...)
		for _, name := range containersOf(k) {
			all = append(all, compareContainer(name, k, p)...)
		}
		all = append(all, compareInstants(instantsOf(k), instantsOf(p))...)
	}
	return all
}

func podsOf(states []State) []string {
	var names []string
	for _, s := range states {
		names = append(names, s.Pod)
	}
	return sortedSet(names)
}

func statesOf(states []State, pod string) []State {
	return slices.DeleteFunc(slices.Clone(states), func(s State) bool { return s.Pod != pod })
}

func containersOf(states []State) []string {
	var names []string
	for _, s := range states {
		for name := range s.Containers {
			names = append(names, name)
		}
	}
	return sortedSet(names)
}

// brief is how many seconds something may have lasted on the kubelet for
// podsim not to show it: a kubelet holds each state for about a second, podsim
// passes it at once, and of two changes at once a watch delivers the last.
const brief = 2.2

// moment is one value of a sequence and for how long it was shown.
type moment struct {
	text  string
	lasts float64
}

// project is the sequence of one thing about the states, without repetitions.
// The last value lasts.
func project(states []State, of func(State) string) []moment {
	var seq []moment
	var since float64
	for _, s := range states {
		text := of(s)
		if n := len(seq); n > 0 {
			seq[n-1].lasts = s.At - since
			if seq[n-1].text == text {
				continue
			}
		}
		if text != "" {
			seq, since = append(seq, moment{text: text}), s.At
		}
	}
	if n := len(seq); n > 0 {
		seq[n-1].lasts = brief + 1
	}
	return seq
}

// comparePhases wants the kubelet's phases in order; a short life that the
// kubelet did not see running may show Running here.
func comparePhases(kubelet, podsim []State) []Difference {
	phase := func(s State) string { return s.Phase }
	k, p := project(kubelet, phase), project(podsim, phase)
	all := missing("timeline", "phase", k, p, nil)
	for _, text := range extra(k, p) {
		if text != "Running" && text != "Running DELETING" && text != "Pending DELETING" {
			all = append(all, Difference{"timeline", "+ phase: " + text})
		}
	}
	return all
}

func compareConditions(kubelet, podsim []State) []Difference {
	var names []string
	for _, s := range append(slices.Clone(kubelet), podsim...) {
		for name := range s.Conditions {
			names = append(names, name)
		}
	}
	var all []Difference
	for _, name := range sortedSet(names) {
		value := func(s State) string { return s.Conditions[name] }
		k, p := project(kubelet, value), project(podsim, value)
		all = append(all, missing("timeline", name, k, p, nil)...)
		for _, text := range extra(k, p) {
			if text != "T" && text != "F(ContainersNotReady)" {
				all = append(all, Difference{"timeline", "+ " + name + ": " + text})
			}
		}
	}
	return all
}

// missing tells what of the kubelet's sequence does not appear in podsim's in
// this order, unless it was brief or forgiven says that it need not. Of all
// ways to lay the one over the other it takes one that misses least.
func missing(where, what string, kubelet, podsim []moment, forgiven func(i int) bool) []Difference {
	cost := make([]int, len(kubelet))
	for i, want := range kubelet {
		if want.lasts > brief && (forgiven == nil || !forgiven(i)) {
			cost[i] = 1
		}
	}
	// least[i][j] is what kubelet[i:] costs over podsim[j:].
	least := make([][]int, len(kubelet)+1)
	for i := range least {
		least[i] = make([]int, len(podsim)+1)
	}
	for i := len(kubelet) - 1; i >= 0; i-- {
		least[i][len(podsim)] = least[i+1][len(podsim)] + cost[i]
		for j := len(podsim) - 1; j >= 0; j-- {
			least[i][j] = min(least[i+1][j]+cost[i], least[i][j+1])
			if kubelet[i].text == podsim[j].text {
				least[i][j] = min(least[i][j], least[i+1][j])
			}
		}
	}
	var all []Difference
	for i, j := 0, 0; i < len(kubelet); {
		switch {
		case j < len(podsim) && kubelet[i].text == podsim[j].text && least[i][j] == least[i+1][j]:
			i++
		case j < len(podsim) && least[i][j] == least[i][j+1]:
			j++
		default:
			if cost[i] > 0 {
				all = append(all, Difference{where, fmt.Sprintf("- %s: %s", what, kubelet[i].text)})
			}
			i++
		}
	}
	return all
}

// extra are podsim's values that the kubelet never showed.
func extra(kubelet, podsim []moment) []string {
	var texts []string
	for _, p := range podsim {
		if !slices.ContainsFunc(kubelet, func(k moment) bool { return k.text == p.text }) {
			texts = append(texts, p.text)
		}
	}
	return sortedSet(texts)
}

// historyOf is what one container went through, without repetitions.
func historyOf(states []State, name string) []ContainerState {
	var seq []ContainerState
	for _, s := range states {
		c, ok := s.Containers[name]
		if ok && (len(seq) == 0 || seq[len(seq)-1].String() != c.String()) {
			seq = append(seq, c)
		}
	}
	return seq
}

func compareContainer(name string, kubeletStates, podsimStates []State) []Difference {
	kubelet, podsim := historyOf(kubeletStates, name), historyOf(podsimStates, name)
	text := func(s State) string {
		if c, ok := s.Containers[name]; ok {
			return c.String()
		}
		return ""
	}
	k, p := project(kubeletStates, text), project(podsimStates, text)
	all := missing("timeline", name, k, p, func(i int) bool { return forgivable(kubelet[i], podsim) })
	known := map[string]bool{"R": true}
	top := 0
	for _, c := range kubelet {
		known[c.Text], known[c.Last] = true, true
		top = max(top, c.Restarts)
	}
	for _, c := range podsim {
		if !known[c.Text] && c.Restarts <= top && !strings.HasPrefix(c.Text, "W(CrashLoopBackOff") {
			known[c.Text] = true
			all = append(all, Difference{"timeline", "+ " + name + ": " + c.String()})
		}
	}
	return all
}

// forgivable says that a state the kubelet showed need not be shown: an end
// that podsim shows as the last state, during the back-off or of the next run,
// and the flags of a restarted container, which a kubelet may give a second
// late.
func forgivable(want ContainerState, podsim []ContainerState) bool {
	return slices.ContainsFunc(podsim, func(c ContainerState) bool {
		waits := c.Restarts == want.Restarts && strings.HasPrefix(c.Text, "W(CrashLoopBackOff")
		ended := strings.HasPrefix(want.Text, "T(") && c.Last == want.Text && (waits || c.Restarts == want.Restarts+1)
		stale := want.Text == "R" && want.Restarts > 0 && c.Text == "R" && c.Restarts == want.Restarts
		return ended || stale
	})
}

// instants are the starts and ends of every run of every container, in
// seconds since the pod was created.
type instants map[string]int

func instantsOf(states []State) instants {
	all := instants{}
	for _, s := range states {
		// What a delete ends lasts as long as whoever deletes took to do so.
		if strings.HasSuffix(s.Phase, "DELETING") {
			break
		}
		for name, c := range s.Containers {
			run := fmt.Sprintf("%s run %d", name, c.Restarts)
			if c.Start != nil {
				all["start of "+run] = *c.Start
			}
			if c.Finish != nil {
				all["end of "+run] = *c.Finish
			}
		}
	}
	return all
}

const (
	// apart is how many seconds must lie between two instants of the kubelet
	// for their order to mean something.
	apart = 3
	// slack is how many seconds a run may be longer or shorter.
	slack = 6
)

func compareInstants(kubelet, podsim instants) []Difference {
	var keys []string
	for key := range kubelet {
		if _, ok := podsim[key]; ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var all []Difference
	for _, a := range keys {
		for _, b := range keys {
			if kubelet[b]-kubelet[a] >= apart && podsim[a] > podsim[b]+1 {
				all = append(all, Difference{"timeline", fmt.Sprintf("order: %s must come before %s", a, b)})
			}
		}
		run, ok := strings.CutPrefix(a, "end of ")
		start := "start of " + run
		if _, both := kubelet[start]; !ok || !both {
			continue
		}
		k, p := kubelet[a]-kubelet[start], podsim[a]-podsim[start]
		if tolerance := max(slack, k/2); p < k-tolerance || p > k+tolerance {
			all = append(all, Difference{"timeline", fmt.Sprintf("length of %s: %d s, kubelet %d s", run, p, k)})
		}
	}
	return all
}
