package status

import (
	"sort"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/internal/podspec"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Reasons of a container that was never started.
const (
	reasonCreating     = "ContainerCreating"
	reasonInitializing = "PodInitializing"
)

// containers fills in the statuses of all containers: ordinary and ephemeral
// ones by name, init containers in the order of the spec.
func (v *view) containers() {
	spec := &v.pod.Spec
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		st := v.container(c, find(v.published.InitContainerStatuses, c.Name))
		v.initReadiness(c, &st)
		v.out.InitContainerStatuses = append(v.out.InitContainerStatuses, st)
	}
	for i := range spec.Containers {
		c := &spec.Containers[i]
		st := v.container(c, find(v.published.ContainerStatuses, c.Name))
		v.readiness(c, &st)
		v.out.ContainerStatuses = append(v.out.ContainerStatuses, st)
	}
	for i := range spec.EphemeralContainers {
		c := v1.Container(spec.EphemeralContainers[i].EphemeralContainerCommon)
		st := v.container(&c, find(v.published.EphemeralContainerStatuses, c.Name))
		v.out.EphemeralContainerStatuses = append(v.out.EphemeralContainerStatuses, st)
	}
	byName(v.out.ContainerStatuses)
	byName(v.out.EphemeralContainerStatuses)
}

func byName(list []v1.ContainerStatus) {
	sort.SliceStable(list, func(a, b int) bool { return list[a].Name < list[b].Name })
}

func find(list []v1.ContainerStatus, name string) *v1.ContainerStatus {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

// container is the status of one container without its readiness.
func (v *view) container(c *v1.Container, old *v1.ContainerStatus) v1.ContainerStatus {
	runs := v.shown(c.Name)
	if old != nil && v.keep(c.Name, runs, old) {
		st := *old.DeepCopy()
		st.Ready, st.Started = false, nil
		return st
	}
	st := v1.ContainerStatus{
		Name:         c.Name,
		Image:        c.Image,
		State:        v.notStarted(),
		VolumeMounts: mounts(c, v.s.Node.RecursiveReadOnly),
	}
	if len(runs) == 0 {
		if old != nil {
			st.RestartCount, st.LastTerminationState = old.RestartCount, old.LastTerminationState
		}
	} else {
		v.describe(&st, c, runs)
	}
	v.held(&st, c, runs)
	if old != nil {
		st.RestartCount = max(st.RestartCount, old.RestartCount)
	}
	return st
}

// shown are the instances that the status is about, newest first. One that is
// being started, or whose postStart hook failed, is not shown yet: the kubelet
// publishes nothing before the start has come to its end, nor before the
// ordinary containers behind it had their turn.
func (v *view) shown(name string) []lifecycle.Instance {
	c := v.s.Containers[name]
	runs := lifecycle.History(c, v.s.Memory.Containers[name])
	if len(runs) == 0 || v.firstRound(name) {
		return nil
	}
	v.asBegun(name, runs)
	n := runs[0]
	starting := c.Busy == lifecycle.BusyStart && n.State != lifecycle.Exited
	if n.State == lifecycle.Created || n.State == lifecycle.Running && (starting || n.PostStart == lifecycle.HookFailed) {
		return runs[1:]
	}
	return runs
}

// firstRound says whether the ordinary container is one of those that are
// started one after the other, and not all of them had their turn. A kubelet
// starts them in one go (SyncPod). What was published once stays.
func (v *view) firstRound(name string) bool {
	old := find(v.published.ContainerStatuses, name)
	ending := v.pod.DeletionTimestamp != nil || v.s.Memory.Verdict != nil || !v.s.Memory.Terminating.IsZero()
	if ending || old == nil || old.ContainerID != "" || old.LastTerminationState.Terminated != nil {
		return false
	}
	for i := range v.pod.Spec.Containers {
		if v.turnToCome(&v.pod.Spec.Containers[i]) {
			return true
		}
	}
	return false
}

// turnToCome says whether a container is being started for the first time in
// this sandbox, or will be next. One that ended in an earlier sandbox and is not
// restarted has had its turn.
func (v *view) turnToCome(spec *v1.Container) bool {
	c, m := v.s.Containers[spec.Name], v.s.Memory.Containers[spec.Name]
	if runs := lifecycle.History(c, m); len(runs) > 0 && runs[0].Ended() && !lifecycle.Restarts(&v.pod.Spec, spec, runs[0].Code()) {
		return false
	}
	for _, i := range c.Instances {
		if i.SandboxAttempt == v.s.Sandbox.Attempt && i.State != lifecycle.Created {
			return c.Busy == lifecycle.BusyStart
		}
	}
	return c.Failure == nil && lifecycle.Holding(v.s, spec.Name) == nil
}

// keep says whether the published status still stands: that of a container
// which ended and is not known any more, and that of one which was killed to
// be replaced at once. The kubelet kills and replaces in one step.
func (v *view) keep(name string, runs []lifecycle.Instance, old *v1.ContainerStatus) bool {
	if len(runs) == 0 {
		return old.State.Terminated != nil
	}
	k := v.s.Memory.Containers[name].Kill
	n := runs[0]
	return k != nil && k.Restart && k.Attempt == n.Attempt && n.Ended() && v.s.Memory.Terminating.IsZero() &&
		old.State.Running != nil && old.ContainerID == containerID(n.ID)
}

// notStarted is the state of a container that was never started.
func (v *view) notStarted() v1.ContainerState {
	reason := reasonCreating
	if len(v.pod.Spec.InitContainers) > 0 {
		reason = reasonInitializing
	}
	return v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reason}}
}

