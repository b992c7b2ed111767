package status

import (
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/internal/podspec"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Reasons of a terminated container.
const (
	reasonCompleted     = "Completed"
	reasonError         = "Error"
	reasonOOMKilled     = "OOMKilled"
	reasonStartError    = "StartError"
	reasonStatusUnknown = "ContainerStatusUnknown"
)

const (
	messageLostAtEnd = "The container could not be located when the pod was terminated"
	messageLost      = "The container could not be located when the pod was deleted.  The container used to be Running"
	lostExitCode     = 137
)

// maxMessages is what all termination messages of a pod have together.
const maxMessages = 12 << 10

func containerID(id string) string {
	if id == "" {
		return ""
	}
	return "docker://" + id
}

// terminated is the state of an instance that has ended.
func (v *view) terminated(i lifecycle.Instance) v1.ContainerState {
	if i.State == lifecycle.Vanished {
		return unknown(messageLost)
	}
	t := &v1.ContainerStateTerminated{
		ExitCode:    int32(i.Code()),
		Reason:      reasonError,
		Message:     v.message(i),
		StartedAt:   metav1.NewTime(i.StartedAt),
		FinishedAt:  metav1.NewTime(i.FinishedAt),
		ContainerID: containerID(i.ID),
	}
	switch {
	case i.StartError != "":
		// The process never ran: the reason, code and time are containerd's.
		t.Reason, t.ExitCode, t.StartedAt = reasonStartError, 128, metav1.NewTime(time.Unix(0, 0))
	case i.OOMKilled:
		t.Reason = reasonOOMKilled
	case i.ExitCode == 0:
		t.Reason = reasonCompleted
	}
	return v1.ContainerState{Terminated: t}
}

// message is the termination message after that of the runtime, cut to the
// container's share.
func (v *view) message(i lifecycle.Instance) string {
	m := i.Message
	if i.StartError != "" {
		m = i.StartError
		if i.Message != "" {
			m += ": " + i.Message
		}
	}
	spec := &v.pod.Spec
	if n := len(spec.InitContainers) + len(spec.Containers) + len(spec.EphemeralContainers); n > 0 && len(m) > maxMessages/n {
		m = m[:maxMessages/n]
	}
	return m
}

func unknown(message string) v1.ContainerState {
	return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
		ExitCode: lostExitCode, Reason: reasonStatusUnknown, Message: message,
	}}
}

// vanished is the status of a container whose running instance is gone: it
// waits to be made again and counts as restarted, unless the pod goes too.
func (v *view) vanished(st *v1.ContainerStatus) {
	st.LastTerminationState = unknown(messageLost)
	st.ContainerID, st.ImageID, st.Resources, st.AllocatedResources = "", "", nil, nil
	if v.pod.DeletionTimestamp == nil {
		st.RestartCount++
	}
}

// lost gives every container of a pod that has ended an end state. Those that
// never started in a pod that was initialized count as failed; the first init
// containers up to the last that left a trace do, too.
func (v *view) lost() {
	if v.initialized() {
		for i := range v.out.ContainerStatuses {
			loseUnlessEnded(&v.out.ContainerStatuses[i])
		}
	}
	inits := v.out.InitContainerStatuses
	last := 0
	for i := range inits {
		if inits[i].State.Waiting == nil || inits[i].LastTerminationState.Terminated != nil {
			last = i
		}
	}
	for i := range inits {
		if i <= last {
			loseUnlessEnded(&inits[i])
		}
	}
}

func loseUnlessEnded(st *v1.ContainerStatus) {
	if st.State.Terminated == nil {
		st.State = unknown(messageLostAtEnd)
		st.Ready = false
		if st.Started != nil {
			st.Started = ptr.To(false)
		}
	}
}

// initialized says whether the published status shows that all init
// containers had done their part.
func (v *view) initialized() bool {
	spec := &v.pod.Spec
	if len(spec.InitContainers) == 0 {
		return true
	}
	for _, st := range v.published.ContainerStatuses {
		if st.LastTerminationState.Terminated != nil || st.State.Waiting == nil {
			return true
		}
	}
	last := &spec.InitContainers[len(spec.InitContainers)-1]
	st := find(v.published.InitContainerStatuses, last.Name)
	if st == nil {
		return false
	}
	if podspec.IsSidecar(last) {
		return st.State.Running != nil && st.Started != nil && *st.Started
	}
	return endedWell(st.State) || endedWell(st.LastTerminationState)
}

func endedWell(s v1.ContainerState) bool { return s.Terminated != nil && s.Terminated.ExitCode == 0 }
