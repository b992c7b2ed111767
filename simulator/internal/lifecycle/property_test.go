package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"pgregory.net/rapid"

	. "github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/status"
)

// drawPod is any pod: up to three init containers, some of them sidecars, and
// up to three ordinary ones.
func drawPod(t *rapid.T) *v1.Pod {
	pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", UID: "u", Generation: 1}}
	pod.Spec.RestartPolicy = rapid.SampledFrom([]v1.RestartPolicy{"Always", "OnFailure", "Never"}).Draw(t, "policy")
	pod.Spec.TerminationGracePeriodSeconds = ptr.To(rapid.Int64Range(0, 9).Draw(t, "grace"))
	if rapid.IntRange(0, 3).Draw(t, "deadline") == 0 {
		pod.Spec.ActiveDeadlineSeconds = ptr.To(rapid.Int64Range(1, 60).Draw(t, "seconds"))
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "inits") {
		c := drawContainer(t, fmt.Sprintf("i%d", i))
		if rapid.Bool().Draw(t, "sidecar") {
			c.RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
		}
		pod.Spec.InitContainers = append(pod.Spec.InitContainers, c)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "apps") {
		c := drawContainer(t, fmt.Sprintf("a%d", i))
		if rapid.IntRange(0, 4).Draw(t, "own policy") == 0 {
			c.RestartPolicy = ptr.To(rapid.SampledFrom([]v1.ContainerRestartPolicy{"Always", "OnFailure", "Never"}).Draw(t, "its policy"))
			c.RestartPolicyRules = drawRules(t)
		}
		pod.Spec.Containers = append(pod.Spec.Containers, c)
	}
	return pod
}

func drawContainer(t *rapid.T, name string) v1.Container {
	c := v1.Container{Name: name, Image: "image:1"}
	if rapid.Bool().Draw(t, "hook") {
		c.Lifecycle = &v1.Lifecycle{PreStop: &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: 1}}}
	}
	if rapid.IntRange(0, 3).Draw(t, "startup") == 0 {
		c.StartupProbe = &v1.Probe{}
	}
	return c
}

func drawRules(t *rapid.T) []v1.ContainerRestartRule {
	if rapid.Bool().Draw(t, "no rule") {
		return nil
	}
	return []v1.ContainerRestartRule{{
		Action: v1.ContainerRestartRuleActionRestart,
		ExitCodes: &v1.ContainerRestartRuleOnExitCodes{
			Operator: v1.ContainerRestartRuleOnExitCodesOpIn, Values: []int32{1},
		},
	}}
}

func names(pod *v1.Pod) []string {
	var list []string
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		list = append(list, c.Name)
	}
	return list
}

// drawSnapshot is any snapshot, sensible or not.
func drawSnapshot(t *rapid.T) Snapshot {
	s := Snapshot{Now: epoch, Pod: drawPod(t), Containers: map[string]Container{}}
	ago := func(label string) time.Time {
		return epoch.Add(-time.Duration(rapid.IntRange(0, 900).Draw(t, label)) * time.Second)
	}
	s.Sandbox = Sandbox{
		State:    rapid.SampledFrom([]SandboxState{SandboxNone, SandboxStarted, SandboxReady, SandboxDead}).Draw(t, "sandbox"),
		Attempt:  rapid.IntRange(0, 2).Draw(t, "attempt"),
		Stopping: rapid.IntRange(0, 9).Draw(t, "stopping") == 0,
	}
	for _, name := range names(s.Pod) {
		s.Containers[name] = drawSeen(t, ago)
	}
	if rapid.Bool().Draw(t, "remembers") {
		s.Memory = Decide(s).Memory
		s.Sandbox.State = rapid.SampledFrom([]SandboxState{SandboxNone, SandboxReady, SandboxDead}).Draw(t, "sandbox now")
		for _, name := range names(s.Pod) {
			s.Containers[name] = drawSeen(t, ago)
		}
		s.Now = s.Now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "later")) * time.Second)
	}
	if rapid.IntRange(0, 3).Draw(t, "deleted") == 0 {
		g := rapid.Int64Range(0, 9).Draw(t, "within")
		s.Pod.DeletionTimestamp, s.Pod.DeletionGracePeriodSeconds = &metav1.Time{Time: s.Now}, &g
	}
	return s
}

