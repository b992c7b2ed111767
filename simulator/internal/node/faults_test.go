package node

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Each of these was a bug.

func TestAnAnswerThatWasOvertakenChangesNothing(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	is := func(s lifecycle.InstanceState, started, finished time.Duration) *instance {
		i := &instance{Instance: lifecycle.Instance{State: s, StartedAt: noon.Add(started)}}
		if s == lifecycle.Exited {
			i.FinishedAt = noon.Add(finished)
		}
		return i
	}
	tests := []struct {
		name       string
		known, now *instance
		want       bool
	}{
		{"created after running", is(lifecycle.Running, 0, 0), is(lifecycle.Created, 0, 0), true},
		{"running after its end", is(lifecycle.Exited, 0, time.Second), is(lifecycle.Running, 0, 0), true},
		{"running again, started by somebody else", is(lifecycle.Exited, 0, time.Second), is(lifecycle.Running, time.Minute, 0), false},
		{"ended after running", is(lifecycle.Running, 0, 0), is(lifecycle.Exited, 0, time.Second), false},
		{"running after created", is(lifecycle.Created, 0, 0), is(lifecycle.Running, 0, 0), false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.now.before(tc.known); got != tc.want {
				t.Errorf("overtaken: %v", got)
			}
		})
	}
}

func TestContainersThatVanishTogetherAreForgotten(t *testing.T) {
	t.Parallel()
	c := &container{name: "c", spec: &v1.Container{}}
	c.instances = []*instance{
		{id: "2", Instance: lifecycle.Instance{Attempt: 2, State: lifecycle.Created}},
		{id: "1", Instance: lifecycle.Instance{Attempt: 1, State: lifecycle.Created}},
		{id: "0", Instance: lifecycle.Instance{Attempt: 0, State: lifecycle.Running}},
	}
	w := &worker{containers: map[string]*container{"c": c}, observed: true}
	w.observeAll(nil, time.Now())
	if len(c.instances) != 1 || c.instances[0].State != lifecycle.Vanished {
		t.Errorf("left: %+v", c.instances)
	}
}

// scene is a script with one container c0 of a pod that says the rest.
func scene(spec string, lives ...life) script {
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: c0, image: \"app:1\"" + spec + "}\n"
	return script{Pod: decoded(text), Lives: map[string][]life{"c0": lives}, Settle: 60 * time.Second, Grace: 5}
}

// starts are when instances of c0 were started.
func starts(tr *trace) []time.Duration {
	var list []time.Duration
	for _, i := range tr.incarnations() {
		if i.name == "c0" && i.started != 0 {
			list = append(list, i.started)
		}
	}
	return list
}

func wantClean(t *testing.T, tr *trace) {
	t.Helper()
	if found := judged(tr); len(found) > 0 {
		t.Errorf("%s%s", list(found), tr)
	}
}

func TestProbesOfADeadInstanceDoNotKillTheNext(t *testing.T) {
	t.Parallel()
	s := scene(", startupProbe: {periodSeconds: 2, failureThreshold: 2, exec: {command: [startup]}}", life{Life: forever, Up: forever}, serve)
	tr := perform(t, s, plant{}, nil)
	wantClean(t, tr)
	if n := len(starts(tr)); n != 2 {
		t.Errorf("%d instances\n%s", n, tr)
	}
}

func TestALostAnswerToAStartIsFoundOut(t *testing.T) {
	t.Parallel()
	s := scene(", lifecycle: {postStart: {exec: {command: [postStart]}}}", serve)
	s.Steps = []step{
		{What: callsFail, At: 150 * time.Millisecond, For: 3 * time.Second, Rate: 100, Late: true},
		{What: eventsLost, For: 3 * time.Second, Rate: 100},
	}
	tr := perform(t, s, plant{}, nil)
	wantClean(t, tr)
	hooks := slices.IndexFunc(tr.execs, func(e *execution) bool { return e.what == "postStart" })
	if n := len(starts(tr)); n != 1 || hooks < 0 {
		t.Errorf("%d instances\n%s", n, tr)
	}
}

