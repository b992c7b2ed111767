package lifecycle

import (
	"time"

	v1 "k8s.io/api/core/v1"
)

// Recover rebuilds what can be known of earlier decisions from the engine's
// instances and the status published last.
func Recover(s Snapshot) Memory {
	m := Memory{StartTime: s.Now}
	if s.Pod == nil {
		return m
	}
	if t := s.Pod.Status.StartTime; t != nil {
		m.StartTime = t.Time
	}
	if s.Sandbox.State == SandboxReady || s.Sandbox.State == SandboxDead {
		m.Sandboxes = s.Sandbox.Attempt + 1
	}
	m.Finished = s.Pod.Status.Phase == v1.PodSucceeded || s.Pod.Status.Phase == v1.PodFailed
	m.InitDone = map[string]bool{}
	m.Containers = map[string]ContainerMemory{}
	us := units(&s, &m)
	for _, u := range us {
		m.Containers[u.name] = u.recover(&s)
	}
	m.recoverInit(&s, us)
	m.recoverEnd(&s)
	return m
}

// recover takes the restart count from the newest instance or the status. The
// back-off is on the instance's label.
func (u *unit) recover(s *Snapshot) ContainerMemory {
	var mem ContainerMemory
	if st := publishedStatus(&s.Pod.Status, u.name); st != nil {
		mem.Made = int(st.RestartCount)
		if st.ContainerID != "" {
			mem.Made++
		}
	}
	if i := u.newest(); i != nil {
		mem.Made = max(mem.Made, i.Attempt+1)
		if i.State == Running {
			mem.Last = clonePtr(i)
		}
	}
	return mem
}

// recoverInit finds the init containers that ended well: they left an
// instance, the status says so, or something behind them was started.
func (m *Memory) recoverInit(s *Snapshot, us []*unit) {
	behind := false
	for n := len(us) - 1; n >= 0; n-- {
		u := us[n]
		i := u.newest()
		here := i != nil && i.SandboxAttempt == s.Sandbox.Attempt
		switch u.kind {
		case appKind:
			m.AppStarted = m.AppStarted || here
			behind = behind || here
		case initKind:
			if behind || here && i.State == Exited && i.Code() == 0 || i == nil && publishedDone(s, u.name) {
				m.InitDone[u.name] = true
			}
			behind = behind || here
		case sidecarKind:
			behind = behind || here
		}
	}
}

// recoverEnd goes on with an end that was under way.
func (m *Memory) recoverEnd(s *Snapshot) {
	t, g := s.Pod.DeletionTimestamp, s.Pod.DeletionGracePeriodSeconds
	if t == nil || g == nil {
		return
	}
	m.Grace = max(time.Duration(*g)*time.Second, minGrace)
	m.Asked = m.Grace
	m.Terminating = t.Add(-time.Duration(*g) * time.Second)
	if m.Terminating.After(s.Now) {
		m.Terminating = s.Now
	}
}

// publishedDone says whether the status shows a container that ended with 0 in
// the sandbox that is still there.
func publishedDone(s *Snapshot, name string) bool {
	st := publishedStatus(&s.Pod.Status, name)
	return s.Sandbox.State == SandboxReady && st != nil && st.State.Terminated != nil && st.State.Terminated.ExitCode == 0
}

func publishedStatus(s *v1.PodStatus, name string) *v1.ContainerStatus {
	for _, list := range [][]v1.ContainerStatus{s.InitContainerStatuses, s.ContainerStatuses, s.EphemeralContainerStatuses} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}