func drawSeen(t *rapid.T, ago func(string) time.Time) Container {
	c := Container{
		Busy:       rapid.SampledFrom([]Busy{Idle, Idle, Idle, BusyImage, BusyStart, BusyPreStop, BusyStop, BusyRemove}).Draw(t, "busy"),
		ImageReady: rapid.Bool().Draw(t, "image"),
		SpecHash:   rapid.SampledFrom([]string{"1", "1", "2"}).Draw(t, "hash"),
	}
	results := rapid.SampledFrom([]ProbeResult{ProbeUnknown, ProbeSuccess, ProbeFailure})
	c.Probes = Probes{results.Draw(t, "startup"), results.Draw(t, "liveness"), results.Draw(t, "readiness")}
	for n := rapid.IntRange(0, 3).Draw(t, "instances"); n > 0; n-- {
		c.Instances = append(c.Instances, Instance{
			ID: fmt.Sprint(n), Attempt: n - 1, SpecHash: "1",
			State:          rapid.SampledFrom([]InstanceState{Running, Exited, Exited, Vanished, Created}).Draw(t, "state"),
			ExitCode:       rapid.IntRange(0, 1).Draw(t, "code"),
			FinishedAt:     ago("finished"),
			SandboxAttempt: rapid.IntRange(0, 2).Draw(t, "in"),
			PostStart:      rapid.SampledFrom([]HookState{HookNone, HookNone, HookRunning, HookFailed}).Draw(t, "postStart"),
			PreStop:        rapid.SampledFrom([]HookState{HookNone, HookRunning, HookDone}).Draw(t, "preStop"),
		})
	}
	if rapid.IntRange(0, 2).Draw(t, "failed") == 0 {
		c.Failure = &Failure{At: ago("failure"), Reason: rapid.SampledFrom([]string{
			ReasonErrImagePull, ReasonErrImageNeverPull, ReasonRunContainerError, ReasonPostStartHookError, "CreateContainerConfigError",
		}).Draw(t, "reason")}
	}
	return c
}

func TestAnySnapshotGivesASensiblePlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSnapshot(t)
		plan := Decide(s)
		if !plan.Wake.IsZero() && !plan.Wake.After(s.Now) {
			t.Fatalf("wake is not ahead:\n%s", plan)
		}
		starts, asked := 0, map[string]bool{}
		for _, a := range plan.Actions {
			if a.Container == "" {
				continue
			}
			if asked[a.Container] {
				t.Fatalf("two actions for %s:\n%s", a.Container, plan)
			}
			asked[a.Container] = true
			sensible(t, &s, a, plan)
			if a.Kind == ActStart || a.Kind == ActImage {
				starts++
			}
		}
		if starts > 1 {
			t.Fatalf("%d starts at once:\n%s", starts, plan)
		}
		again := s
		again.Memory = plan.Memory
		if twice := Decide(again); len(twice.Events) > 0 {
			t.Fatalf("told again:\n%s\nafter\n%s", twice, plan)
		}
		checkStatus(t, s, status.Compute(s))
		checkStatus(t, s, status.Compute(again))
	})
}

// sensible holds what every action obeys.
func sensible(t *rapid.T, s *Snapshot, a Action, plan Plan) {
	c := s.Containers[a.Container]
	runs := slices.IndexFunc(c.Instances, func(i Instance) bool { return i.State == Running })
	switch a.Kind {
	case ActStart, ActImage:
		if c.Busy != Idle || runs >= 0 || s.Sandbox.State != SandboxReady || s.Pod.DeletionTimestamp != nil {
			t.Fatalf("must not %s:\n%s", a, plan)
		}
	case ActStop, ActPreStop:
		if runs < 0 || a.Attempt != c.Instances[runs].Attempt {
			t.Fatalf("nothing to %s:\n%s", a, plan)
		}
		if a.Kind == ActStop && a.Grace < 2*time.Second {
			t.Fatalf("too little grace to %s:\n%s", a, plan)
		}
	case ActRemove:
		if i := slices.IndexFunc(c.Instances, func(i Instance) bool { return i.Attempt == a.Attempt }); i < 0 || c.Instances[i].State == Running {
			t.Fatalf("must not %s:\n%s", a, plan)
		}
	}
}

