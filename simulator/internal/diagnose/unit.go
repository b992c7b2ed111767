package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
)

// unit is a container with all that is known of it.
type unit struct {
	Container
	spec   *v1.Container
	status v1.ContainerStatus
	// init: it is to end before those after it; sidecar: it is in the list of
	// init containers and goes on.
	init, sidecar bool
}

// unitsOf lists init, ordinary and sidecar containers in the order of the spec.
func unitsOf(f Facts) []unit {
	var units []unit
	add := func(specs []v1.Container, statuses []v1.ContainerStatus, init bool) {
		for i := range specs {
			c := &specs[i]
			u := unit{Container: f.Containers[c.Name], spec: c, status: statusOf(statuses, c.Name)}
			u.sidecar = init && podspec.IsSidecar(c)
			u.init = init && !u.sidecar
			units = append(units, u)
		}
	}
	add(f.Pod.Spec.InitContainers, f.Pod.Status.InitContainerStatuses, true)
	add(f.Pod.Spec.Containers, f.Pod.Status.ContainerStatuses, false)
	return units
}

func statusOf(list []v1.ContainerStatus, name string) v1.ContainerStatus {
	for _, s := range list {
		if s.Name == name {
			return s
		}
	}
	return v1.ContainerStatus{}
}

// Concerned names the containers whose logs tell something: those that are not
// as they should be, and those that ended badly before.
func Concerned(pod *v1.Pod) []string {
	var names []string
	for _, u := range unitsOf(Facts{Pod: pod}) {
		ended := u.ended()
		if u.runs() && !u.well() || ended != nil && ended.ExitCode != 0 {
			names = append(names, u.spec.Name)
		}
	}
	return names
}

func (u *unit) name() string { return u.spec.Name }

// title names the container in a sentence.
func (u *unit) title() string {
	switch {
	case u.init:
		return fmt.Sprintf("init container %q", u.spec.Name)
	case u.sidecar:
		return fmt.Sprintf("sidecar %q", u.spec.Name)
	}
	return fmt.Sprintf("container %q", u.spec.Name)
}

func (u *unit) runs() bool { return u.status.State.Running != nil }

// well: it needs nothing more for the pod to be ready.
func (u *unit) well() bool {
	if t := u.status.State.Terminated; t != nil {
		return t.ExitCode == 0
	}
	return u.runs() && u.status.Ready && !u.init
}

// ended is the end of the run that ended last, nil if none has.
func (u *unit) ended() *v1.ContainerStateTerminated {
	if t := u.status.State.Terminated; t != nil {
		return t
	}
	return u.status.LastTerminationState.Terminated
}

// failed is ended if it ended badly.
func (u *unit) failed() *v1.ContainerStateTerminated {
	if t := u.ended(); t != nil && t.ExitCode != 0 {
		return t
	}
	return nil
}

// waits is the reason and message for which it waits.
func (u *unit) waits() (reason, message string) {
	if w := u.status.State.Waiting; w != nil {
		return w.Reason, w.Message
	}
	return "", ""
}

// lines are those of the log that tell of its trouble, the latest last: of the
// run that ended badly, and of the present one.
func (u *unit) lines() []string {
	if u.failed() == nil {
		return u.Running
	}
	return append(append([]string{}, u.Ended...), u.Running...)
}

// end says how it ended and how often it was restarted.
func (u *unit) end() string {
	t := u.ended()
	if t == nil {
		return ""
	}
	text := fmt.Sprintf("exited with code %d", t.ExitCode)
	if t.Reason != "" && t.Reason != "Error" && t.Reason != "Completed" {
		text += " (" + t.Reason + ")"
	}
	switch n := u.status.RestartCount; {
	case n == 1:
		text += ", restarted once"
	case n > 1:
		text += fmt.Sprintf(", restarted %d times", n)
	}
	if w := u.status.State.Waiting; w != nil && w.Reason == "CrashLoopBackOff" {
		text += ", now in CrashLoopBackOff"
	}
	return text
}

// argv is the whole command as far as it is known.
func (u *unit) argv() []string {
	if len(u.spec.Command) > 0 {
		return slices.Concat(u.spec.Command, u.spec.Args)
	}
	if len(u.spec.Args) > 0 {
		return slices.Concat(u.ImageEntrypoint, u.spec.Args)
	}
	return slices.Concat(u.ImageEntrypoint, u.ImageCmd)
}

// finding is one of a container, with the lines of its log that tell of it.
func (u *unit) finding(cause Cause, details ...string) Finding {
	return Finding{Cause: cause, Container: u.name(), Details: details, Log: shown(u.lines())}
}

// shown are the last few lines of a log that say something.
func shown(lines []string) []string {
	var out []string
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			out = append(out, strings.TrimRight(line, "\r\n"))
		}
	}
	return out[max(0, len(out)-logLines):]
}

// ago is a duration as people say it.
func ago(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", int(d/time.Second))
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm%ds", int(d/time.Minute), int(d%time.Minute/time.Second))
	}
	return fmt.Sprintf("%dh%dm", int(d/time.Hour), int(d%time.Hour/time.Minute))
}
