package lifecycle_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/status"
)

// reference is where the pods recorded on a real node lie.
const reference = "../../../e2e/testdata/reference"

// forever is a time that does not come.
const forever = 1000 * time.Hour

// run is what one instance of a container does.
type run struct {
	life time.Duration // until it ends by itself
	code int
	// startError is why its process cannot be started.
	startError string
	// term is how long it lives on after the stop signal; forever ignores it.
	term      time.Duration
	termCode  int
	oom       bool
	postStart time.Duration
	hookFails bool
	preStop   time.Duration
	// up is when its startup probe passes, sick when its liveness probe fails.
	up, sick time.Duration
}

// serve is a run that ends with 0 on the stop signal.
var serve = run{life: forever}

// deaf is a run that ignores the stop signal.
var deaf = run{life: forever, term: forever}

// play is a story: a pod, what its containers do, and what happens to it.
type play struct {
	pod   *v1.Pod
	runs  map[string][]run // by attempt; the last one is repeated
	steps []step
	until time.Duration
	// start is how long a start takes.
	start time.Duration
	// problems holds the volumes back until then.
	problems time.Duration
	// pulls fail that often, by container.
	pulls map[string]int
	// starts fail with this, by container.
	fails map[string]Failure
}

type step struct {
	at time.Duration
	do func(*world)
}

// reporter is a test of the standard library or of rapid.
type reporter interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// due is something that happens at a time.
type due struct {
	at time.Duration
	do func()
}

// world carries out plans in virtual time.
type world struct {
	t        reporter
	p        play
	at       time.Duration
	agenda   []due
	snap     Snapshot
	seen     map[string]*seen
	statuses []string
	events   []string
	actions  []string
	gone     bool
	wakeAt   time.Time
	// history is every instance that ever was, by container.
	history map[string][]Instance
	// delays shadow the restart back-off, by container.
	delays map[string]time.Duration
}

type seen struct {
	Container
	runs  []run
	pulls int
	kills int // numbers the stops, so that a shortened one replaces another
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// perform plays a story to its end.
func perform(t reporter, p play) *world {
	t.Helper()
	if p.start == 0 {
		p.start = 100 * time.Millisecond
	}
	w := &world{t: t, p: p, seen: map[string]*seen{}, history: map[string][]Instance{}, delays: map[string]time.Duration{}}
	w.snap = Snapshot{Pod: p.pod.DeepCopy(), Node: Node{IPs: []string{"10.0.0.1"}}}
	w.snap.Pod.Status = status.Initial(w.snap.Pod)
	w.snap.Pod.CreationTimestamp = metav1.NewTime(epoch)
	for name, runs := range p.runs {
		w.seen[name] = &seen{runs: runs, Container: Container{SpecHash: "1"}}
	}
	for _, s := range p.steps {
		w.later(s.at, func() { s.do(w) })
	}
	if p.problems > 0 {
		w.snap.Volumes.Problems = []VolumeProblem{{Volume: "v", Message: `configmap "nope" not found`}}
		w.later(p.problems, func() { w.snap.Volumes.Problems = nil })
	}
	w.loop()
	return w
}

func (w *world) later(after time.Duration, do func()) {
	w.agenda = append(w.agenda, due{w.at + after, do})
	slices.SortStableFunc(w.agenda, func(a, b due) int { return int(a.at - b.at) })
}

func (w *world) now() time.Time { return epoch.Add(w.at) }

// loop decides and lets time pass until nothing is to come.
func (w *world) loop() {
	for range 10_000 {
		if w.gone {
			return
		}
		for w.decide() {
		}
		next, ok := w.next()
		if !ok || next > w.p.until {
			return
		}
		w.at = next
		for len(w.agenda) > 0 && w.agenda[0].at <= w.at {
			d := w.agenda[0]
			w.agenda = w.agenda[1:]
			d.do()
		}
	}
	w.t.Fatal("the story does not come to an end")
}

// next is when something happens next.
func (w *world) next() (time.Duration, bool) {
	var at time.Duration
	ok := len(w.agenda) > 0
	if ok {
		at = w.agenda[0].at
	}
	if !w.wakeAt.IsZero() {
		if wake := max(w.wakeAt.Sub(epoch), w.at); !ok || wake < at {
			at, ok = wake, true
		}
	}
	return at, ok
}

// decide looks once, publishes, and carries out; it says whether to look again.
func (w *world) decide() bool {
	w.publish()
	plan := Decide(w.snapshot())
	w.snap.Memory = remembered(w.t, plan.Memory)
	w.publish()
	w.wakeAt = plan.Wake
	if !plan.Wake.IsZero() && !plan.Wake.After(w.now()) {
		w.t.Fatalf("at %s: wake is not ahead:\n%s", w.at, plan)
	}
	for _, e := range plan.Events {
		w.events = append(w.events, e.String())
	}
	for _, a := range plan.Actions {
		w.actions = append(w.actions, w.at.String()+" "+a.String())
		w.check(a)
		w.carryOut(a)
	}
	return len(plan.Actions) > 0 && !w.gone
}

// remembered passes the memory through JSON, as the store does.
func remembered(t reporter, m Memory) Memory {
	t.Helper()
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Memory
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func (w *world) snapshot() Snapshot {
	s := w.snap
	s.Now = w.now()
	s.Pod = w.snap.Pod.DeepCopy()
	s.Containers = map[string]Container{}
	for name, c := range w.seen {
		o := c.Container
		o.Instances = slices.Clone(c.Instances)
		s.Containers[name] = o
	}
	return s
}

func (w *world) publish() {
	st := status.Compute(w.snapshot())
	w.checkStatus(st)
	w.snap.Pod.Status = st
	text := renderStatus(w.snap.Pod)
	if n := len(w.statuses); n == 0 || w.statuses[n-1] != text {
		w.statuses = append(w.statuses, text)
	}
}

// load reads the spec of a recorded pod, as the API server defaulted it.
func load(t *testing.T, name string) *v1.Pod {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(reference, name, "status.json"))
	if err != nil {
		t.Skip(err)
	}
	var pod v1.Pod
	if err := json.Unmarshal(b, &pod); err != nil {
		t.Fatal(err)
	}
	pod.Status = v1.PodStatus{}
	return &pod
}
