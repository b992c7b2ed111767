package node

import (
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
)

// trace is all that was to be seen of a run, with times after its begin.
type trace struct {
	script script
	begun  time.Time

	moments  []moment
	statuses []published
	events   []told
	execs    []*execution
	calls    []called
	decided  []time.Duration
	nodes    []change
	engine   []change
	lines    []line // what was decided and what befell, for people

	// quiet is the moment just before the last deletion, all faults long past.
	quiet quiet
	// deletions are the requests that counted.
	deletions []deletion
	// gone is when the pod's object went; 0 is never.
	gone time.Duration
	// left is what was on the engine at the very end.
	left []string
	// spun is when something was decided again and again without time passing.
	spun []time.Duration
}

type moment struct {
	at time.Duration
	fake.Moment
}

type published struct {
	at time.Duration
	v1.PodStatus
}

type told struct {
	at time.Duration
	v1.Event
}

// execution is one command in an instance.
type execution struct {
	from, until time.Duration // until 0: it has not ended
	what        string
	container   string
	attempt     int
	code        int
}

type called struct {
	at time.Duration
	fake.Call
}

// change is something that went up or down.
type change struct {
	at time.Duration
	up bool
}

type deletion struct {
	at    time.Duration
	grace time.Duration
}

type quiet struct {
	at         time.Duration
	containers []runtime.Container
}

type line struct {
	at   time.Duration
	text string
}

// calm says that no fault happened in the time, nor shortly before it.
func (t *trace) calm(from, to time.Duration) bool {
	const margin = 2 * time.Second
	return !slices.ContainsFunc(t.script.Steps, func(s step) bool {
		return s.fault() && s.At <= to && s.until()+margin+t.after(s) >= from
	})
}

// after is how long a fault may work on when it is over.
func (t *trace) after(s step) time.Duration {
	switch s.What {
	case eventsLost: // until the next list
		return 31 * time.Second
	case callsSlow, callsFail, engineCrashes:
		return 12 * time.Second
	case nodeDies:
		return 3 * time.Second
	}
	return time.Second
}

// faultless says that nothing befalls the pod but what users wish.
func (t *trace) faultless() bool { return !slices.ContainsFunc(t.script.Steps, step.fault) }

// status is the one published last before a time.
func (t *trace) status(at time.Duration) *v1.PodStatus {
	var last *v1.PodStatus
	for i := range t.statuses {
		if t.statuses[i].at > at {
			break
		}
		last = &t.statuses[i].PodStatus
	}
	return last
}

// incarnation is one container of the engine with all that happened to it.
type incarnation struct {
	name    string
	attempt int
	id      runtime.ContainerID
	sandbox runtime.ContainerID
	kind    runtime.Kind

	made, started, failed, ended, removed time.Duration // 0: never
	image                                 string
	code                                  int
	signals                               []signal
}

type signal struct {
	at   time.Duration
	name string
}

func (i *incarnation) String() string { return fmt.Sprintf("%s#%d", i.name, i.attempt) }

// runs says that it runs at a time.
func (i *incarnation) runs(at time.Duration) bool {
	return i.started != 0 && i.started <= at && (i.ended == 0 || i.ended > at)
}

// tried is when its process was started, or could not be.
func (i *incarnation) tried() time.Duration { return max(i.started, i.failed) }

// over is when its process ended, or could not be started.
func (i *incarnation) over() time.Duration { return max(i.ended, i.failed) }

// first is when a signal was first sent; 0 is never.
func (i *incarnation) first(names ...string) time.Duration {
	for _, s := range i.signals {
		if slices.Contains(names, s.name) {
			return s.at
		}
	}
	return 0
}

// incarnations are all containers there ever were, in the order they were made.
func (t *trace) incarnations() []*incarnation {
	var list []*incarnation
	byID := map[runtime.ContainerID]*incarnation{}
	for _, m := range t.moments {
		i := byID[m.Container.ID]
		if i == nil {
			i = &incarnation{
				name: m.Container.Meta.Container, attempt: m.Container.Meta.Attempt, id: m.Container.ID,
				sandbox: m.Sandbox, kind: m.Container.Meta.Kind, image: m.Container.Image,
			}
			byID[i.id] = i
			list = append(list, i)
		}
		switch m.What {
		case fake.Made:
			i.made = m.at
		case fake.Started:
			i.started = m.at
		case fake.Failed:
			i.failed = m.at
		case fake.Signaled:
			i.signals = append(i.signals, signal{m.at, m.Signal})
		case fake.Ended:
			i.ended, i.code = m.at, m.Container.ExitCode
		case fake.Removed:
			i.removed = m.at
		}
	}
	return list
}

// String is everything in the order of time, for people.
func (t *trace) String() string {
	var lines []line
	add := func(at time.Duration, format string, args ...any) {
		lines = append(lines, line{at, fmt.Sprintf(format, args...)})
	}
	for _, m := range t.moments {
		what := string(m.What)
		switch m.What {
		case fake.Signaled:
			what += " " + m.Signal
		case fake.Ended:
			what += fmt.Sprintf(" %d", m.Container.ExitCode)
		}
		name := m.Container.Meta.Container
		if name == "" {
			name = string(m.Container.Meta.Kind)
		}
		add(m.at, "engine: %s#%d %s", name, m.Container.Meta.Attempt, what)
	}
	for _, c := range t.calls {
		add(c.at, "call: %s %s", c.Op, strings.TrimLeft(c.Subject, "0"))
	}
	for _, e := range t.events {
		add(e.at, "event: %s %s %s", e.Reason, e.InvolvedObject.FieldPath, e.Message)
	}
	for _, e := range t.execs {
		add(e.from, "exec: %s in %s#%d until %s: %d", e.what, e.container, e.attempt, e.until, e.code)
	}
	last := ""
	for _, s := range t.statuses {
		if text := brief(&s.PodStatus); text != last {
			add(s.at, "status: %s", text)
			last = text
		}
	}
	for _, n := range t.nodes {
		add(n.at, "node: up %v", n.up)
	}
	for _, n := range t.engine {
		add(n.at, "engine: up %v", n.up)
	}
	lines = append(lines, t.lines...)
	slices.SortStableFunc(lines, func(a, b line) int { return int(a.at - b.at) })
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%12s %s\n", l.at, strings.ReplaceAll(l.text, "\n", "\n             "))
	}
	fmt.Fprintf(&b, "gone at %s, left %v\n", t.gone, t.left)
	return b.String()
}

// brief is a status in one line.
func brief(s *v1.PodStatus) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", s.Phase, s.Reason)
	for _, c := range s.Conditions {
		fmt.Fprintf(&b, " %.4s=%.1s", c.Type, c.Status)
	}
	for _, c := range slices.Concat(s.InitContainerStatuses, s.ContainerStatuses) {
		fmt.Fprintf(&b, " | %s r%d %s", c.Name, c.RestartCount, stateText(c.State))
		if c.Ready {
			b.WriteString(" ready")
		}
		if c.LastTerminationState.Terminated != nil {
			fmt.Fprintf(&b, " last %s", stateText(c.LastTerminationState))
		}
	}
	return b.String()
}

func stateText(s v1.ContainerState) string {
	switch {
	case s.Running != nil:
		return "running"
	case s.Waiting != nil:
		return "waiting " + s.Waiting.Reason
	case s.Terminated != nil:
		return fmt.Sprintf("ended %d %s", s.Terminated.ExitCode, s.Terminated.Reason)
	}
	return "?"
}
