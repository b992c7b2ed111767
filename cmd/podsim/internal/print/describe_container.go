package print

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
)

func (s *sheet) containers(title string, pod *v1.Pod, list []v1.Container, statuses []v1.ContainerStatus) {
	if len(list) == 0 {
		title += ": " + none
	} else {
		title += ":"
	}
	s.line(0, "%s", title)
	for i := range list {
		c := &list[i]
		at := slices.IndexFunc(statuses, func(st v1.ContainerStatus) bool { return st.Name == c.Name })
		var status *v1.ContainerStatus
		if at >= 0 {
			status = &statuses[at]
		}
		s.container(pod, c, status)
	}
}

func (s *sheet) container(pod *v1.Pod, c *v1.Container, status *v1.ContainerStatus) {
	s.line(1, "%s:", c.Name)
	if status != nil {
		s.field(2, "Container ID", status.ContainerID)
	}
	s.field(2, "Image", c.Image)
	if status != nil {
		s.field(2, "Image ID", status.ImageID)
	}
	s.ports("Port", c.Ports, func(p v1.ContainerPort) int32 { return p.ContainerPort })
	s.ports("Host Port", c.Ports, func(p v1.ContainerPort) int32 { return p.HostPort })
	if c.SecurityContext != nil {
		s.seccomp(2, 1, c.SecurityContext.SeccompProfile)
	}
	s.words("Command", c.Command)
	s.words("Args", c.Args)
	if status != nil {
		s.state("State", status.State)
		if status.LastTerminationState.Terminated != nil {
			s.state("Last State", status.LastTerminationState)
		}
		s.field(2, "Ready", boolean(status.Ready))
		s.field(2, "Restart Count", status.RestartCount)
	}
	s.resources(2, c.Resources)
	s.probe("Liveness", c.LivenessProbe)
	s.probe("Readiness", c.ReadinessProbe)
	s.probe("Startup", c.StartupProbe)
	s.environment(pod, c)
	s.mounts(c)
}

func boolean(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

func (s *sheet) ports(key string, ports []v1.ContainerPort, number func(v1.ContainerPort) int32) {
	var texts []string
	for _, p := range ports {
		text := fmt.Sprintf("%d/%s", number(p), p.Protocol)
		if p.Name != "" {
			text += " (" + p.Name + ")"
		}
		texts = append(texts, text)
	}
	if len(texts) > 1 {
		key += "s"
	}
	s.field(2, key, orNone(strings.Join(texts, ", ")))
}

// words writes arguments, each on lines of its own.
func (s *sheet) words(key string, words []string) {
	if len(words) > 0 {
		s.line(2, "%s:", key)
	}
	for _, word := range words {
		for part := range strings.SplitSeq(word, "\n") {
			s.line(3, "%s", part)
		}
	}
}

func (s *sheet) state(key string, state v1.ContainerState) {
	switch {
	case state.Running != nil:
		s.field(2, key, "Running")
		s.field(3, "Started", moment(state.Running.StartedAt.Time))
	case state.Terminated != nil:
		s.terminated(key, state.Terminated)
	default:
		s.field(2, key, "Waiting")
		if state.Waiting != nil {
			s.optional(3, "Reason", state.Waiting.Reason)
		}
	}
}

func (s *sheet) terminated(key string, t *v1.ContainerStateTerminated) {
	s.field(2, key, "Terminated")
	s.optional(3, "Reason", t.Reason)
	s.optional(3, "Message", t.Message)
	s.field(3, "Exit Code", t.ExitCode)
	if t.Signal > 0 {
		s.field(3, "Signal", t.Signal)
	}
	s.field(3, "Started", moment(t.StartedAt.Time))
	s.field(3, "Finished", moment(t.FinishedAt.Time))
}

func (s *sheet) resources(level int, r v1.ResourceRequirements) {
	for _, part := range []struct {
		key  string
		list v1.ResourceList
	}{{"Limits", r.Limits}, {"Requests", r.Requests}} {
		if len(part.list) > 0 {
			s.line(level, "%s:", part.key)
		}
		for _, name := range slices.Sorted(maps.Keys(part.list)) {
			quantity := part.list[name]
			s.field(level+1, string(name), quantity.String())
		}
	}
}

func (s *sheet) mounts(c *v1.Container) {
	if len(c.VolumeMounts) == 0 {
		s.field(2, "Mounts", none)
	} else {
		s.line(2, "Mounts:")
	}
	mounts := slices.Clone(c.VolumeMounts)
	slices.SortStableFunc(mounts, func(a, b v1.VolumeMount) int { return strings.Compare(a.MountPath, b.MountPath) })
	for _, m := range mounts {
		flags := "rw"
		if m.ReadOnly {
			flags = "ro"
		}
		if m.SubPath != "" {
			flags += fmt.Sprintf(",path=%q", m.SubPath)
		}
		s.line(3, "%s from %s (%s)", m.MountPath, m.Name, flags)
	}
	if len(c.VolumeDevices) > 0 {
		s.line(2, "Devices:")
	}
	for _, d := range c.VolumeDevices {
		s.line(3, "%s from %s", d.DevicePath, d.Name)
	}
}
