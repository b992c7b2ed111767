package lifecycle

// rememberWaiting takes a failed start over into what the status shows, and
// forgets what is out of date.
func (d *decision) rememberWaiting(u *unit) {
	w, f := u.mem.Waiting, u.see.Failure
	if f != nil && (w == nil || f.At.After(w.At)) && !u.hookKilled() {
		w = clonePtr(f)
		if !ofInstance(f.Reason) {
			w.Attempt = u.next()
		}
		u.mem.Waiting = w
	}
	if w != nil && !u.current(w) {
		u.mem.Waiting = nil
	}
}

// current says whether a waiting reason is about now.
func (u *unit) current(w *Failure) bool {
	i := u.newest()
	switch {
	case i == nil:
		return !ofInstance(w.Reason) || w.Attempt >= u.next()
	case i.State == Running:
		return u.see.Busy == BusyStart || u.hookKilled()
	case ofInstance(w.Reason):
		return w.Attempt >= i.Attempt
	}
	return w.Attempt > i.Attempt
}

// wait notes why the next attempt is held back and says whether that is new.
func (d *decision) wait(u *unit, reason, message string) bool {
	w := u.mem.Waiting
	if w != nil && w.Reason == reason && w.Message == message && w.Attempt == u.next() {
		return false
	}
	u.mem.Waiting = &Failure{At: d.now(), Attempt: u.next(), Reason: reason, Message: message}
	return true
}

// Holding is why a container that should run does not, or nil: the reason and
// message its status shows as waiting. It looks at a failure newer than the
// memory too, so it is right before and after a decision.
func Holding(s *Snapshot, name string) *Failure {
	c, m := s.Containers[name], s.Memory.Containers[name]
	u := &unit{name: name, see: c, mem: m.clone(), runs: History(c, m)}
	(&decision{s: s}).rememberWaiting(u)
	return u.mem.Waiting
}
