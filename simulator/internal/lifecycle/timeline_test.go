package lifecycle_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
)

// renderStatus writes a status the way the recorded timelines do, without
// times: phase, conditions, containers.
func renderStatus(p *v1.Pod) string {
	var b strings.Builder
	s := &p.Status
	fmt.Fprintf(&b, "phase=%s", s.Phase)
	if s.Reason != "" {
		fmt.Fprintf(&b, " reason=%s message='%s'", s.Reason, s.Message)
	}
	if p.DeletionTimestamp != nil {
		b.WriteString(" DELETING")
	}
	b.WriteString("\nconds:")
	for _, c := range s.Conditions {
		fmt.Fprintf(&b, " %s=%s", c.Type, string(c.Status[0]))
		if c.Reason != "" {
			fmt.Fprintf(&b, "(%s)", c.Reason)
		}
	}
	renderContainers(&b, "init", s.InitContainerStatuses)
	renderContainers(&b, "ctr", s.ContainerStatuses)
	renderContainers(&b, "eph", s.EphemeralContainerStatuses)
	return b.String()
}

func renderContainers(b *strings.Builder, kind string, list []v1.ContainerStatus) {
	for _, c := range list {
		started := "N"
		if c.Started != nil {
			started = letter(*c.Started)
		}
		fmt.Fprintf(b, "\n%s: %s=%s ready=%s started=%s rc=%d", kind, c.Name, renderState(c.State), letter(c.Ready), started, c.RestartCount)
		if c.LastTerminationState.Terminated != nil {
			fmt.Fprintf(b, " last=%s", renderState(c.LastTerminationState))
		}
	}
}

func letter(b bool) string {
	if b {
		return "T"
	}
	return "F"
}

func renderState(s v1.ContainerState) string {
	switch {
	case s.Running != nil:
		return "R"
	case s.Terminated != nil:
		return fmt.Sprintf("T(%s exit=%d)", s.Terminated.Reason, s.Terminated.ExitCode)
	case s.Waiting != nil && s.Waiting.Message != "":
		return fmt.Sprintf("W(%s: %s)", s.Waiting.Reason, oneLine(s.Waiting.Message))
	case s.Waiting != nil:
		return fmt.Sprintf("W(%s)", s.Waiting.Reason)
	}
	return "?"
}

var (
	times    = regexp.MustCompile(` start=\S+ fin=[^\s)]+`)
	messages = regexp.MustCompile(` msg='[^']*'`)
	since    = regexp.MustCompile(`=R\(\+\d+s\)`)
	grace    = regexp.MustCompile(`DELETING\(grace=\d+\)`)
	podNames = regexp.MustCompile(`p_[a-z0-9-]+\([0-9a-f-]*\)`)
	runError = regexp.MustCompile(`(RunContainerError|PostStartHookError): [^\n]*?\) ready`)
	head     = regexp.MustCompile(`^ *[0-9.]+ (ADDED|MODIFIED|DELETED) +\S+ `)
)

// oneLine puts a message that has several lines into one.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

func normalize(s string) string {
	s = times.ReplaceAllString(s, "")
	s = messages.ReplaceAllString(s, "")
	s = since.ReplaceAllString(s, "=R")
	s = grace.ReplaceAllString(s, "DELETING")
	s = podNames.ReplaceAllString(s, "POD")
	return runError.ReplaceAllString(s, "$1: TEXT) ready")
}

// recorded reads the timeline of a real node: the statuses with conditions,
// normalized.
func recorded(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(reference, name, "timeline.txt"))
	if err != nil {
		t.Skip(err)
	}
	var list []string
	for _, line := range strings.Split(string(b), "\n") {
		switch {
		case strings.HasPrefix(line, "#"), line == "":
		case head.MatchString(line):
			list = append(list, head.ReplaceAllString(line, ""))
		case strings.HasPrefix(line, "          "):
			list[len(list)-1] += "\n" + strings.TrimSpace(line)
		default: // a message with several lines goes on
			list[len(list)-1] += " " + line
		}
	}
	for i := range list {
		list[i] = normalize(list[i])
	}
	list = slices.DeleteFunc(list, func(s string) bool { return !strings.Contains(s, "Initialized") })
	return slices.Compact(list)
}

// goesThrough fails the test unless the story went through all the recorded
// statuses in their order. A simulator may show more in between: it does not
// look once a second only.
func (w *world) goesThrough(want []string) {
	w.t.Helper()
	var got []string
	for _, s := range w.statuses {
		got = append(got, normalize(s))
	}
	n := 0
	for i, s := range want {
		at := slices.Index(got[n:], s)
		if at < 0 {
			w.t.Fatalf("status %d of the recording never came:\n%s\nafter\n%s\nthere came\n%s\nactions:\n%s", i, s,
				last(want[:i]), strings.Join(got[min(n, len(got)):], "\n-\n"), strings.Join(w.actions, "\n"))
		}
		n += at
	}
}

func last(list []string) string {
	if len(list) == 0 {
		return "(nothing)"
	}
	return list[len(list)-1]
}
