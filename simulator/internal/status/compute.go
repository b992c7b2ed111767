package status

import (
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/internal/podspec"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Initial is the status of a pod that was just created.
func Initial(pod *v1.Pod) v1.PodStatus {
	return v1.PodStatus{Phase: v1.PodPending, QOSClass: podspec.QOSClass(pod)}
}

// Compute is the pod's status. s.Pod.Status is the one published last: what
// did not change keeps its times, and a terminal phase is never left.
func Compute(s lifecycle.Snapshot) v1.PodStatus {
	if s.Unscheduled != "" {
		return unscheduled(s)
	}
	if s.Memory.StartTime.IsZero() {
		s.Memory = lifecycle.Recover(s)
	}
	v := &view{s: &s, pod: s.Pod, published: &s.Pod.Status}
	if terminal(v.published.Phase) || withoutGrace(s.Pod) {
		return *v.published.DeepCopy()
	}
	switch {
	case s.Refused() && s.Memory.Verdict == nil:
		return Initial(s.Pod) // what is published ends the pod: the decision comes first, and its event
	case s.Refused():
		return v.rejected()
	}
	return v.compute()
}

// withoutGrace says whether a pod of which something was told is deleted without
// any grace: its object goes at once, so that nobody is told how it ends.
func withoutGrace(pod *v1.Pod) bool {
	return pod.Status.Phase != "" && pod.DeletionTimestamp != nil && ptr.Deref(pod.DeletionGracePeriodSeconds, 1) == 0
}

// Untold says whether nothing is told of a container that runs, since others
// are still being started with it.
func Untold(s lifecycle.Snapshot, name string) bool {
	v := &view{s: &s, pod: s.Pod, published: &s.Pod.Status}
	return v.firstRound(name)
}

// unscheduled is the status of a pod that no node takes.
func unscheduled(s lifecycle.Snapshot) v1.PodStatus {
	v := &view{s: &s, pod: s.Pod, published: &s.Pod.Status}
	out := Initial(s.Pod)
	reason := v1.PodReasonUnschedulable
	if lifecycle.Gated(s.Pod) {
		reason = v1.PodReasonSchedulingGated
	}
	out.Conditions = []v1.PodCondition{v.condition(v1.PodScheduled, false, reason, s.Unscheduled)}
	return out
}

// view is one computation.
type view struct {
	s         *lifecycle.Snapshot
	pod       *v1.Pod
	published *v1.PodStatus
	out       v1.PodStatus
}

func (v *view) compute() v1.PodStatus {
	v.out.QOSClass = podspec.QOSClass(v.pod)
	v.out.ObservedGeneration = v.pod.Generation
	v.out.StartTime = v.startTime()
	v.containers()
	v.addresses()
	phase := v.currentPhase()
	v.out.Conditions = v.conditions(phase)
	v.publishPhase(phase)
	v.keepForeign()
	return v.out
}

// rejected is the status of a pod that the node refused: nothing but why.
func (v *view) rejected() v1.PodStatus {
	return v1.PodStatus{
		ObservedGeneration: v.pod.Generation,
		Phase:              v1.PodFailed,
		Reason:             v.s.Rejected.Reason,
		Message:            "Pod was rejected: " + v.s.Rejected.Message,
		StartTime:          v.startTime(),
		QOSClass:           podspec.QOSClass(v.pod),
	}
}

func (v *view) startTime() *metav1.Time {
	if t := v.published.StartTime; t != nil {
		return t.DeepCopy()
	}
	t := metav1.NewTime(v.s.Memory.StartTime)
	return &t
}

// addresses fills in the node's addresses and the pod's. A pod on the host's
// network has the node's.
func (v *view) addresses() {
	for _, ip := range v.s.Node.IPs {
		v.out.HostIPs = append(v.out.HostIPs, v1.HostIP{IP: ip})
	}
	if len(v.out.HostIPs) > 0 {
		v.out.HostIP = v.out.HostIPs[0].IP
	}
	ips := v.s.Sandbox.IPs
	if v.untold() {
		ips = nil
	}
	if v.pod.Spec.HostNetwork {
		ips = v.s.Node.IPs
	}
	for _, ip := range ips {
		v.out.PodIPs = append(v.out.PodIPs, v1.PodIP{IP: ip})
	}
	if len(ips) == 0 && v.s.Memory.Finished {
		v.out.PodIPs = append([]v1.PodIP(nil), v.published.PodIPs...)
	}
	if len(v.out.PodIPs) > 0 {
		v.out.PodIP = v.out.PodIPs[0].IP
	}
}

// publishPhase decides what of the phase is shown. A terminal one is held back
// until nothing of the pod runs any more.
func (v *view) publishPhase(phase v1.PodPhase) {
	finished := v.s.Memory.Finished
	switch {
	case finished && !terminal(phase):
		v.out.Phase = v1.PodFailed
		v.lost()
	case finished:
		v.out.Phase = phase
		v.lost()
	case terminal(phase):
		v.out.Phase = v.published.Phase
		if v.out.Phase == "" {
			v.out.Phase = v1.PodPending
		}
	default:
		v.out.Phase = phase
	}
	if d := v.s.Memory.Verdict; finished && d != nil && v.out.Phase == v1.PodFailed {
		v.out.Reason, v.out.Message = d.Reason, d.Message
	} else if v.out.Phase == v.published.Phase {
		v.out.Reason, v.out.Message = v.published.Reason, v.published.Message
	}
	if terminal(v.out.Phase) {
		v.notReady()
	}
}

// keepForeign keeps what others wrote.
func (v *view) keepForeign() {
	v.out.NominatedNodeName = v.published.NominatedNodeName
	v.out.Resize = v.published.Resize
	v.out.ResourceClaimStatuses = v.published.ResourceClaimStatuses
	v.out.ExtendedResourceClaimStatus = v.published.ExtendedResourceClaimStatus
}

func terminal(p v1.PodPhase) bool { return p == v1.PodSucceeded || p == v1.PodFailed }
