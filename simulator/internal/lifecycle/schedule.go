package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	resourcehelper "k8s.io/component-helpers/resource"
	"k8s.io/component-helpers/storage/ephemeral"

	"github.com/podsim/podsim/internal/podspec"
)

// What a scheduler says of a pod that no node can take.
const (
	reasonFailedScheduling = "FailedScheduling"

	notOne       = "0/1 nodes are available: %s. no new claims to deallocate, preemption: 0/1 nodes are available: 1 %s"
	noVictims    = "No preemption victims found for incoming pod."
	cannotHelp   = "Preemption is not helpful for scheduling."
	portsTaken   = "1 node(s) didn't have free ports for the requested pod ports"
	insufficient = "1 Insufficient %s"

	// gated is what the API server says of a pod that no scheduler may look at yet.
	gated = "Scheduling is blocked due to non-empty scheduling gates"
)

// Cluster is what a scheduler asks for when a pod makes it necessary.
type Cluster struct {
	// Pods are all there are.
	Pods func() []*v1.Pod
	// Claim is one of the pod's namespace, nil if there is none.
	Claim func(name string) *v1.PersistentVolumeClaim
}

// Schedule is what a scheduler with this one node says of a pod: "" when the
// node takes it, else the message of the condition and of the event
// (pkg/scheduler/framework/plugins: volumebinding, nodeports, noderesources).
// A pod with scheduling gates waits until they are taken away. Selectors,
// affinity and taints are about choosing among nodes and do not count here, nor
// what others have requested.
func Schedule(pod *v1.Pod, node Node, cluster Cluster) string {
	if Gated(pod) {
		return gated
	}
	if err := checkClaims(pod, cluster.Claim); err != nil {
		return fmt.Sprintf(notOne, err, cannotHelp)
	}
	if PortHolder(pod, cluster.Pods) != nil {
		return fmt.Sprintf(notOne, portsTaken, noVictims)
	}
	var lacking []string
	requests := resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{})
	if node.CPUMillis > 0 && requests.Cpu().MilliValue() > node.CPUMillis {
		lacking = append(lacking, fmt.Sprintf(insufficient, v1.ResourceCPU))
	}
	if node.MemoryBytes > 0 && requests.Memory().Value() > node.MemoryBytes {
		lacking = append(lacking, fmt.Sprintf(insufficient, v1.ResourceMemory))
	}
	if len(lacking) > 0 {
		return fmt.Sprintf(notOne, strings.Join(lacking, ", "), cannotHelp)
	}
	return ""
}

// Gated says that a pod has scheduling gates.
func Gated(pod *v1.Pod) bool { return len(pod.Spec.SchedulingGates) > 0 }

// checkClaims says which claim of the pod is not to be had. One that is missing
// is made up for the pod, but for that of an ephemeral volume.
func checkClaims(pod *v1.Pod, claim func(name string) *v1.PersistentVolumeClaim) error {
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		var name string
		switch {
		case v.PersistentVolumeClaim != nil:
			name = v.PersistentVolumeClaim.ClaimName
		case v.Ephemeral != nil:
			name = ephemeral.VolumeClaimName(pod, v)
		default:
			continue
		}
		switch c := claim(name); {
		case c == nil && v.Ephemeral != nil:
			return fmt.Errorf("waiting for ephemeral volume controller to create the persistentvolumeclaim %q", name)
		case c == nil:
		case c.DeletionTimestamp != nil:
			return fmt.Errorf("persistentvolumeclaim %q is being deleted", name)
		case v.Ephemeral != nil:
			if err := ephemeral.VolumeIsForPod(pod, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// PortHolder is a pod of the node that has a host port which the pod wants, or
// nil. others are asked only for a pod with host ports.
func PortHolder(pod *v1.Pod, others func() []*v1.Pod) *v1.Pod {
	ports := hostPorts(pod)
	if len(ports) == 0 {
		return nil
	}
	for _, other := range others() {
		if other.UID != pod.UID && other.Spec.NodeName != "" && occupies(other) && collide(ports, hostPorts(other)) {
			return other
		}
	}
	return nil
}

// occupies says that a pod holds its host ports.
func occupies(p *v1.Pod) bool {
	return p.Status.Phase != v1.PodSucceeded && p.Status.Phase != v1.PodFailed
}

// hostPorts are the ports of the machine that a pod asks for.
func hostPorts(p *v1.Pod) []v1.ContainerPort {
	var ports []v1.ContainerPort
	for i, c := range slices.Concat(p.Spec.InitContainers, p.Spec.Containers) {
		if i < len(p.Spec.InitContainers) && !podspec.IsSidecar(&c) {
			continue
		}
		for _, port := range c.Ports {
			if port.HostPort > 0 {
				ports = append(ports, port)
			}
		}
	}
	return ports
}

func collide(a, b []v1.ContainerPort) bool {
	for _, p := range a {
		for _, q := range b {
			everywhere := anyAddress(p.HostIP) || anyAddress(q.HostIP)
			if p.HostPort == q.HostPort && p.Protocol == q.Protocol && (everywhere || p.HostIP == q.HostIP) {
				return true
			}
		}
	}
	return false
}

func anyAddress(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }

// unscheduled waits for a node to take the pod, and says once why none does; of
// a pod with gates nothing is said.
func unscheduled(s Snapshot) Plan {
	p := Plan{At: s.Now, Memory: s.Memory}
	if s.Memory.Unscheduled != s.Unscheduled && !Gated(s.Pod) {
		p.Memory.Unscheduled = s.Unscheduled
		p.Events = []Event{{Warning: true, Source: SourceScheduler, Reason: reasonFailedScheduling, Message: s.Unscheduled}}
	}
	return p
}
