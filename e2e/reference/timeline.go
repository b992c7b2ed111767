package reference

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// State is one state of one pod, as a line of timeline.txt tells it.
type State struct {
	Pod string
	// At is when a watch delivered it, in seconds; zero on podsim.
	At float64
	// Phase has the reason and message and whether the pod is being deleted.
	Phase      string
	Conditions map[string]string
	Containers map[string]ContainerState
}

// ContainerState is a container within a state.
type ContainerState struct {
	// Text is the state without times: "R", "W(reason: message)",
	// "T(reason exit=N)".
	Text     string
	Ready    string
	Started  string
	Restarts int
	// Last is the state before, as Text.
	Last string
	// Start and Finish are seconds since the pod was created.
	Start, Finish *int
}

func (c ContainerState) String() string {
	s := fmt.Sprintf("%s ready=%s started=%s rc=%d", c.Text, c.Ready, c.Started, c.Restarts)
	if c.Last != "" {
		s += " last=" + c.Last
	}
	return s
}

var (
	stateLine     = regexp.MustCompile(`^ *([\d.]+) (?:ADDED|MODIFIED|DELETED) +(\S+) phase=(?s:(.*))$`)
	condsLine     = regexp.MustCompile(`^ +conds: ?(.*)$`)
	containerLine = regexp.MustCompile(`(?s)^ +(init|ctr|eph): (\S+?)=(.*) ready=(\S) started=(\S) rc=(\d+)(?: last=(.*))?$`)
	runningText   = regexp.MustCompile(`^R\(\+?(-?\d+)s?\)$`)
	endedText     = regexp.MustCompile(`(?s)^T\((\S*) exit=(\d+)(.*?) start=\+?(-?\d+|None) fin=\+?(-?\d+|None)(?: msg='(.*)')?\)$`)
)

// parseTimeline reads timeline.txt. A message may hold newlines, so a line
// that begins nothing continues the one before.
func parseTimeline(text string) ([]State, error) {
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		begins := stateLine.MatchString(line) || condsLine.MatchString(line) || strings.HasPrefix(line, "          ")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if !begins && len(lines) > 0 {
			lines[len(lines)-1] += "\n" + line
			continue
		}
		lines = append(lines, line)
	}
	var states []State
	for _, line := range lines {
		if line == "" {
			continue
		}
		if m := stateLine.FindStringSubmatch(line); m != nil {
			at, _ := strconv.ParseFloat(m[1], 64)
			states = append(states, State{Pod: m[2], At: at, Phase: phaseText(m[3]),
				Conditions: map[string]string{}, Containers: map[string]ContainerState{}})
			continue
		}
		if len(states) == 0 {
			return nil, fmt.Errorf("line before any state: %q", line)
		}
		if err := states[len(states)-1].read(line); err != nil {
			return nil, err
		}
	}
	return states, nil
}

// phaseText drops the grace period: it is part of the object.
func phaseText(s string) string {
	before, _, deleting := strings.Cut(s, " DELETING")
	if deleting {
		return before + " DELETING"
	}
	return s
}

func (s *State) read(line string) error {
	if m := condsLine.FindStringSubmatch(line); m != nil {
		for _, c := range strings.Fields(m[1]) {
			name, value, _ := strings.Cut(c, "=")
			s.Conditions[name] = value
		}
		return nil
	}
	m := containerLine.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("line of no known shape: %q", line)
	}
	c := ContainerState{Ready: m[4], Started: m[5]}
	c.Restarts, _ = strconv.Atoi(m[6])
	c.Text, c.Start, c.Finish = splitState(m[3])
	if m[7] != "" {
		c.Last, _, _ = splitState(m[7])
	}
	s.Containers[m[2]] = c
	return nil
}

// splitState takes the times out of the text of a container's state.
func splitState(s string) (text string, start, finish *int) {
	if m := runningText.FindStringSubmatch(s); m != nil {
		return "R", number(m[1]), nil
	}
	if m := endedText.FindStringSubmatch(s); m != nil {
		return terminatedText(m[1], m[2], m[6]), number(m[4]), number(m[5])
	}
	return s, nil, nil
}

// messageLength is how much of a termination message timeline.txt keeps.
const messageLength = 120

func terminatedText(reason, code, message string) string {
	text := "T(" + reason + " exit=" + code
	if message != "" {
		text += " msg=" + message
	}
	return text + ")"
}

func number(s string) *int {
	n, err := strconv.Atoi(s)
	if err != nil || n < -1_000_000 { // 1970: it never started
		return nil
	}
	return &n
}

// stateOf tells of a pod what timeline.txt would.
func stateOf(p *corev1.Pod) State {
	s := State{Pod: p.Name, Phase: string(p.Status.Phase),
		Conditions: map[string]string{}, Containers: map[string]ContainerState{}}
	if p.Status.Reason != "" {
		s.Phase += " reason=" + p.Status.Reason
	}
	if p.Status.Message != "" {
		s.Phase += " message='" + p.Status.Message + "'"
	}
	if p.DeletionTimestamp != nil {
		s.Phase += " DELETING"
	}
	for _, c := range p.Status.Conditions {
		value := string(c.Status[:1])
		if c.Reason != "" {
			value += "(" + c.Reason + ")"
		}
		s.Conditions[string(c.Type)] = value
	}
	since := p.CreationTimestamp.Time
	for _, list := range [][]corev1.ContainerStatus{
		p.Status.InitContainerStatuses, p.Status.ContainerStatuses, p.Status.EphemeralContainerStatuses,
	} {
		for _, c := range list {
			s.Containers[c.Name] = containerStateOf(c, since)
		}
	}
	return s
}

func containerStateOf(c corev1.ContainerStatus, since time.Time) ContainerState {
	s := ContainerState{Ready: letter(&c.Ready), Started: letter(c.Started), Restarts: int(c.RestartCount)}
	s.Text, s.Start, s.Finish = stateText(c.State, since)
	if c.LastTerminationState != (corev1.ContainerState{}) {
		s.Last, _, _ = stateText(c.LastTerminationState, since)
	}
	return s
}

func letter(b *bool) string {
	switch {
	case b == nil:
		return "N"
	case *b:
		return "T"
	}
	return "F"
}

func stateText(s corev1.ContainerState, since time.Time) (text string, start, finish *int) {
	at := func(t time.Time) *int {
		if t.Year() < 2000 {
			return nil
		}
		n := int(t.Sub(since).Seconds())
		return &n
	}
	switch {
	case s.Waiting != nil && s.Waiting.Message != "":
		return "W(" + s.Waiting.Reason + ": " + s.Waiting.Message + ")", nil, nil
	case s.Waiting != nil:
		return "W(" + s.Waiting.Reason + ")", nil, nil
	case s.Running != nil:
		return "R", at(s.Running.StartedAt.Time), nil
	case s.Terminated != nil:
		t := s.Terminated
		return terminatedText(t.Reason, strconv.Itoa(int(t.ExitCode)), quoted(t.Message)), at(t.StartedAt.Time), at(t.FinishedAt.Time)
	}
	return "none", nil, nil
}

// quoted is a termination message as timeline.txt has it: cut and escaped.
func quoted(message string) string {
	message = message[:min(len(message), messageLength)]
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`).Replace(message)
}
