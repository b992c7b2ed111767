package diagnose

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// justMade is how long a pod may be without an owner: a node takes it at once.
const justMade = 5 * time.Second

func (v *view) unowned() {
	if !v.Unowned || v.over() || v.Now.Sub(v.Pod.CreationTimestamp.Time) < justMade {
		return
	}
	v.add(Finding{
		Cause: CauseUnowned, Summary: "no process looks after the pod: nothing of it is started or restarted",
		Fix: "any change starts the background node again; so does `podsim node --background`",
	})
}

func (v *view) terminating() {
	at := v.Pod.DeletionTimestamp
	if at == nil {
		return
	}
	f := Finding{Cause: CauseTerminating, Summary: "the pod is being deleted"}
	var still []string
	for i := range v.units {
		if u := &v.units[i]; u.runs() && !v.Containers[u.name()].Gone {
			still = append(still, fmt.Sprintf("%q", u.name()))
			v.lingers(&f, u)
		}
	}
	if len(still) > 0 {
		f.Details = append([]string{"still running: " + join(still, "and")}, f.Details...)
	}
	if left := at.Sub(v.Now); left > 0 {
		f.Details = append(f.Details, "what still runs is killed in "+ago(left))
	}
	v.add(f)
}

// paused finds containers that somebody froze. Their pod may still look ready.
func (v *view) paused() {
	for _, u := range v.open() {
		if !u.Paused {
			continue
		}
		v.add(Finding{
			Cause: CausePaused, Container: u.name(), Note: v.ready(),
			Summary: u.title() + " is paused: nothing in it runs",
			Fix:     fmt.Sprintf("docker unpause %.12s", strings.TrimPrefix(u.status.ContainerID, "docker://")),
		})
	}
}

// unscheduled names what keeps the pod off the only node.
func (v *view) unscheduled() {
	for _, c := range v.Pod.Status.Conditions {
		if c.Type != v1.PodScheduled || c.Status != v1.ConditionFalse {
			continue
		}
		f := Finding{Cause: CauseUnscheduled, Summary: "the node cannot take the pod: " + c.Message}
		switch h := v.PortHolder; {
		case c.Reason == v1.PodReasonSchedulingGated:
			f.Summary = "the pod waits: " + c.Message
			f.Fix = "take its spec.schedulingGates away"
		case h != nil:
			f.Cause = CausePortConflict
			f.Summary = fmt.Sprintf("a host port of the pod is taken: pod %q in namespace %q has %s", h.Name, h.Namespace, hostPorts(h))
			f.Details = []string{"the pod asks for " + hostPorts(v.Pod)}
			f.Fix = fmt.Sprintf("choose another hostPort, or delete pod %q: this one starts as soon as the port is free", h.Name)
		case strings.Contains(c.Message, "persistentvolumeclaim") || strings.Contains(c.Message, "PVC"):
			f.Fix = "the pod starts as soon as that claim is gone (podsim get pvc)"
		default:
			f.Fix = "request less: the machine has no more"
		}
		v.add(f)
	}
}

// soonEnded is how long after SIGTERM a container may run before it is remarkable.
const soonEnded = 3 * time.Second

// lingers says why a container may still run that was asked to end.
func (v *view) lingers(f *Finding, u *unit) {
	grace := time.Duration(ptr.Deref(v.Pod.DeletionGracePeriodSeconds, 0)) * time.Second
	since := v.Now.Sub(v.Pod.DeletionTimestamp.Add(-grace))
	switch hook := u.spec.Lifecycle; {
	case since < soonEnded:
	case hook != nil && hook.PreStop != nil:
		f.Details = append(f.Details, fmt.Sprintf("%s has a preStop hook, which comes before SIGTERM and takes part of the grace period of %s", u.title(), ago(grace)))
		f.Fix = "let the preStop hook be short, or raise terminationGracePeriodSeconds"
	case !v.heldForSidecars(u):
		f.Details = append(f.Details, fmt.Sprintf("%s was sent SIGTERM %s ago and has not ended", u.title(), ago(since)))
		f.Fix = "a process 1 ignores SIGTERM unless it handles it: exec the program instead of letting a shell wait for it, or trap TERM in the script"
	}
}

// heldForSidecars tells whether a sidecar has not been asked to end yet, since ordinary containers still run.
func (v *view) heldForSidecars(u *unit) bool {
	if !u.sidecar {
		return false
	}
	for i := range v.units {
		if other := &v.units[i]; !other.sidecar && other.runs() {
			return true
		}
	}
	return false
}

