package node

import (
	"context"
	"slices"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// TestEveryRuleFindsAPlantedBug plants a bug and wants the rule that is there
// for it to find it before long.
func TestEveryRuleFindsAPlantedBug(t *testing.T) {
	t.Parallel()
	const patience = 2000 // scripts
	found := map[string]bool{}
	for _, tc := range planted() {
		found[tc.rule] = true
		t.Run(tc.bug, func(t *testing.T) {
			t.Parallel()
			for n := range patience {
				s := scripts.Example(n)
				if tc.plant.fits != nil && !tc.plant.fits(s) {
					continue
				}
				tr := perform(t, s, tc.plant, nil)
				if slices.ContainsFunc(judged(tr), func(v violation) bool { return v.rule == tc.rule }) {
					t.Logf("%q was found by %q in script %d", tc.bug, tc.rule, n)
					return
				}
			}
			t.Errorf("%q did not find it in %d scripts", tc.rule, patience)
		})
	}
	for _, r := range rules() {
		if !found[r.name] {
			t.Errorf("no bug is planted for the rule %q", r.name)
		}
	}
}

type plantedBug struct {
	bug, rule string
	plant     plant
}

// where is the plant in scripts in which it may show.
func (p plant) where(fits func(s script) bool) plant {
	p.fits = fits
	return p
}

func befallen(what befall) func(s script) bool {
	return func(s script) bool {
		return slices.ContainsFunc(s.Steps, func(st step) bool { return st.What == what && st.Rate == 100 && st.For > 2*time.Second })
	}
}

func alone(s script) bool {
	return len(s.containers()) == 1 && len(s.Pulls) == 0 && !slices.ContainsFunc(s.Steps, step.fault)
}

func hasSidecar(s script) bool {
	return slices.ContainsFunc(s.Pod.Spec.InitContainers, func(c v1.Container) bool { return s.isSidecar(c.Name) })
}

// seen is a plant that shows the decision another snapshot.
func seen(change func(s *lifecycle.Snapshot)) plant {
	return plant{decide: func(s lifecycle.Snapshot) lifecycle.Plan {
		change(&s)
		return lifecycle.Decide(s)
	}}
}

// acted is a plant that carries out another plan.
func acted(change func(s *lifecycle.Snapshot, p *lifecycle.Plan)) plant {
	return plant{decide: func(s lifecycle.Snapshot) lifecycle.Plan {
		p := lifecycle.Decide(s)
		change(&s, &p)
		return p
	}}
}

// each is a plant that changes the status of every container.
func each(change func(c *v1.ContainerStatus)) plant {
	return plant{status: func(s *v1.PodStatus) {
		for i := range s.ContainerStatuses {
			change(&s.ContainerStatuses[i])
		}
	}}
}

// each action of a kind is changed.
func actions(p *lifecycle.Plan, kind lifecycle.ActionKind, change func(a *lifecycle.Action)) {
	for i := range p.Actions {
		if p.Actions[i].Kind == kind {
			change(&p.Actions[i])
		}
	}
}

// sidecars of a snapshot's pod.
func sidecars(s *lifecycle.Snapshot, change func(c *v1.Container)) {
	for i := range s.Pod.Spec.InitContainers {
		if c := &s.Pod.Spec.InitContainers[i]; podspec.IsSidecar(c) {
			change(c)
		}
	}
}

// always makes a pod's containers restart whatever they exit with.
func always(s *lifecycle.Snapshot) {
	s.Pod.Spec.RestartPolicy = v1.RestartPolicyAlways
	for i := range s.Pod.Spec.Containers {
		s.Pod.Spec.Containers[i].RestartPolicy = nil
	}
}

// keepsSandboxes is an engine that says it removed a sandbox and did not.
type keepsSandboxes struct{ *fake.Engine }

func (e keepsSandboxes) RemoveContainer(ctx context.Context, id runtime.ContainerID) error {
	if c, err := e.Engine.Container(ctx, id); err == nil && c.Meta.Kind == runtime.KindSandbox {
		return nil
	}
	return e.Engine.RemoveContainer(ctx, id)
}

// keepsVolumes is an engine that says it removed a volume and did not.
type keepsVolumes struct{ *fake.Engine }

func (e keepsVolumes) RemoveVolume(context.Context, string) error { return nil }

func planted() []plantedBug {
	return slices.Concat(plantedOrder(), plantedRestarts(), plantedStatus(), plantedEnds())
}

func plantedOrder() []plantedBug {
	return []plantedBug{
		{"init containers count as done", "init containers come first and in order", seen(func(s *lifecycle.Snapshot) {
			s.Memory.InitDone = map[string]bool{}
			for _, c := range s.Pod.Spec.InitContainers {
				s.Memory.InitDone[c.Name] = true
			}
		})},
		{"startup probes of sidecars are not waited for", "sidecars are started before what follows", seen(func(s *lifecycle.Snapshot) {
			sidecars(s, func(c *v1.Container) { c.StartupProbe = nil })
		})},
		{"what runs is overlooked", "never two instances of a container", seen(func(s *lifecycle.Snapshot) {
			for name, c := range s.Containers {
				if len(c.Instances) > 0 && c.Instances[0].State == lifecycle.Running && s.Now.Sub(c.Instances[0].StartedAt) > 5*time.Second {
					c.Instances = nil
					s.Containers[name] = c
				}
			}
		})},
		{"the sandbox is overlooked and stays", "never two sandboxes", plant{
			engine: func(e *fake.Engine) runtime.Engine { return keepsSandboxes{e} },
			decide: func(s lifecycle.Snapshot) lifecycle.Plan {
				if s.Sandbox.Attempt == 0 && s.Sandbox.State == lifecycle.SandboxReady && s.Now.Sub(s.Sandbox.CreatedAt) > 5*time.Second {
					s.Sandbox.State = lifecycle.SandboxDead
				}
				return lifecycle.Decide(s)
			},
		}},
	}
}

func plantedRestarts() []plantedBug {
	return []plantedBug{
		{"a restart skips a number", "attempts are numbered without gaps", acted(func(_ *lifecycle.Snapshot, p *lifecycle.Plan) {
			actions(p, lifecycle.ActStart, func(a *lifecycle.Action) {
				if a.Attempt == 1 {
					a.Attempt = 2
				}
			})
		})},
		{"a restart is not counted", "restart counts only grow and are right", each(func(c *v1.ContainerStatus) { c.RestartCount /= 2 })},
		{"the back-off is half as long", "back-off is never shorter than the rule", seen(func(s *lifecycle.Snapshot) { s.BackoffScale = 0.5 })},
		{"the back-off is three times as long", "the first restart is at once", seen(func(s *lifecycle.Snapshot) { s.BackoffScale = 3 }).where(alone)},
		{"policies are not asked", "nothing restarts against its policy", seen(always)},
		{"what ended is not started again", "the pod comes to what its programs say", acted(func(_ *lifecycle.Snapshot, p *lifecycle.Plan) {
			p.Actions = slices.DeleteFunc(p.Actions, func(a lifecycle.Action) bool { return a.Kind == lifecycle.ActImage && a.Attempt > 0 })
		})},
		{"events are trusted", "statuses tell the truth", plant{timing: Timing{Relist: 24 * time.Hour}}.where(befallen(eventsLost))},
	}
}

func plantedStatus() []plantedBug {
	return []plantedBug{
		{"everything is ready", "each status is one of a kubelet", each(func(c *v1.ContainerStatus) { c.Ready = true })},
		{"a pod fails with its first restart", "phases follow each other", plant{status: func(s *v1.PodStatus) {
			for _, c := range s.ContainerStatuses {
				if c.RestartCount == 1 {
					s.Phase = v1.PodFailed
				}
			}
		}}},
		{"an exit code is another", "statuses tell the truth", each(func(c *v1.ContainerStatus) {
			if c.State.Terminated != nil {
				c.State.Terminated.ExitCode++
			}
		})},
		{"the last end is that of the present instance", "statuses tell the truth", each(func(c *v1.ContainerStatus) {
			if c.LastTerminationState.Terminated != nil {
				c.LastTerminationState.Terminated.ContainerID = c.ContainerID
			}
		})},
		{"conditions change their times", "each status is one of a kubelet", plant{status: func(s *v1.PodStatus) {
			for i := range s.Conditions {
				s.Conditions[i].LastTransitionTime.Time = time.Now()
			}
		}}},
		{"what ended is shown as running", "statuses tell the truth", each(func(c *v1.ContainerStatus) {
			if e := c.State.Terminated; e != nil && e.ContainerID != "" {
				c.State = v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: e.StartedAt}}
			}
		})},
	}
}

