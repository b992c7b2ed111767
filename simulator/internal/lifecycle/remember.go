package lifecycle

import "time"

// maxEnded is how many ended instances of a container are remembered: the
// state and the last state of its status.
const maxEnded = 2

// remember takes over what the snapshot shows before anything is decided.
func (d *decision) remember() {
	sb := &d.s.Sandbox
	if sb.State == SandboxReady && sb.Attempt >= d.m.Sandboxes {
		d.m.Rebuilding = time.Time{}
	}
	if sb.State == SandboxReady || sb.State == SandboxDead {
		d.m.Sandboxes = max(d.m.Sandboxes, sb.Attempt+1)
	}
	for _, u := range d.us {
		d.rememberRuns(u)
		d.rememberPull(u)
		d.rememberWaiting(u)
	}
}

// rememberRuns notes what runs and keeps what has ended.
func (d *decision) rememberRuns(u *unit) {
	n := u.newest()
	if n == nil {
		return
	}
	u.mem.Made = max(u.mem.Made, n.Attempt+1)
	if l := u.mem.Last; n.State == Running && (l == nil || l.Attempt != n.Attempt) {
		u.mem.Up = d.now()
	}
	u.mem.Last = nil
	if n.State == Running {
		u.mem.Last = clonePtr(n)
	}
	for i := range u.runs {
		if u.runs[i].State == Vanished && u.runs[i].FinishedAt.IsZero() {
			u.runs[i].FinishedAt = d.now()
		}
	}
	u.rememberBackoff(n)
	u.keepEnded()
	here := n.SandboxAttempt == d.s.Sandbox.Attempt
	if u.kind == initKind && here && n.State == Exited && n.Code() == 0 {
		d.m.InitDone[u.name] = true
	}
	if u.kind == appKind && here {
		d.m.AppStarted = true
	}
	if k := u.mem.Kill; k != nil && n.Attempt > k.Attempt && u.see.Busy != BusyStart {
		if r := u.running(); r == nil || r.Attempt != k.Attempt {
			u.mem.Kill = nil
		}
	}
	if u.replacing() && u.see.Failure != nil {
		u.mem.Kill = nil // it is replaced in one go or not: now the policy decides
	}
	if s := u.mem.Start; s != nil && n.Attempt >= s.Attempt {
		u.mem.Start = nil
	}
}

// rememberBackoff takes the back-off from the label of an instance that was
// started by a decision which is not remembered.
func (u *unit) rememberBackoff(i *Instance) {
	if b := u.mem.Backoff; i.Backoff > b.Delay && i.CreatedAt.After(b.Since) {
		u.mem.Backoff = Backoff{Delay: i.Backoff, Since: i.CreatedAt, SpecHash: i.SpecHash}
	}
}

// keepEnded remembers the newest ended instances. When the newest instance has
// ended, one that was removed from the engine before it is forgotten, as the
// kubelet forgets it, unless a back-off still counts from it.
func (u *unit) keepEnded() {
	onEngine := map[int]bool{}
	for _, i := range u.see.Instances {
		onEngine[i.Attempt] = true
	}
	keep := !u.runs[0].Ended() || u.replacing()
	u.mem.Ended = nil
	for n := range u.runs {
		i := u.runs[n]
		if !i.Ended() || len(u.mem.Ended) == maxEnded {
			continue
		}
		if len(u.mem.Ended) > 0 && !keep && !onEngine[i.Attempt] {
			continue
		}
		u.mem.Ended = append(u.mem.Ended, i)
	}
	u.runs = History(u.see, u.mem)
}
