package print

import (
	"fmt"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
)

// summary is a pod in one line of a table.
type summary struct {
	ready, total int
	status       string
	restarts     int
	lastRestart  time.Time
}

// Status is the STATUS column of `get pods`: Init:1/3, CrashLoopBackOff, Completed, Terminating ...
func Status(pod *v1.Pod) string { return summarize(pod).status }

// Ready is the READY column of `get pods`: "1/2", sidecars included.
func Ready(pod *v1.Pod) string {
	s := summarize(pod)
	return fmt.Sprintf("%d/%d", s.ready, s.total)
}

// summarize follows printPod of pkg/printers/internalversion in Kubernetes 1.35: the phase, overruled by the pod's own
// reason, by the first init container that holds the pod back, by the first container (in the order of their statuses)
// that waits or ended, and by a deletion.
func summarize(pod *v1.Pod) summary {
	sidecar := map[string]bool{}
	s := summary{total: len(pod.Spec.Containers), status: string(pod.Status.Phase)}
	for _, c := range pod.Spec.InitContainers {
		if podspec.IsSidecar(&c) {
			sidecar[c.Name] = true
			s.total++
		}
	}
	if pod.Status.Reason != "" {
		s.status = pod.Status.Reason
	}
	if c := condition(pod, v1.PodScheduled); c != nil && c.Reason == v1.PodReasonSchedulingGated {
		s.status = c.Reason
	}
	initializing := s.initContainers(pod, sidecar)
	if c := condition(pod, v1.PodInitialized); !initializing || c != nil && c.Status == v1.ConditionTrue {
		s.containers(pod, sidecar)
	}
	if pod.DeletionTimestamp != nil && pod.Status.Phase != v1.PodSucceeded && pod.Status.Phase != v1.PodFailed {
		s.status = "Terminating"
	}
	return s
}

// initContainers looks for the first init container that is not done, and tells whether there is one.
func (s *summary) initContainers(pod *v1.Pod, sidecar map[string]bool) bool {
	for i, c := range pod.Status.InitContainerStatuses {
		s.count(c)
		ended := c.State.Terminated
		switch {
		case ended != nil && ended.ExitCode == 0:
			continue
		case sidecar[c.Name] && c.Started != nil && *c.Started:
			if c.Ready {
				s.ready++
			}
			continue
		case ended != nil:
			s.status = "Init:" + endedAs(ended)
		case c.State.Waiting != nil && c.State.Waiting.Reason != "" && c.State.Waiting.Reason != "PodInitializing":
			s.status = "Init:" + c.State.Waiting.Reason
		default:
			s.status = fmt.Sprintf("Init:%d/%d", i, len(pod.Spec.InitContainers))
		}
		return true
	}
	return false
}

// containers counts restarts anew: from here on only sidecars and containers matter.
func (s *summary) containers(pod *v1.Pod, sidecar map[string]bool) {
	s.restarts, s.lastRestart = 0, time.Time{}
	for _, c := range pod.Status.InitContainerStatuses {
		if sidecar[c.Name] {
			s.count(c)
		}
	}
	running, failed := false, false
	for i := len(pod.Status.ContainerStatuses) - 1; i >= 0; i-- {
		c := pod.Status.ContainerStatuses[i]
		s.count(c)
		switch {
		case c.State.Waiting != nil && c.State.Waiting.Reason != "":
			s.status = c.State.Waiting.Reason
		case c.State.Terminated != nil:
			// A container that ended well does not hide another that ended badly.
			if reason := endedAs(c.State.Terminated); reason != "Completed" || !failed {
				s.status, failed = reason, failed || reason != "Completed"
			}
		case c.Ready && c.State.Running != nil:
			running = true
			s.ready++
		}
	}
	if s.status == "Completed" && running {
		s.status = "NotReady"
		if c := condition(pod, v1.PodReady); c != nil && c.Status == v1.ConditionTrue {
			s.status = "Running"
		}
	}
}

// count adds a container's restarts.
func (s *summary) count(c v1.ContainerStatus) {
	s.restarts += int(c.RestartCount)
	if last := c.LastTerminationState.Terminated; last != nil && last.FinishedAt.After(s.lastRestart) {
		s.lastRestart = last.FinishedAt.Time
	}
}

// restartsCell is "3 (2m ago)".
func (s *summary) restartsCell(now time.Time) string {
	if s.restarts == 0 || s.lastRestart.IsZero() {
		return strconv.Itoa(s.restarts)
	}
	return fmt.Sprintf("%d (%s ago)", s.restarts, since(s.lastRestart, now))
}

// endedAs names the end of a container.
func endedAs(t *v1.ContainerStateTerminated) string {
	switch {
	case t.Reason != "":
		return t.Reason
	case t.Signal != 0:
		return fmt.Sprintf("Signal:%d", t.Signal)
	}
	return fmt.Sprintf("ExitCode:%d", t.ExitCode)
}

func condition(pod *v1.Pod, kind v1.PodConditionType) *v1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}
