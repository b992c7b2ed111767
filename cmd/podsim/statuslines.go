package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator"
)

// neverRan is the reason of an end that a deleted pod's container gets if it was never there.
const neverRan = "ContainerStatusUnknown"

// status tells what changed between two states of a pod and what no event says: ends of containers, published ports,
// readiness, the end of the pod.
func (s *screen) status(sim *session, before, now *v1.Pod) {
	for _, list := range []struct{ before, now []v1.ContainerStatus }{
		{before.Status.InitContainerStatuses, now.Status.InitContainerStatuses},
		{before.Status.ContainerStatuses, now.Status.ContainerStatuses},
		{before.Status.EphemeralContainerStatuses, now.Status.EphemeralContainerStatuses},
	} {
		for _, c := range list.now {
			s.containerStatus(now.Name, statusOf(list.before, c.Name), c)
		}
	}
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

func statusOf(list []v1.ContainerStatus, name string) v1.ContainerStatus {
	for _, c := range list {
		if c.Name == name {
			return c
		}
	}
	return v1.ContainerStatus{}
}

// containerStatus tells of ends. A container that was restarted at once shows its end only as the last state.
func (s *screen) containerStatus(pod string, before, now v1.ContainerStatus) {
	known := map[string]bool{}
	for _, state := range []v1.ContainerState{before.State, before.LastTerminationState} {
		if state.Terminated != nil {
			known[state.Terminated.ContainerID] = true
		}
	}
	for i, state := range []v1.ContainerState{now.LastTerminationState, now.State} {
		if i == 1 {
			s.started(pod, now)
		}
		if t := state.Terminated; t != nil && !known[t.ContainerID] && t.Reason != neverRan {
			tell := s.about
			if t.ExitCode != 0 && !s.stopping.Load() {
				tell = s.bad
			}
			tell(pod, now.Name, endText(t))
		}
	}
	w := now.State.Waiting
	if w == nil || w.Reason == "ContainerCreating" || w.Reason == "PodInitializing" || w.Reason == "" {
		return
	}
	if before.State.Waiting == nil || before.State.Waiting.Reason != w.Reason || before.RestartCount != now.RestartCount {
		s.bad(pod, now.Name, waitText(w))
	}
}

// waitText leaves out of a state what lines before it said.
func waitText(w *v1.ContainerStateWaiting) string {
	text := w.Message
	switch w.Reason {
	case "CrashLoopBackOff":
		text, _, _ = strings.Cut(text, " restarting failed container=")
	case "ImagePullBackOff":
		text, _, _ = strings.Cut(text, ": ErrImagePull: ")
	}
	if text, _, _ = strings.Cut(text, "\n"); text == "" {
		return w.Reason
	}
	return w.Reason + ": " + text
}

// started tells of the run that a status shows, once. Statuses tell it and not events, which may come after what follows
// from the start.
func (s *screen) started(pod string, now v1.ContainerStatus) {
	id := ""
	switch {
	case now.State.Running != nil:
		id = now.ContainerID
	case now.State.Terminated != nil && now.State.Terminated.StartedAt.Unix() > 0:
		id = now.State.Terminated.ContainerID
	}
	if id != "" && !s.runs[id] {
		s.runs[id] = true
		s.about(pod, now.Name, "started")
	}
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
	for _, w := range info.Warnings {
		s.about(pod.Name, "", "warning: "+w)
	}
	for _, p := range info.Ports {
		host := p.HostIP
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "localhost"
		}
		s.about(pod.Name, "", fmt.Sprintf("port %d is at %s", p.ContainerPort, net.JoinHostPort(host, strconv.Itoa(int(p.HostPort)))))
	}
}