// checkStatus holds what is true of every status of a kubelet.
func checkStatus(t reporter, s Snapshot, st v1.PodStatus) {
	t.Helper()
	if len(st.ContainerStatuses) != len(s.Pod.Spec.Containers) || len(st.InitContainerStatuses) != len(s.Pod.Spec.InitContainers) {
		t.Fatalf("containers are missing: %+v", st)
	}
	for _, c := range slices.Concat(st.InitContainerStatuses, st.ContainerStatuses) {
		n := 0
		for _, set := range []bool{c.State.Running != nil, c.State.Waiting != nil, c.State.Terminated != nil} {
			if set {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%s has %d states: %+v", c.Name, n, c.State)
		}
		if c.LastTerminationState.Running != nil || c.LastTerminationState.Waiting != nil {
			t.Fatalf("%s did not end: %+v", c.Name, c.LastTerminationState)
		}
	}
	switch st.Phase {
	case v1.PodPending, v1.PodRunning, v1.PodSucceeded, v1.PodFailed:
	default:
		t.Fatalf("phase is %q", st.Phase)
	}
}

// drawRun is any life of a container.
func drawRun(t *rapid.T, startup bool) run {
	seconds := func(label string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(t, label)) * time.Second
	}
	r := run{life: forever, code: rapid.IntRange(0, 1).Draw(t, "code")}
	if rapid.IntRange(0, 2).Draw(t, "ends") > 0 {
		r.life = seconds("life", 30)
	}
	switch rapid.IntRange(0, 9).Draw(t, "trouble") {
	case 0:
		r.startError = "no such file"
	case 1:
		r.hookFails, r.postStart = true, time.Second
	case 2:
		r.sick = time.Second + seconds("sick", 20)
	case 3:
		r.term = forever
	case 4:
		r.postStart = seconds("postStart", 9)
	}
	if r.term == 0 {
		r.term, r.termCode = seconds("term", 12), rapid.IntRange(0, 1).Draw(t, "term code")
	}
	r.preStop = seconds("preStop", 12)
	if startup {
		r.up = seconds("up", 9)
	}
	return r
}

// drawPlay is any story. It ends with a deletion. In a lossy one nothing is
// taken from the engine, since nothing else is left to know of it.
func drawPlay(t *rapid.T, lossy bool) play {
	p := play{pod: drawPod(t), runs: map[string][]run{}, until: time.Hour, pulls: map[string]int{}}
	for _, c := range slices.Concat(p.pod.Spec.InitContainers, p.pod.Spec.Containers) {
		for range rapid.IntRange(1, 3).Draw(t, "lives") {
			p.runs[c.Name] = append(p.runs[c.Name], drawRun(t, c.StartupProbe != nil))
		}
		p.pulls[c.Name] = max(0, rapid.IntRange(-6, 2).Draw(t, "pulls fail"))
	}
	at := func(label string) time.Duration {
		return time.Duration(rapid.IntRange(0, 90_000).Draw(t, label)) * time.Millisecond
	}
	if rapid.IntRange(0, 3).Draw(t, "sandbox dies") == 0 {
		p.steps = append(p.steps, step{at("when"), killSandbox})
	}
	if !lossy && rapid.IntRange(0, 3).Draw(t, "vanishes") == 0 {
		name := rapid.SampledFrom(names(p.pod)).Draw(t, "who")
		p.steps = append(p.steps, step{at("when"), vanish(name)})
	}
	p.steps = append(p.steps, step{200*time.Second + at("deleted"), deleteWithin(rapid.Int64Range(0, 30).Draw(t, "within"))})
	if rapid.Bool().Draw(t, "again") {
		p.steps = append(p.steps, step{295 * time.Second, deleteWithin(rapid.Int64Range(0, 30).Draw(t, "then"))})
	}
	return p
}

// killSandbox ends the pause process.
func killSandbox(w *world) {
	if w.snap.Sandbox.State == SandboxReady {
		w.snap.Sandbox.State = SandboxDead
	}
}

// vanish takes a container's newest instance away from the engine.
func vanish(name string) func(*world) {
	return func(w *world) {
		c := w.seen[name]
		if c.Busy == Idle && len(c.Instances) > 0 {
			c.Instances = c.Instances[1:]
		}
	}
}

// forget takes the memory away, as if the state had been lost.
func forget(w *world) { w.snap.Memory = Memory{} }

func TestAnyStoryKeepsTheRulesAndEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := perform(t, drawPlay(t, false))
		if !w.gone {
			t.Fatalf("the pod was deleted and is still there after %s:\n%s", w.at, w.statuses[len(w.statuses)-1])
		}
	})
}

func TestAStoryGoesOnWhenItsMemoryIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlay(t, true)
		for i := range p.pod.Spec.Containers {
			p.pod.Spec.Containers[i].RestartPolicyRules = nil // nothing is left of the runs before
		}
		for range rapid.IntRange(1, 3).Draw(t, "losses") {
			at := time.Duration(rapid.IntRange(0, 300_000).Draw(t, "lost at")) * time.Millisecond
			p.steps = append(p.steps, step{at, forget})
		}
		w := perform(t, p)
		if !w.gone {
			t.Fatalf("the pod was deleted and is still there after %s:\n%s", w.at, w.statuses[len(w.statuses)-1])
		}
	})
}