// describe fills in what the newest instances say.
func (v *view) describe(st *v1.ContainerStatus, c *v1.Container, runs []lifecycle.Instance) {
	n := runs[0]
	st.RestartCount = int32(n.Attempt)
	st.Image, st.ImageID = n.Image, n.ImageID
	st.ContainerID = containerID(n.ID)
	st.Resources = v.resources(c, n)
	st.AllocatedResources = c.Resources.Requests.DeepCopy()
	switch n.State {
	case lifecycle.Running:
		st.State = v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: metav1.NewTime(n.StartedAt)}}
	case lifecycle.Exited:
		st.State = v.terminated(n)
	case lifecycle.Vanished:
		v.vanished(st)
		return
	}
	if len(runs) > 1 && runs[1].Ended() {
		st.LastTerminationState = v.terminated(runs[1])
	}
}

// held puts the reason in why a container that should run does not.
func (v *view) held(st *v1.ContainerStatus, c *v1.Container, runs []lifecycle.Instance) {
	w := lifecycle.Holding(v.s, c.Name)
	if w == nil || v.pod.DeletionTimestamp != nil || st.State.Running != nil || v.firstRound(c.Name) {
		return
	}
	if t := st.State.Terminated; t != nil {
		done := v.isInit(c.Name) && t.ExitCode == 0
		if done || !lifecycle.Restarts(&v.pod.Spec, c, int(t.ExitCode)) && !forced(v.s, c.Name, runs) {
			return
		}
		st.LastTerminationState = st.State
	}
	st.State = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: w.Reason, Message: w.Message}}
}

// forced says whether the newest instance is replaced whatever its exit code.
func forced(s *lifecycle.Snapshot, name string, runs []lifecycle.Instance) bool {
	k := s.Memory.Containers[name].Kill
	return k != nil && k.Restart && len(runs) > 0 && runs[0].Attempt == k.Attempt
}

func (v *view) isInit(name string) bool {
	for i := range v.pod.Spec.InitContainers {
		if v.pod.Spec.InitContainers[i].Name == name {
			return true
		}
	}
	return false
}

// readiness fills in whether an ordinary container or a sidecar is started and
// ready.
func (v *view) readiness(c *v1.Container, st *v1.ContainerStatus) {
	p := v.s.Containers[c.Name].Probes
	started := st.State.Running != nil && (c.StartupProbe == nil || p.Startup == lifecycle.ProbeSuccess)
	st.Started = &started
	st.Ready = started && (c.ReadinessProbe == nil || p.Readiness == lifecycle.ProbeSuccess)
}

// settling says whether a sidecar has just begun to run and the pod is not
// initialized: later nothing waits for it.
func (v *view) settling(c *v1.Container) bool {
	if isTrue(v.published.Conditions, v1.PodInitialized) {
		return false
	}
	m := v.s.Memory.Containers[c.Name]
	runs := lifecycle.History(v.s.Containers[c.Name], m)
	return len(runs) > 0 && lifecycle.Settling(v.s, c, m, &runs[0])
}

// initReadiness does the same for init containers. One that runs to its end is
// ready when it has.
func (v *view) initReadiness(c *v1.Container, st *v1.ContainerStatus) {
	if podspec.IsSidecar(c) {
		v.readiness(c, st)
		if v.settling(c) {
			st.Started, st.Ready = ptr.To(false), false
		}
		return
	}
	t := st.State.Terminated
	st.Ready = t != nil && t.ExitCode == 0
	st.Started = ptr.To(st.State.Running != nil)
}

// mounts lists the volume mounts; they are read-only recursively where that is
// asked for and the node can
// (pkg/kubelet/kubelet_pods.go, resolveRecursiveReadOnly).
func mounts(c *v1.Container, can bool) []v1.VolumeMountStatus {
	var list []v1.VolumeMountStatus
	for _, m := range c.VolumeMounts {
		st := v1.VolumeMountStatus{Name: m.Name, MountPath: m.MountPath, ReadOnly: m.ReadOnly}
		if m.ReadOnly {
			mode := v1.RecursiveReadOnlyDisabled
			if can && ptr.Deref(m.RecursiveReadOnly, v1.RecursiveReadOnlyDisabled) != v1.RecursiveReadOnlyDisabled {
				mode = v1.RecursiveReadOnlyEnabled
			}
			st.RecursiveReadOnly = &mode
		}
		list = append(list, st)
	}
	return list
}
