package podtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator"
)

// reportLines is how much of each container's log is printed.
const reportLines = 200

// causesTime is how long the search for causes may take.
const causesTime = 5 * time.Second

// report prints what is known of the pod.
func (p *Pod) report() {
	p.t.Helper()
	pod, err := p.sim.Pod(context.Background(), "", p.name)
	if err != nil {
		p.t.Logf("podtest: %v", err)
		return
	}
	var b strings.Builder
	state := strings.TrimSpace(fmt.Sprintf("%s %s %s", pod.Status.Phase, pod.Status.Reason, pod.Status.Message))
	fmt.Fprintf(&b, "pod %s: %s\n", p.name, state)
	for _, c := range pod.Status.Conditions {
		if c.Status != v1.ConditionTrue {
			fmt.Fprintf(&b, "  condition %s=%s %s %s\n", c.Type, c.Status, c.Reason, c.Message)
		}
	}
	statuses := append(append([]v1.ContainerStatus{}, pod.Status.InitContainerStatuses...), pod.Status.ContainerStatuses...)
	for _, c := range statuses {
		fmt.Fprintf(&b, "  container %s: %s, ready %v, restarts %d\n", c.Name, stateText(c.State), c.Ready, c.RestartCount)
		if c.LastTerminationState.Terminated != nil {
			fmt.Fprintf(&b, "    before: %s\n", stateText(c.LastTerminationState))
		}
	}
	events, err := p.sim.Events(context.Background(), simulator.EventOptions{For: &simulator.Ref{Kind: simulator.Pods, Name: p.name}})
	if err == nil {
		b.WriteString("events:\n")
	}
	for _, e := range events {
		at := e.LastTimestamp.Time
		if at.IsZero() {
			at = e.EventTime.Time
		}
		fmt.Fprintf(&b, "  %s %s %s x%d %s %s\n", at.Format("15:04:05"), e.Type, e.Reason, max(e.Count, 1), e.InvolvedObject.FieldPath, e.Message)
	}
	for _, c := range statuses {
		p.reportLog(&b, c.Name, c.LastTerminationState.Terminated != nil)
	}
	p.reportCauses(&b)
	p.t.Logf("podtest: %s", b.String())
}

// reportCauses says why the pod is not as it should be, if that can be said.
func (p *Pod) reportCauses(b *strings.Builder) {
	ctx, cancel := context.WithTimeout(context.Background(), causesTime)
	defer cancel()
	d, err := p.sim.Diagnose(ctx, "", p.name)
	if err != nil {
		return
	}
	for _, f := range d.Findings {
		kind := "cause"
		if f.Note {
			kind = "note"
		}
		fmt.Fprintf(b, "%s: %s\n", kind, f.Line())
	}
}

func (p *Pod) reportLog(b *strings.Builder, container string, restarted bool) {
	if restarted {
		if text, err := p.logs(container, true); err == nil {
			fmt.Fprintf(b, "log of %s before its restart:\n%s", container, last(text))
		}
	}
	text, err := p.logs(container, false)
	if err != nil {
		fmt.Fprintf(b, "log of %s: %v\n", container, err)
		return
	}
	fmt.Fprintf(b, "log of %s:\n%s", container, last(text))
}

// last is the end of a log, indented.
func last(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	cut := ""
	if n := len(lines) - reportLines; n > 0 {
		lines, cut = lines[n:], fmt.Sprintf("  (%d lines before)\n", n)
	}
	return cut + "  " + strings.Join(lines, "\n  ") + "\n"
}

func stateText(s v1.ContainerState) string {
	switch {
	case s.Running != nil:
		return "running since " + s.Running.StartedAt.Format("15:04:05")
	case s.Terminated != nil:
		return strings.TrimSpace(fmt.Sprintf("ended with %d (%s) %s", s.Terminated.ExitCode, s.Terminated.Reason, s.Terminated.Message))
	case s.Waiting != nil:
		return strings.TrimSpace("waiting: " + s.Waiting.Reason + " " + s.Waiting.Message)
	}
	return "unknown"
}
