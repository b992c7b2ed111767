package node

import (
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
)

// script is the whole story of one pod: what it is, what its processes do, and
// what befalls them. It decides everything that is random in a run.
type script struct {
	Pod *v1.Pod
	// Lives is what each attempt of a container does; the last is repeated.
	Lives map[string][]life
	// Pulls is how pulls of images go that the engine has not.
	Pulls map[string]pull
	// Steps befall the pod, in order of time.
	Steps []step
	// Settle is how long after the last step the pod is left in peace; then it
	// is deleted with Grace, if it is not already.
	Settle time.Duration
	Grace  int64
	// Seed decides how long each engine call takes and which ones a fault hits.
	Seed uint64
}

const podName = "p"

// life is what one attempt of a container does.
type life struct {
	// Broken: its process cannot be started.
	Broken bool
	// Life is how long it runs by itself; forever is for ever.
	Life time.Duration
	Code int
	OOM  bool
	// Term is how long it takes to end when told to; forever ignores it.
	Term     time.Duration
	TermCode int
	// Up is when the startup probe begins to pass, Sick when the liveness probe
	// begins to fail (0: never), Flap how long readiness lasts at a time (0: for
	// ever).
	Up, Sick, Flap time.Duration
	// How long the hooks take and how they end.
	PostStart, PreStop         time.Duration
	PostStartCode, PreStopCode int
}

const forever = 10_000 * time.Hour

// serve is a life without end that obeys.
var serve = life{Life: forever}

// pull is how the pulls of one image go: the first ones fail.
type pull struct {
	Fails int
	Takes time.Duration
}

// step is something that befalls the pod, at a time after its creation.
type step struct {
	At   time.Duration
	What befall
	// For is how long it lasts.
	For time.Duration
	// Rate in percent of what is hit; Late: only the reply is lost.
	Rate int
	Late bool
	// Who is a container's name.
	Who string
	// Grace of a deletion.
	Grace int64
	// Live: containers survive the engine.
	Live bool
}

// befall is what a step does.
type befall string

const (
	callsFail     befall = "calls fail"
	callsSlow     befall = "calls are slow"
	eventsLost    befall = "events are lost"
	writesFail    befall = "writes to the store fail"
	sandboxDies   befall = "the sandbox is killed"
	sandboxGoes   befall = "the sandbox is removed"
	pruned        befall = "what does not run is pruned"
	killed        befall = "a container is killed"
	removed       befall = "a container is removed"
	engineCrashes befall = "the engine crashes"
	nodeDies      befall = "the node dies"
	imageChanges  befall = "the image changes"
	deleted       befall = "deletion"
)

// fault is a step that is nobody's wish: promises about time do not hold
// around it.
func (s step) fault() bool { return s.What != deleted && s.What != imageChanges }

// failsStarts is a step that may let starts fail.
func (s step) failsStarts() bool {
	switch s.What {
	case callsFail, engineCrashes, sandboxDies, sandboxGoes, writesFail:
		return true
	}
	return false
}

// until is when the step is over.
func (s step) until() time.Duration { return s.At + s.For }

func (s script) lives(container string, attempt int) life {
	list := s.Lives[container]
	if len(list) == 0 {
		return serve
	}
	return list[min(attempt, len(list)-1)]
}

// program is what the engine runs for an attempt; nil cannot be started.
func (l life) program() fake.Program {
	if l.Broken {
		return nil
	}
	return func(p *fake.Proc) int {
		timer := time.NewTimer(l.Life)
		defer timer.Stop()
		for {
			select {
			case <-p.Context.Done():
				return 137
			case <-timer.C:
				if l.OOM {
					return fake.CodeOOM
				}
				return l.Code
			case <-p.Signals:
				if l.Term == forever {
					continue
				}
				p.Sleep(l.Term)
				return l.TermCode
			}
		}
	}
}

