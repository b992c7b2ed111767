package diagnose

import (
	"fmt"
	"strings"
	"time"

	"github.com/podsim/podsim/simulator/internal/lint"
)

// inits finds the init container on which the pod waits.
func (v *view) inits() {
	if v.Pod.Status.Phase != "Pending" && !v.over() {
		return
	}
	for _, u := range v.open() {
		if !u.init || u.status.State.Terminated != nil && u.status.State.Terminated.ExitCode == 0 {
			continue
		}
		switch {
		case u.failed() != nil && !u.runs():
			v.add(v.initFailed(u))
		case u.runs():
			v.add(v.initWaits(u))
		default:
			continue
		}
		return
	}
}

func (v *view) initFailed(u *unit) Finding {
	f := Finding{
		Cause: CauseInitFailed, Container: u.name(), Log: shown(u.Ended),
		Summary: fmt.Sprintf("%s fails: it %s", u.title(), u.end()),
		Details: []string{v.heldBack(u)},
		Fix:     "its log says why",
	}
	if v.over() {
		f.Summary = fmt.Sprintf("%s failed: it %s, and restartPolicy is %s", u.title(), u.end(), v.Pod.Spec.RestartPolicy)
	}
	if len(f.Log) == 0 {
		f.Fix = "it wrote nothing to its log: " + exitAdvice(u.failed().ExitCode)
	}
	return f
}

// heldBack names what does not start before an init container is done.
func (v *view) heldBack(u *unit) string {
	var names []string
	after := false
	for i := range v.units {
		other := &v.units[i]
		if after {
			names = append(names, fmt.Sprintf("%q", other.name()))
		}
		after = after || other.name() == u.name()
	}
	return "not started for it: " + join(names, "and")
}

// justStarted is how long an init container may run before it is called stuck.
const justStarted = 10 * time.Second

func (v *view) initWaits(u *unit) Finding {
	since := u.status.State.Running.StartedAt.Time
	f := Finding{
		Cause: CauseInitWaits, Container: u.name(), Log: shown(u.Running),
		Details: []string{v.heldBack(u)},
	}
	age := v.Now.Sub(since)
	f.Summary = fmt.Sprintf("%s has not ended: it runs for %s, since %s", u.title(), ago(age), since.Format(time.TimeOnly))
	if age < justStarted {
		f.Summary = fmt.Sprintf("%s still runs, for %s so far", u.title(), ago(age))
	}
	var why []string
	for _, t := range waitsFor(u) {
		if unresolved(u, t) {
			v.Reached[t] = Unresolvable
		}
		text := v.reach(t)
		f.Details = append(f.Details, "its command tries "+text)
		if r := v.Reached[t]; r != "" && r != Answers {
			why = append(why, text)
			f.Fix = v.reachAdvice(t, r)
		}
	}
	if len(why) > 0 {
		f.Summary += ", and seems to wait for " + join(why, "and for")
	}
	if len(u.spec.Command) > 0 && lint.NeverEnds(u.argv()) {
		f.Summary = fmt.Sprintf("%s never ends: that is its command", u.title())
		f.Fix = "what goes on beside the app is a sidecar: give it restartPolicy: Always"
	}
	return f
}

// unresolved tells whether a container says itself that it does not know a host.
func unresolved(u *unit, t Target) bool {
	for _, line := range shown(u.Running) {
		if noName.MatchString(line) && strings.Contains(line, t.Host) {
			return true
		}
	}
	return false
}

// reach says what became of connecting to a target.
func (v *view) reach(t Target) string {
	switch v.Reached[t] {
	case Answers:
		if t.Port == 0 {
			return t.String() + " (the name resolves)"
		}
		return t.String() + " (it answers)"
	case Refused:
		return t.String() + " (connection refused)"
	case Unresolvable:
		return t.String() + " (the name does not resolve)"
	case Silent:
		return t.String() + " (no answer)"
	}
	return t.String()
}

func (v *view) reachAdvice(t Target, r Reach) string {
	switch {
	case r == Unresolvable:
		return v.nameAdvice(t.Host)
	case local(t.Host):
		return fmt.Sprintf("nothing in the pod listens on port %d while init containers run: what it waits for must be a sidecar (an init container with restartPolicy: Always) before it", t.Port)
	case r == Refused:
		return fmt.Sprintf("%s is there, and nothing listens on its port %d", t.Host, t.Port)
	}
	return fmt.Sprintf("look whether %s can be reached from the engine's machine", t)
}

// local tells whether a host is the pod itself.
func local(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}
