package reference

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Difference is one thing that podsim did unlike the kubelet.
type Difference struct {
	// Where is the recording's file name without ".txt" or ".json".
	Where string
	// What is one line: "- " what the kubelet had, "+ " what podsim has, or a
	// sentence.
	What string
}

func (d Difference) String() string { return d.Where + ": " + d.What }

// differ compares two texts line by line and tells the lines that only one of
// them has.
func differ(where string, kubelet, podsim []string) []Difference {
	common := longestCommon(kubelet, podsim)
	var all []Difference
	i, j := 0, 0
	flush := func(toI, toJ int) {
		for ; i < toI; i++ {
			all = append(all, Difference{where, "- " + kubelet[i]})
		}
		for ; j < toJ; j++ {
			all = append(all, Difference{where, "+ " + podsim[j]})
		}
	}
	for _, pair := range common {
		flush(pair[0], pair[1])
		i, j = i+1, j+1
	}
	flush(len(kubelet), len(podsim))
	return all
}

// longestCommon is a longest common subsequence as pairs of indexes.
func longestCommon(a, b []string) [][2]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// differAsSets tells what only one side has, whatever the order.
func differAsSets(where string, kubelet, podsim []string) []Difference {
	kubelet, podsim = sortedSet(kubelet), sortedSet(podsim)
	return differ(where, kubelet, podsim)
}

func sortedSet(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}

// Acceptance says which differences are meant, and why.
type Acceptance struct {
	// Cases are names of cases; "*" is every case.
	Cases []string `json:"cases"`
	// Where and Match are regular expressions for the whole of a Difference's
	// Where and for a part of its What; an empty one matches everything.
	Where  string `json:"where,omitempty"`
	Match  string `json:"match,omitempty"`
	Reason string `json:"reason"`

	where, match *regexp.Regexp
}

// LoadAccepted reads accepted.yaml.
func LoadAccepted(path string) ([]*Acceptance, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read accepted differences: %w", err)
	}
	var all []*Acceptance
	if err := yaml.UnmarshalStrict(text, &all); err != nil {
		return nil, fmt.Errorf("read accepted differences: %w", err)
	}
	for _, a := range all {
		if a.Reason == "" || len(a.Cases) == 0 {
			return nil, fmt.Errorf("accepted difference %+v: needs cases and a reason", *a)
		}
		if a.where, err = regexp.Compile("^(?:" + a.Where + ")$"); err != nil {
			return nil, fmt.Errorf("accepted difference: %w", err)
		}
		if a.match, err = regexp.Compile(a.Match); err != nil {
			return nil, fmt.Errorf("accepted difference: %w", err)
		}
	}
	return all, nil
}

// Covers says whether a speaks of the difference.
func (a *Acceptance) Covers(name string, d Difference) bool {
	named := slices.ContainsFunc(a.Cases, func(c string) bool { return c == "*" || c == name })
	return named && (a.Where == "" || a.where.MatchString(d.Where)) && a.match.MatchString(d.What)
}

// shownLines is how many differences of one file a report prints.
const shownLines = 20

// Report is the outcome of one case.
type Report struct {
	Name     string
	Open     []Difference
	Accepted map[*Acceptance][]Difference
}

// Judge parts differences into open and accepted ones.
func Judge(name string, found []Difference, accepted []*Acceptance) Report {
	r := Report{Name: name, Accepted: map[*Acceptance][]Difference{}}
	for _, d := range found {
		i := slices.IndexFunc(accepted, func(a *Acceptance) bool { return a.Covers(name, d) })
		if i < 0 {
			r.Open = append(r.Open, d)
			continue
		}
		r.Accepted[accepted[i]] = append(r.Accepted[accepted[i]], d)
	}
	return r
}

func (r Report) String() string {
	var b strings.Builder
	lines := map[string]int{}
	for _, d := range r.Open {
		if lines[d.Where]++; lines[d.Where] <= shownLines {
			fmt.Fprintf(&b, "  %.300s\n", d)
		}
	}
	for where, n := range lines {
		if n > shownLines {
			fmt.Fprintf(&b, "  %s: and %d more\n", where, n-shownLines)
		}
	}
	return b.String()
}

func codes(kubelet, podsim int) string {
	return fmt.Sprintf("exit code %d, kubelet %d", podsim, kubelet)
}
