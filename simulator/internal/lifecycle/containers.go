package lifecycle

// apps goes through the ordinary containers. It returns those to start, and
// whether any is to run now or later: if none is, the pod has ended.
func (d *decision) apps() (starts []*unit, alive bool) {
	for _, u := range d.of(appKind) {
		switch {
		case u.running() != nil:
			if d.checkRunning(u) {
				alive = true
			}
		case u.see.Busy == BusyStart || u.see.Busy == BusyImage:
			starts = append(starts, u)
			alive = true
		case d.shouldStart(u):
			starts = append(starts, u)
			alive = true
		}
	}
	return starts, alive
}

// shouldStart says whether a container that does not run is to be started, now
// or after a back-off.
func (d *decision) shouldStart(u *unit) bool {
	i := u.ended()
	if i == nil || d.cleared(u) {
		return true
	}
	if k := u.mem.Kill; k != nil && k.Attempt == i.Attempt {
		if k.Restart && !d.restartHeld(u) {
			return true
		}
		u.mem.Kill = nil
	}
	return Restarts(&d.s.Pod.Spec, u.spec, i.Code())
}

// restartHeld checks a restart that was decided with a kill against the run
// before the killed one. The kubelet gives such a restart up when it is held
// back; then the policy decides, by the exit code.
func (d *decision) restartHeld(u *unit) bool {
	last := d.lastRun(u)
	if _, held := d.inBackoff(u, last); !held {
		return false
	}
	d.heldByCrash(u, last)
	return true
}

// over says whether every ordinary container has ended and none comes back.
// Then the pod has ended, whatever its sidecars do.
func (d *decision) over() bool {
	for _, u := range d.of(appKind) {
		i := u.ended()
		if i == nil || u.starting() || d.cleared(u) || Restarts(&d.s.Pod.Spec, u.spec, i.Code()) {
			return false
		}
		if u.replacing() {
			return false
		}
	}
	return true
}

// ephemerals are the ephemeral containers that were never started.
func (d *decision) ephemerals() []*unit {
	var starts []*unit
	for _, u := range d.of(ephemeralKind) {
		if u.newest() == nil {
			starts = append(starts, u)
		}
	}
	return starts
}