func plantedEnds() []plantedBug {
	return []plantedBug{
		{"a stop kills at once", "nobody is killed before its grace is over", acted(func(_ *lifecycle.Snapshot, p *lifecycle.Plan) {
			actions(p, lifecycle.ActStop, func(a *lifecycle.Action) { a.Grace = 100 * time.Millisecond })
		})},
		{"a stop waits too long", "nobody lives longer than its grace", acted(func(_ *lifecycle.Snapshot, p *lifecycle.Plan) {
			actions(p, lifecycle.ActStop, func(a *lifecycle.Action) { a.Grace += 10 * time.Second })
		})},
		{"preStop hooks are forgotten", "preStop comes before the signal", seen(func(s *lifecycle.Snapshot) {
			for _, list := range [][]v1.Container{s.Pod.Spec.InitContainers, s.Pod.Spec.Containers} {
				for i := range list {
					list[i].Lifecycle = nil
				}
			}
		})},
		{"sidecars end with the others", "sidecars end last, in reverse order", seen(func(s *lifecycle.Snapshot) {
			if s.Pod.DeletionTimestamp != nil {
				sidecars(s, func(c *v1.Container) { c.RestartPolicy = nil })
			}
		}).where(hasSidecar)},
		{"a finished pod begins again", "a finished pod stays finished", seen(func(s *lifecycle.Snapshot) {
			if s.Memory.Finished {
				s.Memory.Finished, s.Memory.Verdict, s.Memory.Terminating = false, nil, time.Time{}
				always(s)
			}
		})},
		{"a volume stays", "a deleted pod leaves nothing", plant{engine: func(e *fake.Engine) runtime.Engine { return keepsVolumes{e} }}},
		{"the worker never rests", "an idle pod costs nothing", acted(func(s *lifecycle.Snapshot, p *lifecycle.Plan) { p.Wake = s.Now.Add(time.Second / 4) })},
		{"the worker spins", "an idle pod costs nothing", acted(func(s *lifecycle.Snapshot, p *lifecycle.Plan) { p.Wake = s.Now })},
	}
}
