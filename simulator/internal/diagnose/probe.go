package diagnose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// check is one probe of a container.
type check struct {
	kind  string // "Startup", "Liveness", "Readiness"
	probe *v1.Probe
}

func checksOf(c *v1.Container) []check {
	var out []check
	for _, k := range []check{{"Startup", c.StartupProbe}, {"Liveness", c.LivenessProbe}, {"Readiness", c.ReadinessProbe}} {
		if k.probe != nil {
			out = append(out, k)
		}
	}
	return out
}

// probes finds out why probes fail.
func (v *view) probes() {
	for _, u := range v.open() {
		if u.init || v.Pod.DeletionTimestamp != nil {
			continue
		}
		for _, k := range checksOf(u.spec) {
			if v.concerns(u, k) {
				v.probe(u, k)
				break
			}
		}
	}
}

// concerns tells whether a probe is what stands in the way now.
func (v *view) concerns(u *unit, k check) bool {
	started := u.status.Started != nil && *u.status.Started
	switch k.kind {
	case "Startup":
		return u.runs() && !started || v.killed(u, k) != nil
	case "Liveness":
		return v.killed(u, k) != nil
	}
	return u.runs() && !u.status.Ready && (u.spec.StartupProbe == nil || started)
}

// killed is the event of the container's end by a probe, if that is why it is
// not well.
func (v *view) killed(u *unit, k check) *v1.Event {
	e := v.last(u.name(), "Killing")
	if e == nil || u.status.RestartCount == 0 && u.failed() == nil {
		return nil
	}
	if strings.Contains(e.Message, "failed "+strings.ToLower(k.kind)+" probe") {
		return e
	}
	// With restartPolicy Never the end of the only container is the pod's, and the kubelet says no more than "Stopping".
	if _, failed := v.outcome(u, k); failed && k.kind != "Readiness" && v.Pod.Spec.RestartPolicy == v1.RestartPolicyNever &&
		v.Pod.Status.Phase == v1.PodFailed && v.Pod.Status.Reason == "" && u.failed() != nil {
		return e
	}
	return nil
}

