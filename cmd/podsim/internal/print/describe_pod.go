package print

import (
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (s *sheet) pod(pod *v1.Pod) {
	s.podHead(pod)
	s.podStatus(pod)
	if pod.Spec.Resources != nil {
		s.line(0, "Resources:")
		s.resources(1, *pod.Spec.Resources)
	}
	if len(pod.Spec.InitContainers) > 0 {
		s.containers("Init Containers", pod, pod.Spec.InitContainers, pod.Status.InitContainerStatuses)
	}
	s.containers("Containers", pod, pod.Spec.Containers, pod.Status.ContainerStatuses)
	if len(pod.Spec.EphemeralContainers) > 0 {
		var list []v1.Container
		for _, c := range pod.Spec.EphemeralContainers {
			list = append(list, v1.Container(c.EphemeralContainerCommon))
		}
		s.containers("Ephemeral Containers", pod, list, pod.Status.EphemeralContainerStatuses)
	}
	s.conditions(pod)
	s.volumes(pod.Spec.Volumes)
	s.field(0, "QoS Class", pod.Status.QOSClass)
	s.labels("Node-Selectors", pod.Spec.NodeSelector)
	s.tolerations(pod.Spec.Tolerations)
	s.spread(pod.Spec.TopologySpreadConstraints)
}

func (s *sheet) podHead(pod *v1.Pod) {
	s.field(0, "Name", pod.Name)
	s.field(0, "Namespace", pod.Namespace)
	if pod.Spec.Priority != nil {
		s.field(0, "Priority", *pod.Spec.Priority)
	}
	s.optional(0, "Priority Class Name", pod.Spec.PriorityClassName)
	if pod.Spec.RuntimeClassName != nil {
		s.optional(0, "Runtime Class Name", *pod.Spec.RuntimeClassName)
	}
	s.optional(0, "Service Account", pod.Spec.ServiceAccountName)
	node := none
	if pod.Spec.NodeName != "" {
		node = pod.Spec.NodeName + "/" + pod.Status.HostIP
	}
	s.field(0, "Node", node)
	if pod.Status.StartTime != nil {
		s.field(0, "Start Time", moment(pod.Status.StartTime.Time))
	}
	s.labels("Labels", pod.Labels)
	s.annotations(pod.Annotations)
}

func (s *sheet) podStatus(pod *v1.Pod) {
	phase := pod.Status.Phase
	if pod.DeletionTimestamp != nil && phase != v1.PodFailed && phase != v1.PodSucceeded {
		s.field(0, "Status", fmt.Sprintf("Terminating (lasts %s)", since(pod.DeletionTimestamp.Time, s.now)))
		if pod.DeletionGracePeriodSeconds != nil {
			s.field(0, "Termination Grace Period", fmt.Sprintf("%ds", *pod.DeletionGracePeriodSeconds))
		}
	} else {
		s.field(0, "Status", phase)
	}
	s.optional(0, "Reason", pod.Status.Reason)
	s.optional(0, "Message", pod.Status.Message)
	if pod.Spec.SecurityContext != nil {
		s.seccomp(0, 0, pod.Spec.SecurityContext.SeccompProfile)
	}
	s.field(0, "IP", pod.Status.PodIP)
	if len(pod.Status.PodIPs) == 0 {
		s.field(0, "IPs", none)
	} else {
		s.line(0, "IPs:")
	}
	for _, ip := range pod.Status.PodIPs {
		s.field(1, "IP", ip.IP)
	}
	if owner := metav1.GetControllerOf(pod); owner != nil {
		s.field(0, "Controlled By", owner.Kind+"/"+owner.Name)
	}
	s.optional(0, "NominatedNodeName", pod.Status.NominatedNodeName)
}

func (s *sheet) seccomp(level, below int, profile *v1.SeccompProfile) {
	if profile == nil {
		return
	}
	s.field(level, "SeccompProfile", profile.Type)
	if profile.Type == v1.SeccompProfileTypeLocalhost && profile.LocalhostProfile != nil {
		s.field(level+below, "LocalhostProfile", *profile.LocalhostProfile)
	}
}

func (s *sheet) conditions(pod *v1.Pod) {
	if len(pod.Spec.ReadinessGates) > 0 {
		s.line(0, "Readiness Gates:\n  Type\tStatus")
	}
	for _, gate := range pod.Spec.ReadinessGates {
		status := none
		if c := condition(pod, gate.ConditionType); c != nil {
			status = string(c.Status)
		}
		s.line(1, "%s \t%s ", gate.ConditionType, status)
	}
	if len(pod.Status.Conditions) > 0 {
		s.line(0, "Conditions:\n  Type\tStatus")
	}
	for _, c := range pod.Status.Conditions {
		s.line(1, "%s \t%s ", c.Type, c.Status)
	}
}

func (s *sheet) tolerations(list []v1.Toleration) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b v1.Toleration) int { return strings.Compare(a.Key, b.Key) })
	var values []string
	for _, t := range list {
		values = append(values, toleration(t))
	}
	s.columns("Tolerations", values)
}

// toleration is "key=value:Effect op=Exists for 300s".
func toleration(t v1.Toleration) string {
	text := t.Key
	if t.Value != "" {
		text += "=" + t.Value
	}
	if t.Effect != "" {
		text += ":" + string(t.Effect)
	}
	if t.Operator == v1.TolerationOpExists && t.Value == "" {
		text = strings.TrimPrefix(text+" op=Exists", " ")
	}
	if t.TolerationSeconds != nil {
		text += fmt.Sprintf(" for %ds", *t.TolerationSeconds)
	}
	return text
}

func (s *sheet) spread(list []v1.TopologySpreadConstraint) {
	if len(list) == 0 {
		return
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b v1.TopologySpreadConstraint) int { return strings.Compare(a.TopologyKey, b.TopologyKey) })
	var values []string
	for _, c := range list {
		text := fmt.Sprintf("%s:%s when max skew %d is exceeded", c.TopologyKey, c.WhenUnsatisfiable, c.MaxSkew)
		if c.LabelSelector != nil {
			text += " for selector " + metav1.FormatLabelSelector(c.LabelSelector)
		}
		values = append(values, text)
	}
	s.columns("Topology Spread Constraints", values)
}
