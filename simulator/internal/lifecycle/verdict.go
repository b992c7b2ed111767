package lifecycle

import (
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelper "k8s.io/component-helpers/resource"
)

// Reasons of verdicts.
const (
	ReasonDeadlineExceeded = "DeadlineExceeded"
	ReasonEvicted          = "Evicted"
)

// criticalPriority is that of system-cluster-critical pods and above: they are
// not evicted.
const criticalPriority = 2_000_000_000

// judge looks for a reason to end the pod before its containers do.
func (d *decision) judge() {
	if d.m.Finished || d.m.Verdict != nil {
		return
	}
	if r := d.s.Rejected; d.s.Refused() {
		d.condemn(r.Reason, "Pod was rejected: "+r.Message, true)
		d.warning("", r.Reason, "%s", r.Message)
		return
	}
	if d.deadline() || d.deleting() || !d.m.Terminating.IsZero() {
		return
	}
	if message := d.overLimit(); message != "" {
		d.condemn(ReasonEvicted, message, false)
		d.warning("", ReasonEvicted, "%s", message)
	}
}

func (d *decision) condemn(reason, message string, failed bool) {
	d.m.Verdict = &Verdict{Reason: reason, Message: message, At: d.now(), Failed: failed}
}

// deadline ends the pod when activeDeadlineSeconds have passed since the node
// accepted it.
func (d *decision) deadline() bool {
	s := d.s.Pod.Spec.ActiveDeadlineSeconds
	if s == nil {
		return false
	}
	end := d.m.StartTime.Add(time.Duration(*s) * time.Second)
	if d.now().Before(end) {
		d.wake(end)
		return false
	}
	const message = "Pod was active on the node longer than the specified deadline"
	d.condemn(ReasonDeadlineExceeded, message, true)
	d.normal("", ReasonDeadlineExceeded, message)
	return true
}

// overLimit compares what was measured of local storage with its limits, in
// the kubelet's order, and returns the message of an eviction or "".
func (d *decision) overLimit() string {
	pod := d.s.Pod
	if pod.Spec.Priority != nil && *pod.Spec.Priority >= criticalPriority {
		return ""
	}
	if m := d.emptyDirOver(); m != "" {
		return m
	}
	if limit, ok := resourcehelper.PodLimits(pod, resourcehelper.PodResourcesOptions{})[v1.ResourceEphemeralStorage]; ok {
		if over(d.localUsage(), limit) {
			return "Pod ephemeral local storage usage exceeds the total limit of containers " + limit.String() + ". "
		}
	}
	for i := range pod.Spec.Containers {
		c := &pod.Spec.Containers[i]
		used, measured := d.s.Usage.Containers[c.Name]
		if limit := c.Resources.Limits.StorageEphemeral(); measured && !limit.IsZero() && over(used, *limit) {
			return "Container " + c.Name + " exceeded its local ephemeral storage limit \"" + limit.String() + "\". "
		}
	}
	return ""
}

func (d *decision) emptyDirOver() string {
	for i := range d.s.Pod.Spec.Volumes {
		v := &d.s.Pod.Spec.Volumes[i]
		if v.EmptyDir == nil || v.EmptyDir.SizeLimit == nil || v.EmptyDir.SizeLimit.Sign() != 1 {
			continue
		}
		if used, ok := d.s.Usage.Volumes[v.Name]; ok && over(used, *v.EmptyDir.SizeLimit) {
			return "Usage of EmptyDir volume \"" + v.Name + "\" exceeds the limit \"" + v.EmptyDir.SizeLimit.String() + "\". "
		}
	}
	return ""
}

// localUsage is all of the pod's local storage.
func (d *decision) localUsage() int64 {
	var sum int64
	for _, n := range d.s.Usage.Volumes {
		sum += n
	}
	for _, n := range d.s.Usage.Containers {
		sum += n
	}
	return sum
}

func over(used int64, limit resource.Quantity) bool {
	return resource.NewQuantity(used, resource.BinarySI).Cmp(limit) > 0
}
