package simulator

import (
	"context"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/diagnose"
)

// Finding is one cause why a pod is not as it should be, and where it is.
type Finding = diagnose.Finding

// FindingCause is the kind of a Finding.
type FindingCause = diagnose.Cause

// PortConflict is the cause of two containers that want one port.
const PortConflict = diagnose.CausePortConflict

// Diagnosis is what was found of a pod.
type Diagnosis struct {
	Pod *v1.Pod `json:"-"`
	// Ready: the pod is ready, or has done its work.
	Ready bool `json:"ready"`
	// Findings are causes, the most likely one first, then notes.
	Findings []Finding `json:"findings"`
}

// Diagnose says why a pod is not ready, or why it failed. It looks at the
// status, events and logs, and, where that may explain something, into the
// running pod. What cannot be looked at is left out; only a pod that is not
// there is an error. It may take some seconds.
func (s *Simulator) Diagnose(ctx context.Context, ns, name string) (Diagnosis, error) {
	pod, err := s.Pod(ctx, ns, name)
	if err != nil {
		return Diagnosis{}, err
	}
	d := Diagnosis{Pod: pod, Ready: pod.Status.Phase == v1.PodSucceeded || Ready(pod)}
	d.Findings = diagnose.Find(s.facts(ctx, pod))
	return d, nil
}

// Hints are the proven causes why a pod is not ready or failed, a line each: for
// commands that are about something else. There are none when nothing more can
// be said than the status says, and when the pod cannot be read.
func (s *Simulator) Hints(ctx context.Context, ns, name string) []string {
	return s.hints(ctx, ns, name, Finding.Specific)
}

// Remedies are the Hints that come with something to do.
func (s *Simulator) Remedies(ctx context.Context, ns, name string) []string {
	return s.hints(ctx, ns, name, func(f Finding) bool { return f.Specific() && f.Fix != "" })
}

// FailureHints are Hints about a container that failed: for a port that another
// one has, and, when it ran for the last time, for all about which something can
// be done. What may look different in a moment is left for later: another start,
// and a server that was not up yet.
func (s *Simulator) FailureHints(ctx context.Context, ns, name, container string, last bool) []string {
	return s.hints(ctx, ns, name, func(f Finding) bool {
		return f.Specific() && (f.Cause == PortConflict ||
			last && f.Container == container && f.Fix != "" && f.Cause != diagnose.CauseRefused)
	})
}

func (s *Simulator) hints(ctx context.Context, ns, name string, tell func(Finding) bool) []string {
	d, err := s.Diagnose(ctx, ns, name)
	if err != nil {
		return nil
	}
	var lines []string
	for _, f := range d.Findings {
		if tell(f) {
			lines = append(lines, f.Line())
		}
	}
	return lines
}