// outcome is what the probe said last.
func (v *view) outcome(u *unit, k check) (text string, known bool) {
	for i := len(v.Events) - 1; i >= 0; i-- {
		e := &v.Events[i]
		if e.Reason != "Unhealthy" || containerOf(e) != u.name() {
			continue
		}
		if rest, ok := strings.CutPrefix(e.Message, k.kind+" probe failed: "); ok {
			return strings.TrimSpace(rest), true
		}
		if rest, ok := strings.CutPrefix(e.Message, k.kind+" probe errored and resulted in unknown state: "); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

func (v *view) probe(u *unit, k check) {
	said, known := v.outcome(u, k)
	f := Finding{Cause: CauseProbe, Container: u.name()}
	what := strings.ToLower(k.kind) + " probe"
	if killed := v.killed(u, k); killed != nil {
		f.Cause = CauseLiveness
		f.Details = append(f.Details, fmt.Sprintf("%s was killed for it (%s)", u.title(), u.end()), patience(k))
	}
	if known {
		f.Details = append(f.Details, fmt.Sprintf("the %s says: %s", what, firstLine(said)))
	}
	port, named, network := probePort(u.spec, k.probe)
	switch {
	case named != "":
		f.Summary = fmt.Sprintf("the %s of %s asks port %q, which the container does not declare", what, u.title(), named)
		f.Fix = fmt.Sprintf("declare it in ports (name: %s), or write the number", named)
	case !known:
		v.notYet(&f, u, k)
	case network && strings.Contains(said, "connection refused") && hostOf(k.probe) == "":
		v.refusedProbe(&f, u, what, port)
	case network && hostOf(k.probe) != "" && strings.Contains(said, "connection refused"):
		f.Summary = fmt.Sprintf("the %s of %s asks host %s, which is the node's and not the pod's: nobody answers there on port %d", what, u.title(), hostOf(k.probe), port)
		f.Fix = "leave host out: the pod's IP is asked then"
	default:
		v.badAnswer(&f, u, k, said)
	}
	if f.Summary == "" {
		return
	}
	v.add(f)
}

// notYet is a probe that has not failed: it is still to come.
func (v *view) notYet(f *Finding, u *unit, k check) {
	if f.Cause == CauseLiveness || !u.runs() {
		return
	}
	delay := time.Duration(k.probe.InitialDelaySeconds) * time.Second
	age := v.Now.Sub(u.status.State.Running.StartedAt.Time)
	if age < delay {
		f.Summary = fmt.Sprintf("the %s probe of %s has not been asked yet: initialDelaySeconds is %d, and the container runs for %s",
			strings.ToLower(k.kind), u.title(), k.probe.InitialDelaySeconds, ago(age))
		f.Fix = "wait, or lower initialDelaySeconds"
		return
	}
	f.Summary = fmt.Sprintf("%s runs for %s and its %s probe has not succeeded yet", u.title(), ago(age), strings.ToLower(k.kind))
}

// refusedProbe looks who listens on the port that the probe asked in vain.
func (v *view) refusedProbe(f *Finding, u *unit, what string, port uint16) {
	ip := v.Pod.Status.PodIP
	asked := fmt.Sprintf("the %s of %s asks %s:%d", what, u.title(), ip, port)
	if !v.SocketsSeen {
		f.Summary = asked + ": connection refused"
		f.Fix = slowStart(f, what, port)
		return
	}
	there := v.on("tcp", port)
	own := v.of(u.name())
	switch {
	case len(there) > 0 && !slices.ContainsFunc(there, v.outside):
		f.Cause = CauseLoopback
		f.Summary = fmt.Sprintf("%s, and %s listens on %s only: from the pod's IP nobody is there", asked, whose(there[0], u), there[0].Address)
		f.Fix = fmt.Sprintf("let it listen on 0.0.0.0:%d; port-forward and localhost reach it all the same", port)
	case len(there) > 0:
		f.Summary = fmt.Sprintf("%s and was refused, but by now %s listens there", asked, whose(there[0], u))
	case len(own) > 0:
		f.Cause = CauseWrongPort
		f.Summary = fmt.Sprintf("%s, where nobody listens: the container listens on %s", asked, endpoints(own))
		f.Fix = fmt.Sprintf("let the probe ask port %d, or the server listen on %d", own[0].Port, port)
	case !u.runs():
		f.Summary = asked + ": connection refused"
		f.Fix = slowStart(f, what, port)
	default:
		f.Cause = CauseNobody
		f.Summary = asked + ", where nobody listens: the container listens on no TCP port"
		f.Log = shown(u.Running)
		if len(v.Sockets) > 0 && v.WithHolders {
			f.Details = append(f.Details, "listening in the pod: "+v.everybody())
		}
		f.Fix = "look why the server does not listen (its log), or let the probe wait for it (startupProbe)"
	}
	if f.Cause != CauseLiveness && v.killedBy(u) {
		f.Details = append(f.Details, "the container is killed and restarted for it")
	}
}

// slowStart is what to do about a container that was killed before anybody
// listened on its port.
func slowStart(f *Finding, what string, port uint16) string {
	switch {
	case f.Cause != CauseLiveness:
		return ""
	case what == "startup probe":
		return fmt.Sprintf("if it starts slowly, raise failureThreshold of the startupProbe; else look in its log whether it listens on port %d of every address", port)
	}
	return fmt.Sprintf("if it starts slowly, give it a startupProbe; else look in its log whether it listens on port %d of every address", port)
}

// patience says how long a container has until a probe kills it.
func patience(k check) string {
	period, threshold := max(k.probe.PeriodSeconds, 1), max(k.probe.FailureThreshold, 1)
	text := fmt.Sprintf("it is killed after %d failures in a row, one every %s", threshold, seconds(period))
	if threshold == 1 {
		text = "it is killed after the first failure"
	}
	if d := k.probe.InitialDelaySeconds; d > 0 {
		text += fmt.Sprintf(", the first asked after %s", seconds(d))
	}
	return text
}

func (v *view) killedBy(u *unit) bool {
	e := v.last(u.name(), "Killing")
	return e != nil && strings.Contains(e.Message, "probe, will be restarted")
}

// whose names the holder of a socket from the view of a container.
func whose(s Socket, u *unit) string {
	switch {
	case s.Container == u.name() && s.Process != "":
		return "its process " + s.Process
	case s.Container == u.name():
		return "it"
	case s.Container == "" && s.Process == "":
		return "the server"
	}
	return s.holder()
}

// badAnswer is a probe that reached something, or ran, and did not like it.
func (v *view) badAnswer(f *Finding, u *unit, k check, said string) {
	what := strings.ToLower(k.kind) + " probe"
	switch {
	case strings.Contains(said, "context deadline exceeded"), strings.Contains(said, "timed out"), strings.Contains(said, "i/o timeout"):
		f.Summary = fmt.Sprintf("the %s of %s gets no answer within %s", what, u.title(), seconds(max(k.probe.TimeoutSeconds, 1)))
		f.Fix = "raise timeoutSeconds, or look why the answer takes so long"
	case strings.Contains(said, "statuscode: "):
		_, code, _ := strings.Cut(said, "statuscode: ")
		f.Summary = fmt.Sprintf("the %s of %s asks %s and gets status %s", what, u.title(), pathOf(k.probe), code)
		f.Fix = "200 to 399 counts as success: look at the path, and at the server's log"
		f.Log = shown(u.Running)
	case k.probe.Exec != nil && (strings.Contains(said, "executable file not found") || strings.Contains(said, "no such file or directory")):
		f.Summary = fmt.Sprintf("the %s of %s runs %q, which the image does not have", what, u.title(), first(k.probe.Exec.Command))
		f.Fix = "use a program of the image, or an httpGet or tcpSocket probe"
	default:
		f.Summary = fmt.Sprintf("the %s of %s fails", what, u.title())
		if said != "" {
			f.Summary += ": " + firstLine(said)
		}
	}
	if f.Cause == CauseLiveness && f.Fix == "" {
		f.Fix = "if it only starts slowly, give it a startupProbe"
	}
}

// probePort is the port that a probe asks; named is a name that stands for none.
func probePort(c *v1.Container, p *v1.Probe) (port uint16, named string, network bool) {
	var at intstr.IntOrString
	switch {
	case p.HTTPGet != nil:
		at = p.HTTPGet.Port
	case p.TCPSocket != nil:
		at = p.TCPSocket.Port
	case p.GRPC != nil:
		return uint16(p.GRPC.Port), "", true
	default:
		return 0, "", false
	}
	port, ok := portOf(c, at)
	if !ok {
		return 0, at.StrVal, true
	}
	return port, "", true
}

func hostOf(p *v1.Probe) string {
	switch {
	case p.HTTPGet != nil:
		return p.HTTPGet.Host
	case p.TCPSocket != nil:
		return p.TCPSocket.Host
	}
	return ""
}

func pathOf(p *v1.Probe) string {
	if p.HTTPGet == nil || p.HTTPGet.Path == "" {
		return "/"
	}
	return p.HTTPGet.Path
}

func seconds(n int32) string {
	if n == 1 {
		return "1 second"
	}
	return strconv.Itoa(int(n)) + " seconds"
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func first(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	return argv[0]
}