// allocated are the engine's words for a port of its machine that is taken, and
// hostAddress the port.
var (
	allocated   = regexp.MustCompile(`(?i)port is already allocated|address already in use`)
	hostAddress = regexp.MustCompile(`(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:]*\]):\d+`)
)

func (v *view) sandbox() {
	e := v.last("", "FailedCreatePodSandBox")
	if e == nil || v.Pod.Status.PodIP != "" || v.over() {
		return
	}
	text := strings.TrimPrefix(e.Message, "Failed to create pod sandbox: ")
	f := Finding{Cause: CauseSandbox, Summary: "the pod's sandbox cannot be made: " + text}
	if allocated.MatchString(text) {
		f.Cause = CausePortConflict
		f.Summary = "a host port of the pod is taken on the engine's machine"
		if at := hostAddress.FindString(text); at != "" {
			f.Summary = fmt.Sprintf("the pod wants %s of the engine's machine, which is taken", at)
		}
		f.Details = append(f.Details, "the engine says: "+text)
		f.Fix = "choose another hostPort, or stop what listens there"
		if ports := hostPorts(v.Pod); ports != "" {
			f.Details = append(f.Details, "the pod asks for "+ports)
		}
	}
	v.add(f)
}

func hostPorts(pod *v1.Pod) string {
	var out []string
	for _, c := range pod.Spec.Containers {
		for _, p := range c.Ports {
			if p.HostPort != 0 {
				out = append(out, fmt.Sprintf("hostPort %d (container %q)", p.HostPort, c.Name))
			}
		}
	}
	return join(out, "and")
}

// keepsAlive finds containers on whose end a pod waits that is otherwise done.
func (v *view) keepsAlive() {
	if v.Pod.Spec.RestartPolicy == v1.RestartPolicyAlways || v.Pod.Spec.RestartPolicy == "" || v.over() || v.Pod.DeletionTimestamp != nil {
		return
	}
	var done, running []string
	for _, u := range v.units {
		if u.init || u.sidecar {
			continue
		}
		t := u.status.State.Terminated
		switch {
		case t != nil && t.ExitCode == 0:
			done = append(done, fmt.Sprintf("%q", u.name()))
		case u.runs():
			running = append(running, u.name())
		default:
			return
		}
	}
	if len(done) == 0 || len(running) == 0 {
		return
	}
	for _, name := range running {
		v.add(Finding{
			Cause: CauseKeepsAlive, Container: name,
			Summary: fmt.Sprintf("container %q still runs while %s completed: the pod is done only when it has ended too", name, join(done, "and")),
			Fix:     "if it only serves the others, make it a sidecar: an init container with restartPolicy: Always ends with them",
		})
	}
}

func (v *view) podReason() {
	st := &v.Pod.Status
	if st.Reason == "" && st.Message == "" {
		return
	}
	f := Finding{Cause: CausePod, Summary: "the pod: " + strings.Trim(st.Reason+": "+st.Message, ": ")}
	switch st.Reason {
	case "DeadlineExceeded":
		if d := v.Pod.Spec.ActiveDeadlineSeconds; d != nil {
			f.Summary = fmt.Sprintf("the pod was active for longer than its activeDeadlineSeconds (%d), init containers included", *d)
			f.Fix = "raise activeDeadlineSeconds, or look what took so long"
		}
	case "Evicted":
		f.Fix = "raise the limit (emptyDir sizeLimit, ephemeral-storage), or write less"
	}
	v.add(f)
}

func (v *view) gates() {
	if v.over() {
		return
	}
	for _, gate := range v.Pod.Spec.ReadinessGates {
		state := "nobody has set it"
		open := false
		for _, c := range v.Pod.Status.Conditions {
			if c.Type == gate.ConditionType {
				open, state = c.Status == v1.ConditionTrue, "it is "+string(c.Status)
			}
		}
		if open {
			continue
		}
		v.add(Finding{
			Cause:   CauseGate,
			Summary: fmt.Sprintf("readiness gate %q is not open: %s", gate.ConditionType, state),
			Fix:     "something outside the pod has to set this condition in its status; there is no such controller here unless you run one",
		})
	}
}

// waiting tells of containers that wait for a reason that no rule knows.
func (v *view) waiting() {
	for _, u := range v.open() {
		reason, message := u.waits()
		switch reason {
		case "", "ContainerCreating", "PodInitializing", "CrashLoopBackOff":
			continue
		}
		v.add(Finding{
			Cause: CauseWaiting, Container: u.name(),
			Summary: strings.TrimSuffix(fmt.Sprintf("%s waits: %s: %s", u.title(), reason, message), ": "),
		})
	}
}
