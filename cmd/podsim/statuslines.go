package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator"
)

// neverRan is the reason of an end that a deleted pod's container gets if it was never there.
const neverRan = "ContainerStatusUnknown"

// begun tells which containers run now, and which runs ended before those.
func (s *screen) begun(pod *v1.Pod, statuses []v1.ContainerStatus) {
	for _, c := range statuses {
		if last := c.LastTerminationState.Terminated; c.State.Waiting == nil {
			s.runEnded(pod.Name, c.Name, last)
		} else {
			s.runBegan(pod.Name, c.Name, last)
		}
		if c.State.Running != nil {
			s.runs.tell(c.ContainerID, func() { s.about(pod.Name, c.Name, "started") })
		}
		s.runBegan(pod.Name, c.Name, c.State.Terminated)
	}
}

// over tells which runs ended, and why containers wait.
func (s *screen) over(before, pod *v1.Pod, statuses []v1.ContainerStatus) {
	for _, c := range statuses {
		s.runEnded(pod.Name, c.Name, c.LastTerminationState.Terminated)
		s.runEnded(pod.Name, c.Name, c.State.Terminated)
		s.waiting(pod.Name, statusOf(before, c.Name), c)
	}
}

// status tells what changed between two states of a pod, its containers apart, and what no event says: published ports,
// readiness, the end of the pod.
func (s *screen) status(sim *session, before, now *v1.Pod) {
	if before.Status.PodIP == "" && now.Status.PodIP != "" {
		s.ports(sim, now)
	}
	if !simulator.Ready(before) && simulator.Ready(now) {
		s.about(now.Name, "", "ready")
	}
	if before.Status.Phase != now.Status.Phase && simulator.Ended(now) && !s.stopping.Load() {
		s.podEnd(now)
	}
}

// podEnd tells how a pod ended, and of one that failed which container is to blame.
func (s *screen) podEnd(pod *v1.Pod) {
	if pod.Status.Phase == v1.PodSucceeded {
		s.about(pod.Name, "", "succeeded")
		return
	}
	text := "failed"
	if pod.Status.Reason != "" {
		text += " (" + pod.Status.Reason + ")"
	}
	if pod.Status.Message != "" {
		text += ": " + pod.Status.Message
	} else if name, t := culprit(pod); t != nil {
		text += fmt.Sprintf(": container %q %s", name, endText(&v1.ContainerStateTerminated{ExitCode: t.ExitCode, Reason: t.Reason}))
	}
	s.bad(pod.Name, "", text)
}

// rounds are the statuses of a pod's containers in the order of the spec: each init container by itself, as they run one
// after the other, and then the others together.
func rounds(pod *v1.Pod) [][]v1.ContainerStatus {
	var out [][]v1.ContainerStatus
	var together []v1.ContainerStatus
	for i, name := range simulator.ContainerNames(pod) {
		status := statusOf(pod, name)
		switch {
		case status.Name == "":
		case i < len(pod.Spec.InitContainers):
			out = append(out, []v1.ContainerStatus{status})
		default:
			together = append(together, status)
		}
	}
	return append(out, together)
}

// statusOf is the status of a container, without a name while there is none.
func statusOf(pod *v1.Pod, container string) v1.ContainerStatus {
	for _, list := range [][]v1.ContainerStatus{
		pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses,
	} {
		for _, c := range list {
			if c.Name == container {
				return c
			}
		}
	}
	return v1.ContainerStatus{}
}

// runBegan tells of the begin of a run that has ended, if it began. Statuses tell it and not events, which may come after
// what follows from the start.
func (s *screen) runBegan(pod, container string, t *v1.ContainerStateTerminated) {
	if t != nil && t.StartedAt.Unix() > 0 {
		s.runs.tell(t.ContainerID, func() { s.about(pod, container, "started") })
	}
}

// runEnded tells how a run ended.
func (s *screen) runEnded(pod, container string, t *v1.ContainerStateTerminated) {
	if t == nil || t.Reason == neverRan {
		return
	}
	s.runBegan(pod, container, t)
	tell := s.about
	if t.ExitCode != 0 && !s.stopping.Load() {
		tell = s.bad
	}
	s.ends.tell(t.ContainerID, func() { tell(pod, container, endText(t)) })
}

// waiting tells why a container does not run, when that is news.
func (s *screen) waiting(pod string, before, now v1.ContainerStatus) {
	w, was := now.State.Waiting, before.State.Waiting
	if w == nil || w.Reason == "ContainerCreating" || w.Reason == "PodInitializing" || w.Reason == "" {
		return
	}
	if was == nil || was.Reason != w.Reason || before.RestartCount != now.RestartCount {
		s.bad(pod, now.Name, waitText(was, w))
	}
}

// waitText leaves out of a state what lines before it said. Of an image that cannot be had it says the cause again, unless
// the state before did: that one may have been too short to be seen.
func waitText(before, w *v1.ContainerStateWaiting) string {
	text := w.Message
	switch w.Reason {
	case "CrashLoopBackOff":
		text, _, _ = strings.Cut(text, " restarting failed container=")
	case "ImagePullBackOff":
		if before != nil && before.Reason == "ErrImagePull" {
			text, _, _ = strings.Cut(text, ": ErrImagePull: ")
		}
	}
	if text, _, _ = strings.Cut(text, "\n"); text == "" {
		return w.Reason
	}
	return w.Reason + ": " + text
}

// endText is "exited with code 1 (Error)".
func endText(t *v1.ContainerStateTerminated) string {
	text := fmt.Sprintf("exited with code %d", t.ExitCode)
	if t.Reason != "" {
		text += " (" + t.Reason + ")"
	}
	if t.Message != "" {
		text += ": " + t.Message
	}
	return text
}

// ports tells where published ports are.
func (s *screen) ports(sim *session, pod *v1.Pod) {
	info, err := sim.PodInfo(context.Background(), pod.Namespace, pod.Name)
	if err != nil {
		return
	}
	for _, line := range portLines(info.Ports) {
		s.about(pod.Name, "", line)
	}
}

// portLines say where ports are. An engine publishes a port for IPv4 and for IPv6, mostly at the same number.
func portLines(ports []runtime.PortBinding) []string {
	var lines []string
	for _, p := range ports {
		host := "localhost"
		if p.HostIP.IsValid() && !p.HostIP.IsUnspecified() {
			host = p.HostIP.String()
		}
		line := fmt.Sprintf("port %d is at %s", p.ContainerPort, net.JoinHostPort(host, strconv.Itoa(int(p.HostPort))))
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
