package status

import (
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/internal/podspec"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Reasons of conditions.
const (
	reasonPodCompleted             = "PodCompleted"
	reasonPodFailed                = "PodFailed"
	reasonContainersNotReady       = "ContainersNotReady"
	reasonContainersNotInitialized = "ContainersNotInitialized"
	reasonReadinessGatesNotReady   = "ReadinessGatesNotReady"
)

// own are the conditions written here; all others are kept as they are.
var own = [...]v1.PodConditionType{
	v1.PodReadyToStartContainers, v1.PodInitialized, v1.PodReady, v1.ContainersReady, v1.PodScheduled,
	v1.PodResizeInProgress, v1.PodResizePending,
}

// conditions are the foreign ones, then the node's own in the kubelet's order.
func (v *view) conditions(phase v1.PodPhase) []v1.PodCondition {
	list := Foreign(v.published.Conditions)
	if r := v.s.Resize; r != nil && !v.s.Memory.Finished {
		list = append(list, v.condition(v1.PodResizePending, true, r.Reason, r.Message))
	}
	if v.s.Memory.Resizing != 0 && !v.s.Memory.Finished {
		list = append(list, v.condition(v1.PodResizeInProgress, true, "", ""))
	}
	containersReady := v.containersReady(phase)
	return append(list,
		v.condition(v1.PodReadyToStartContainers, v.sandboxReady(), "", ""),
		v.initializedCondition(phase),
		v.ready(containersReady, list),
		containersReady,
		v.condition(v1.PodScheduled, true, "", ""),
	)
}

// Foreign are the conditions of a list that others than the node wrote.
func Foreign(list []v1.PodCondition) []v1.PodCondition {
	var out []v1.PodCondition
	for _, c := range list {
		if !isOwn(c.Type) {
			out = append(out, c)
		}
	}
	return out
}

// WithForeign puts foreign conditions in the place of those that a status has.
func WithForeign(s v1.PodStatus, foreign []v1.PodCondition) v1.PodStatus {
	conditions := slices.Clone(foreign)
	for _, c := range s.Conditions {
		if isOwn(c.Type) {
			conditions = append(conditions, c)
		}
	}
	s.Conditions = conditions
	return s
}

func isTrue(list []v1.PodCondition, t v1.PodConditionType) bool {
	for _, c := range list {
		if c.Type == t {
			return c.Status == v1.ConditionTrue
		}
	}
	return false
}

func isOwn(t v1.PodConditionType) bool {
	for _, o := range own {
		if o == t {
			return true
		}
	}
	return false
}

func (v *view) sandboxReady() bool {
	torndown := v.s.Sandbox.Stopping && v.s.Pod.DeletionTimestamp != nil
	return v.s.Sandbox.State == lifecycle.SandboxReady && !torndown && !v.s.Memory.Finished && !v.untold()
}

// untold says that nothing was told of the sandbox yet, and nothing is: a
// kubelet makes it and starts the first containers in one go (SyncPod), and
// publishes what it has found only then.
func (v *view) untold() bool {
	if len(v.published.PodIPs) > 0 || isTrue(v.published.Conditions, v1.PodReadyToStartContainers) {
		return false
	}
	for _, st := range slices.Concat(v.out.InitContainerStatuses, v.out.ContainerStatuses) {
		if w := st.State.Waiting; w == nil || w.Reason != reasonCreating && w.Reason != reasonInitializing {
			return false
		}
	}
	return true
}

// condition makes one; its time stays that of the published one while the
// status is the same.
func (v *view) condition(t v1.PodConditionType, is bool, reason, message string) v1.PodCondition {
	c := v1.PodCondition{
		Type: t, Status: v1.ConditionFalse, Reason: reason, Message: message,
		ObservedGeneration: v.pod.Generation,
		LastTransitionTime: metav1.NewTime(v.s.Now),
	}
	if is {
		c.Status = v1.ConditionTrue
	}
	for _, old := range v.published.Conditions {
		if old.Type == t && old.Status == c.Status {
			c.LastTransitionTime = old.LastTransitionTime
		}
	}
	return c
}

func (v *view) initializedCondition(phase v1.PodPhase) v1.PodCondition {
	if phase == v1.PodSucceeded {
		return v.condition(v1.PodInitialized, true, reasonPodCompleted, "")
	}
	for _, st := range v.out.ContainerStatuses {
		if st.State.Running != nil || st.State.Terminated != nil {
			return v.condition(v1.PodInitialized, true, "", "")
		}
	}
	var incomplete []string
	for i := range v.pod.Spec.InitContainers {
		c := &v.pod.Spec.InitContainers[i]
		st := find(v.out.InitContainerStatuses, c.Name)
		done := st.Ready
		if podspec.IsSidecar(c) {
			done = st.Started != nil && *st.Started
		}
		if !done {
			incomplete = append(incomplete, c.Name)
		}
	}
	if len(incomplete) > 0 {
		message := fmt.Sprintf("containers with incomplete status: %s", incomplete)
		return v.condition(v1.PodInitialized, false, reasonContainersNotInitialized, message)
	}
	return v.condition(v1.PodInitialized, true, "", "")
}

func (v *view) containersReady(phase v1.PodPhase) v1.PodCondition {
	switch phase {
	case v1.PodSucceeded:
		return v.condition(v1.ContainersReady, false, reasonPodCompleted, "")
	case v1.PodFailed:
		return v.condition(v1.ContainersReady, false, reasonPodFailed, "")
	}
	if unready := v.unready(); len(unready) > 0 {
		message := fmt.Sprintf("containers with unready status: %s", unready)
		return v.condition(v1.ContainersReady, false, reasonContainersNotReady, message)
	}
	return v.condition(v1.ContainersReady, true, "", "")
}

// unready lists the containers that are not ready, sidecars first, in the
// order of the spec.
func (v *view) unready() []string {
	var names []string
	for i := range v.pod.Spec.InitContainers {
		c := &v.pod.Spec.InitContainers[i]
		if podspec.IsSidecar(c) && !find(v.out.InitContainerStatuses, c.Name).Ready {
			names = append(names, c.Name)
		}
	}
	for i := range v.pod.Spec.Containers {
		name := v.pod.Spec.Containers[i].Name
		if !find(v.out.ContainerStatuses, name).Ready {
			names = append(names, name)
		}
	}
	return names
}

// ready is ContainersReady and all readiness gates.
func (v *view) ready(containers v1.PodCondition, foreign []v1.PodCondition) v1.PodCondition {
	if containers.Status != v1.ConditionTrue {
		return v.condition(v1.PodReady, false, containers.Reason, containers.Message)
	}
	var unmet []string
	for _, gate := range v.pod.Spec.ReadinessGates {
		if m := gateMessage(gate.ConditionType, foreign); m != "" {
			unmet = append(unmet, m)
		}
	}
	if len(unmet) > 0 {
		return v.condition(v1.PodReady, false, reasonReadinessGatesNotReady, strings.Join(unmet, ", "))
	}
	return v.condition(v1.PodReady, true, "", "")
}

func gateMessage(t v1.PodConditionType, list []v1.PodCondition) string {
	for _, c := range list {
		if c.Type != t {
			continue
		}
		if c.Status == v1.ConditionTrue {
			return ""
		}
		return fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %v", string(t), c.Status)
	}
	return fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", string(t))
}

// notReady takes Ready back from a pod whose phase is terminal.
func (v *view) notReady() {
	reason := reasonPodFailed
	if v.out.Phase == v1.PodSucceeded {
		reason = reasonPodCompleted
	}
	ready := false
	for _, c := range v.out.Conditions {
		ready = ready || (c.Type == v1.PodReady || c.Type == v1.ContainersReady) && c.Status == v1.ConditionTrue
	}
	if !ready {
		return
	}
	for i, c := range v.out.Conditions {
		if c.Type == v1.PodReady || c.Type == v1.ContainersReady {
			v.out.Conditions[i] = v.condition(c.Type, false, reason, "")
		}
	}
}
