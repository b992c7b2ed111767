package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// hooks finds containers whose start hook fails.
func (v *view) hooks() {
	for _, u := range v.open() {
		reason, message := u.waits()
		e := v.last(u.name(), "FailedPostStartHook")
		if reason != "PostStartHookError" && (e == nil || u.failed() == nil) {
			continue
		}
		if e != nil && (message == "" || reason != "PostStartHookError") {
			message = e.Message
		}
		if message == "" {
			message = "nothing more is known"
		}
		v.add(Finding{
			Cause: CauseHook, Container: u.name(), Log: shown(u.lines()),
			Summary: fmt.Sprintf("%s was killed since its postStart hook failed: %s", u.title(), firstLine(message)),
			Fix:     "the hook runs beside the program, which may not be up yet: let the hook wait for it",
		})
	}
}

// refusedBy finds the peer that refused in a line of a log.
var refusedBy = regexp.MustCompile(`(?i)(localhost|127\.0\.0\.\d+|\[?::1\]?)[^\d]{1,12}?(\d{2,5})\b`)

// refusals finds containers that could not reach another one on localhost.
func (v *view) refusals() {
	for _, u := range v.open() {
		if u.failed() == nil && u.well() {
			continue
		}
		if port := refusedPort(u); port != 0 {
			v.refusal(u, port)
		}
	}
}

// refusedPort is the port on localhost that refused a container: in the line
// that says so, in one of the two before it, or in its command. 0 is none.
func refusedPort(u *unit) uint16 {
	lines := u.lines()
	for i := len(lines) - 1; i >= 0; i-- {
		if !strings.Contains(strings.ToLower(lines[i]), "refused") {
			continue
		}
		for j := i; j >= max(0, i-2); j-- {
			m := refusedBy.FindStringSubmatch(lines[j])
			if m == nil {
				continue
			}
			if port, err := strconv.ParseUint(m[2], 10, 16); err == nil {
				return uint16(port)
			}
		}
		for _, t := range waitsFor(u) {
			if local(t.Host) && t.Port != 0 {
				return t.Port
			}
		}
	}
	return 0
}

func (v *view) refusal(u *unit, port uint16) {
	if !v.SocketsSeen || u.init {
		return
	}
	f := u.finding(CauseRefused)
	if end := u.end(); end != "" {
		f.Details = append(f.Details, u.title()+" "+end)
	}
	there := v.on("tcp", port)
	asked := fmt.Sprintf("%s was refused on localhost:%d", u.title(), port)
	switch {
	case len(there) == 0:
		f.Summary = asked + ", where nobody listens"
		f.Details = append(f.Details, "listening in the pod: "+v.everybody())
		f.Fix = "correct the port, or look why the server does not listen"
		if d := v.declarer(u, port); d != "" {
			f.Details = append(f.Details, fmt.Sprintf("container %q declares port %d and does not listen on it", d, port))
		}
	case !slices.ContainsFunc(there, v.inside):
		f.Summary = fmt.Sprintf("%s: %s listens on %s only", asked, there[0].holder(), there[0].Address)
		f.Fix = "let it listen on 0.0.0.0, or ask the pod's IP"
	default:
		f.Summary = fmt.Sprintf("%s, but by now %s listens there", asked, there[0].holder())
		f.Fix = "containers of a pod start at about the same time: try again until the other is up, or make that one a sidecar with a startupProbe"
	}
	v.add(f)
}

// crashes tells of containers that ended badly for a reason that no rule knows.
func (v *view) crashes() {
	if v.Pod.DeletionTimestamp != nil {
		return // they end as they were asked to
	}
	for _, u := range v.open() {
		t := u.ended()
		if t == nil || u.init && t.ExitCode == 0 {
			continue
		}
		reason, _ := u.waits()
		again := reason == "CrashLoopBackOff" || u.status.State.Terminated != nil && !v.over() && v.restarts(t.ExitCode)
		if t.ExitCode == 0 && !again || u.runs() && u.well() && t.ExitCode == 0 {
			continue
		}
		f := Finding{
			Cause: CauseCrash, Container: u.name(), Log: shown(u.Ended),
			Summary: fmt.Sprintf("%s %s", u.title(), u.end()), Note: u.runs() && u.well(),
		}
		if t.Message != "" && len(f.Log) == 0 {
			f.Details = append(f.Details, "its message: "+firstLine(t.Message))
		}
		f.Fix = exitAdvice(t.ExitCode)
		v.add(f)
	}
}

// restarts tells whether the pod's policy restarts a container after a code.
func (v *view) restarts(code int32) bool {
	switch v.Pod.Spec.RestartPolicy {
	case v1.RestartPolicyNever:
		return false
	case v1.RestartPolicyOnFailure:
		return code != 0
	}
	return true
}

// exitAdvice is what an exit code says.
func exitAdvice(code int32) string {
	switch code {
	case 0:
		return "it ended by itself and well: restartPolicy Always starts it again; for a job use OnFailure or Never"
	case 126:
		return "126: a program was found and could not be executed"
	case 127:
		return "127: a program was not found"
	case 137:
		return "137: it was killed (SIGKILL)"
	case 139:
		return "139: it crashed (SIGSEGV)"
	case 143:
		return "143: it was ended (SIGTERM)"
	}
	return ""
}
