package node

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// rule is something that holds in every run.
type rule struct {
	name  string
	check func(*judge)
}

// rules are all of them; their names are what the table of planted bugs says.
func rules() []rule {
	return []rule{
		{"init containers come first and in order", (*judge).initFirst},
		{"sidecars are started before what follows", (*judge).sidecarsFirst},
		{"never two instances of a container", (*judge).oneInstance},
		{"never two sandboxes", (*judge).oneSandbox},
		{"attempts are numbered without gaps", (*judge).attempts},
		{"restart counts only grow and are right", (*judge).counts},
		{"back-off is never shorter than the rule", (*judge).backoff},
		{"the first restart is at once", (*judge).firstRestart},
		{"nothing restarts against its policy", (*judge).policy},
		{"each status is one of a kubelet", (*judge).statusLegal},
		{"phases follow each other", (*judge).phases},
		{"statuses tell the truth", (*judge).statusTrue},
		{"nobody is killed before its grace is over", (*judge).graceGiven},
		{"nobody lives longer than its grace", (*judge).graceEnds},
		{"preStop comes before the signal", (*judge).preStopFirst},
		{"sidecars end last, in reverse order", (*judge).sidecarsLast},
		{"a finished pod stays finished", (*judge).finished},
		{"a deleted pod leaves nothing", (*judge).deletedWhole},
		{"the pod comes to what its programs say", (*judge).converged},
		{"an idle pod costs nothing", (*judge).idle},
	}
}

// violation is a rule that a run broke.
type violation struct {
	rule string
	at   time.Duration
	text string
}

func (v violation) String() string { return fmt.Sprintf("%s: at %s: %s", v.rule, v.at, v.text) }

// judge holds a trace against the rules.
type judge struct {
	*trace
	rule  string
	all   []*incarnation
	found []violation
}

// judged is what a run broke.
func judged(t *trace) []violation {
	j := &judge{trace: t, all: t.incarnations()}
	for _, r := range rules() {
		j.rule = r.name
		r.check(j)
	}
	return j.found
}

func (j *judge) fail(at time.Duration, format string, args ...any) {
	j.found = append(j.found, violation{j.rule, at, fmt.Sprintf(format, args...)})
}

// of are the incarnations of a container whose process was started, or could
// not be, in the order of that.
func (j *judge) of(name string) []*incarnation {
	var list []*incarnation
	for _, i := range j.all {
		if i.name == name && i.kind != runtime.KindSandbox && i.tried() != 0 {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b *incarnation) int { return cmp.Compare(a.tried(), b.tried()) })
	return list
}

// sandboxes in the order in which they were started.
func (j *judge) sandboxes() []*incarnation {
	var list []*incarnation
	for _, i := range j.all {
		if i.kind == runtime.KindSandbox && i.started != 0 {
			list = append(list, i)
		}
	}
	return list
}

// sandboxAt is the sandbox that runs at a time, or nil.
func (j *judge) sandboxAt(at time.Duration) *incarnation {
	for _, i := range j.sandboxes() {
		if i.runs(at) {
			return i
		}
	}
	return nil
}

// position is a container's place in the order of the spec.
func (j *judge) position(name string) int {
	return slices.IndexFunc(j.script.containers(), func(c v1.Container) bool { return c.Name == name })
}

// exit is the code as the kubelet counts it.
func (i *incarnation) exit() int {
	if i.failed != 0 {
		return 127
	}
	return i.code
}

// matched says whether an exit code meets a restart rule.
func matched(c *v1.Container, code int) bool {
	return slices.ContainsFunc(c.RestartPolicyRules, func(r v1.ContainerRestartRule) bool {
		in := slices.Contains(r.ExitCodes.Values, int32(code))
		return in == (r.ExitCodes.Operator == v1.ContainerRestartRuleOnExitCodesOpIn)
	})
}

// restartsAfter says whether its policy starts a container again.
func (j *judge) restartsAfter(c *v1.Container, code int) bool {
	if j.script.isSidecar(c.Name) || matched(c, code) {
		return true
	}
	policy := string(j.script.Pod.Spec.RestartPolicy)
	if c.RestartPolicy != nil {
		policy = string(*c.RestartPolicy)
	}
	return policy == "Always" || policy == "OnFailure" && code != 0
}

// killing are the Killing events about an incarnation. They may come when it
// has ended already, by itself, and nobody has noticed.
func (j *judge) killing(i *incarnation) []told {
	end := forever
	for _, o := range j.of(i.name) {
		if o.tried() > i.tried() {
			end = min(end, o.tried())
		}
	}
	var list []told
	for _, e := range j.events {
		if e.Reason == "Killing" && strings.HasSuffix(e.InvolvedObject.FieldPath, "{"+i.name+"}") && i.started <= e.at && e.at <= end {
			list = append(list, e)
		}
	}
	return list
}

// killedToRestart says that it was killed in order to be replaced: for a probe,
// or because it was changed.
func (j *judge) killedToRestart(i *incarnation) bool {
	return slices.ContainsFunc(j.killing(i), func(e told) bool {
		return strings.HasSuffix(e.Message, ", will be restarted") || strings.HasPrefix(e.Message, "Init container ")
	})
}

// forgetful says that what was decided in a time may be lost: a node died or
// could not write it down.
func (j *judge) forgetful(from, to time.Duration) bool {
	return slices.ContainsFunc(j.script.Steps, func(s step) bool {
		return (s.What == nodeDies || s.What == writesFail) && s.At <= to && s.until() >= from
	})
}
