package lifecycle

import "time"

// mustEnd says whether the pod as a whole is to be ended.
func (d *decision) mustEnd() bool {
	return d.deleting() || d.m.Verdict != nil || !d.m.Terminating.IsZero()
}

// terminate begins to end the pod because it has nothing left to do.
func (d *decision) terminate() {
	for _, u := range d.us {
		if u.fresh { // it ends with the pod instead
			u.mem.Kill, u.fresh = nil, false
		}
	}
	d.end()
}

// end takes the next steps to end the pod, and finishes it when all is quiet.
func (d *decision) end() {
	grace := d.endGrace()
	if d.m.Terminating.IsZero() {
		d.m.Terminating, d.m.Grace = d.now(), grace
	}
	if d.deleting() && grace != d.m.Asked {
		d.m.Asked = grace
		d.m.Grace = min(d.m.Grace, floor(d.now().Sub(d.m.Terminating))+grace)
	}
	left := max(minGrace, d.m.Grace-floor(d.now().Sub(d.m.Terminating)))
	for _, u := range d.us {
		d.kill(u, KillPod, left)
	}
	if !d.stopAll() || d.s.Sandbox.State == SandboxStarted || d.s.Sandbox.Stopping {
		return
	}
	switch {
	case d.deleting():
		d.m.Finished = true
		d.actPod(ActTeardown, 0, "deleted")
	case d.s.Sandbox.State == SandboxReady:
		d.actPod(ActStopSandbox, d.s.Sandbox.Attempt, "everything in it has ended")
	case d.collect():
		// its last states go first: a finished pod's status does not change
	default:
		d.m.Finished = true
	}
}

// endGrace is the grace that the cause of the end gives.
func (d *decision) endGrace() time.Duration {
	grace := d.podGrace()
	if v := d.m.Verdict; v != nil && v.Reason == ReasonEvicted {
		grace = minGrace
	}
	if s := d.s.Pod.DeletionGracePeriodSeconds; d.deleting() && s != nil {
		grace = time.Duration(*s) * time.Second
	}
	return max(grace, minGrace)
}

// afterEnd keeps a finished pod as it is until it is deleted.
func (d *decision) afterEnd() {
	if d.deleting() && !d.s.Sandbox.Stopping && d.s.Sandbox.State != SandboxStarted {
		d.actPod(ActTeardown, 0, "deleted")
	}
}

// collect removes dead instances that nobody asks for any more, all but the
// newest that ended, and says whether there are any.
func (d *decision) collect() bool {
	any := false
	for _, u := range d.us {
		if u.see.Busy == BusyRemove {
			any = true
		}
		if u.replacing() {
			continue // its back-off counts from the run before
		}
		if u.asked || u.see.Busy != Idle || d.tearingDown() {
			continue
		}
		dead := 0
		for _, i := range History(u.see, ContainerMemory{}) {
			if i.State != Exited {
				continue
			}
			if dead++; dead > 1 {
				d.act(u, ActRemove, i.Attempt, 0, "a newer one has ended")
				any = true
				break
			}
		}
	}
	return any
}

func (d *decision) tearingDown() bool {
	if d.s.Sandbox.Stopping {
		return true
	}
	for _, a := range d.p.Actions {
		if a.Kind == ActTeardown {
			return true
		}
	}
	return false
}