// command is what an exec in an attempt does, as its command line says; age is
// that of the instance.
func (l life) command(name string, age func() time.Duration) fake.Program {
	result := func(ok bool) int {
		if ok {
			return 0
		}
		return 1
	}
	return func(p *fake.Proc) int {
		switch name {
		case "startup":
			return result(age() >= l.Up)
		case "liveness":
			return result(l.Sick == 0 || age() < l.Sick)
		case "readiness":
			return result(l.Flap == 0 || (age()/l.Flap)%2 == 0)
		case "postStart":
			p.Sleep(l.PostStart)
			return l.PostStartCode
		case "preStop":
			p.Sleep(l.PreStop)
			return l.PreStopCode
		}
		return 127
	}
}

// containers are the pod's init containers and ordinary ones, in order.
func (s script) containers() []v1.Container {
	return slices.Concat(s.Pod.Spec.InitContainers, s.Pod.Spec.Containers)
}

func (s script) container(name string) *v1.Container {
	for _, c := range s.containers() {
		if c.Name == name {
			return &c
		}
	}
	return nil
}

func (s script) isInit(name string) bool {
	return slices.ContainsFunc(s.Pod.Spec.InitContainers, func(c v1.Container) bool { return c.Name == name })
}

func (s script) isSidecar(name string) bool {
	c := s.container(name)
	return s.isInit(name) && podspec.IsSidecar(c)
}

// String is the script as a person reads it.
func (s script) String() string {
	var b strings.Builder
	spec := &s.Pod.Spec
	fmt.Fprintf(&b, "pod %s grace=%d", spec.RestartPolicy, *spec.TerminationGracePeriodSeconds)
	if d := spec.ActiveDeadlineSeconds; d != nil {
		fmt.Fprintf(&b, " deadline=%d", *d)
	}
	fmt.Fprintf(&b, " seed=%d\n", s.Seed)
	for _, c := range s.containers() {
		fmt.Fprintf(&b, "  %s\n", s.describe(&c))
		for n, l := range s.Lives[c.Name] {
			fmt.Fprintf(&b, "    #%d %+v\n", n, l)
		}
	}
	for image, p := range s.Pulls {
		fmt.Fprintf(&b, "  pull %s: %+v\n", image, p)
	}
	for _, st := range s.Steps {
		fmt.Fprintf(&b, "  at %s: %+v\n", st.At, st)
	}
	fmt.Fprintf(&b, "  deleted %s after the last step, grace %d\n", s.Settle, s.Grace)
	return b.String()
}

// GoString is what rapid prints.
func (s script) GoString() string { return s.String() }

func (s script) describe(c *v1.Container) string {
	var parts []string
	kind := "container"
	if s.isSidecar(c.Name) {
		kind = "sidecar"
	} else if s.isInit(c.Name) {
		kind = "init"
	}
	parts = append(parts, kind, c.Name, c.Image, string(c.ImagePullPolicy))
	if c.RestartPolicy != nil && !s.isSidecar(c.Name) {
		parts = append(parts, "restart="+string(*c.RestartPolicy))
	}
	for _, r := range c.RestartPolicyRules {
		parts = append(parts, fmt.Sprintf("rule=%s(%s %v)", r.Action, r.ExitCodes.Operator, r.ExitCodes.Values))
	}
	for what, p := range map[string]*v1.Probe{"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe} {
		if p == nil {
			continue
		}
		grace := ""
		if p.TerminationGracePeriodSeconds != nil {
			grace = fmt.Sprintf(" grace %d", *p.TerminationGracePeriodSeconds)
		}
		parts = append(parts, fmt.Sprintf("%s=(every %ds, %d times%s)", what, p.PeriodSeconds, p.FailureThreshold, grace))
	}
	if l := c.Lifecycle; l != nil {
		for what, h := range map[string]*v1.LifecycleHandler{"postStart": l.PostStart, "preStop": l.PreStop} {
			switch {
			case h == nil:
			case h.Sleep != nil:
				parts = append(parts, fmt.Sprintf("%s=sleep(%d)", what, h.Sleep.Seconds))
			default:
				parts = append(parts, what)
			}
		}
	}
	return strings.Join(parts, " ")
}

// commandName is the first word of an exec, which names what it is.
func commandName(o runtime.ExecOptions) string {
	if len(o.Cmd) == 0 {
		return ""
	}
	return o.Cmd[0]
}
