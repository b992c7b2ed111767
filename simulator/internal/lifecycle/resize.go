package lifecycle

import (
	v1 "k8s.io/api/core/v1"
)

// Reasons of events about resizes.
const (
	reasonResizeStarted   = "ResizeStarted"
	reasonResizeCompleted = "ResizeCompleted"
	reasonResizePending   = "Resize" // followed by the reason why
)

// tellResize tells of a resize that begins, has ended, or cannot be.
func (d *decision) tellResize() {
	pod := d.s.Pod
	if p := d.s.Resize; p == nil {
		d.m.ResizePending = ""
	} else if d.m.ResizePending != p.Summary {
		d.m.ResizePending = p.Summary
		d.warning("", reasonResizePending+p.Reason, "Pod resize %s: %s", p.Reason, p.Summary)
	}
	switch resizing := d.resizing(); {
	case resizing && d.m.Resizing != pod.Generation:
		d.m.Resizing = pod.Generation
		d.normal("", reasonResizeStarted, "Pod resize started: %s", resizeSummary(pod, ""))
	case !resizing && d.m.Resizing != 0:
		d.m.Resizing = 0
		d.normal("", reasonResizeCompleted, "Pod resize completed: %s", resizeSummary(pod, ""))
	}
}

// resizing says whether a container does not have its new resources yet.
func (d *decision) resizing() bool {
	for _, u := range d.of(sidecarKind, appKind) {
		if i := u.running(); i != nil && changed(i.ResourceHash, u.see.ResourceHash) {
			return true
		}
		if k := u.mem.Kill; k != nil && k.Why == KillResize {
			return true
		}
	}
	return false
}

// resizes applies changed resources to containers in place.
func (d *decision) resizes() {
	for _, u := range d.of(sidecarKind, appKind) {
		i := u.running()
		if i == nil || u.mem.Kill != nil || u.asked || u.see.Busy != Idle {
			continue
		}
		if changed(i.ResourceHash, u.see.ResourceHash) {
			d.act(u, ActResize, i.Attempt, 0, "resources changed")
		}
	}
}

// resizeRestarts says whether the resources changed so that, by its
// resizePolicy, the container has to be restarted.
func (d *decision) resizeRestarts(u *unit, i *Instance) bool {
	if !changed(i.ResourceHash, u.see.ResourceHash) {
		return false
	}
	for _, p := range u.spec.ResizePolicy {
		if p.RestartPolicy == v1.RestartContainer && d.amountChanged(u, p.ResourceName) {
			return true
		}
	}
	return false
}

// amountChanged compares what is asked for with what the status published last
// says is in force.
func (d *decision) amountChanged(u *unit, name v1.ResourceName) bool {
	st := publishedStatus(&d.s.Pod.Status, u.name)
	if st == nil || st.Resources == nil {
		return true
	}
	differs := func(a, b v1.ResourceList) bool {
		x, y := a[name], b[name]
		return x.Cmp(y) != 0
	}
	return differs(u.spec.Resources.Limits, st.Resources.Limits) || differs(u.spec.Resources.Requests, st.Resources.Requests)
}