func TestTheImageMayChangeAtAnyMoment(t *testing.T) {
	t.Parallel()
	for at := 100 * time.Millisecond; at < 400*time.Millisecond; at += 5 * time.Millisecond {
		s := scene("", life{Broken: true}, life{Broken: true}, life{Broken: true}, serve)
		s.Steps = []step{{What: imageChanges, At: at, Who: "c0"}}
		wantClean(t, perform(t, s, plant{}, nil))
	}
}

func TestAPodLivesOnWhileTheStoreCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := scene("", life{Life: 2 * time.Second, Code: 1}, serve)
	s.Steps = []step{{What: writesFail, For: 20 * time.Second, Rate: 100}}
	tr := perform(t, s, plant{}, nil)
	wantClean(t, tr)
	if at := starts(tr); len(at) != 2 || at[1] > 3*time.Second {
		t.Errorf("started at %v\n%s", at, tr)
	}
	if len(tr.statuses) == 0 || tr.statuses[0].at > 22*time.Second {
		t.Errorf("nothing was written when the store worked again\n%s", tr)
	}
}

func TestAPodIsDeletedThoughItsObjectCannotBeRemovedAtOnce(t *testing.T) {
	t.Parallel()
	s := scene("", serve)
	s.Steps = []step{
		{What: deleted, At: 5 * time.Second, Grace: 1},
		{What: writesFail, At: 5 * time.Second, For: 20 * time.Second, Rate: 100},
	}
	tr := perform(t, s, plant{}, nil)
	wantClean(t, tr)
	if tr.gone < 25*time.Second || tr.gone > 40*time.Second {
		t.Errorf("gone at %s\n%s", tr.gone, tr)
	}
}

func TestASandboxThatCouldNotBeRemovedAtOnceGoesLater(t *testing.T) {
	t.Parallel()
	s := scene("", serve)
	s.Pod.Spec.ActiveDeadlineSeconds = ptr.To[int64](2)
	for at := 50 * time.Millisecond; at < 200*time.Millisecond; at += 5 * time.Millisecond { // at one of them it has just started
		s.Steps = []step{{What: callsFail, At: at, For: 5 * time.Second, Rate: 100}}
		wantClean(t, perform(t, s, plant{}, nil))
	}
}

func TestASleepingHookEndsWithItsContainer(t *testing.T) {
	t.Parallel()
	s := scene(", lifecycle: {postStart: {sleep: {seconds: 40}}}", life{Life: time.Second, Code: 1}, serve)
	s.Steps = []step{{What: deleted, At: 2 * time.Second, Grace: 5}}
	tr := perform(t, s, plant{}, nil)
	wantClean(t, tr)
	if tr.gone > 10*time.Second {
		t.Errorf("gone at %s\n%s", tr.gone, tr)
	}
}

func TestTheWorkerRestsWhileTheEngineIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var decided atomic.Int64
		w := newWorld(t, fake.Hooks{Program: func(runtime.ContainerSpec) fake.Program { return fake.Serve(0, 0) }})
		w.config = func(c *Config) {
			c.decide = func(s lifecycle.Snapshot) lifecycle.Plan {
				decided.Add(1)
				return lifecycle.Decide(s)
			}
		}
		w.store.put(pod(t, jobPod))
		w.start()
		time.Sleep(5 * time.Second)
		w.engine.Crash(true)
		time.Sleep(time.Second)
		before := decided.Load()
		time.Sleep(time.Minute)
		if n := decided.Load() - before; n > 10 {
			t.Errorf("decided %d times in a minute without an engine", n)
		}
		w.engine.Start()
		w.close()
	})
}

func TestALostAnswerToALookIsAskedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		failed := 0
		w := newWorld(t, fake.Hooks{
			Program: func(s runtime.ContainerSpec) fake.Program { return fake.Exit(0, 3*time.Second) },
			Moment:  func(m fake.Moment) { ended.Store(ended.Load() || m.What == fake.Ended) },
			Before: func(_ context.Context, c fake.Call) error {
				if c.Op == "inspect" && ended.Load() && failed < 2 {
					failed++
					return fmt.Errorf("not now: %w", runtime.ErrUnavailable)
				}
				return nil
			},
		})
		w.store.put(pod(t, jobPod))
		w.start()
		time.Sleep(10 * time.Second)
		if p := w.store.last().Phase; p != v1.PodSucceeded {
			t.Errorf("phase %q, want Succeeded long before the next list", p)
		}
		w.close()
	})
}
