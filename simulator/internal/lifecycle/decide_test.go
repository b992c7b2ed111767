package lifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// healthy is a running pod: init container i is done, sidecar s, a and b run.
func healthy() *Snapshot {
	container := func(name string) v1.Container {
		return v1.Container{Name: name, Image: name + ":1"}
	}
	sidecar := container("s")
	sidecar.RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
	s := &Snapshot{
		Now: noon,
		Pod: &v1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "default", UID: "u"},
			Spec: v1.PodSpec{
				RestartPolicy:                 v1.RestartPolicyAlways,
				TerminationGracePeriodSeconds: ptr.To[int64](30),
				InitContainers:                []v1.Container{container("i"), sidecar},
				Containers:                    []v1.Container{container("a"), container("b")},
			},
		},
		Sandbox:    Sandbox{State: SandboxReady, IPs: []string{"10.0.0.2"}},
		Containers: map[string]Container{},
		Memory: Memory{
			StartTime: noon.Add(-time.Minute), Sandboxes: 1, AppStarted: true,
			InitDone: map[string]bool{"i": true}, Containers: map[string]ContainerMemory{},
		},
	}
	for _, name := range []string{"s", "a", "b"} {
		s.run(name, 0)
	}
	s.run("i", 0)
	s.exit("i", 0, -50*time.Second)
	return s
}

// run puts a running instance in.
func (s *Snapshot) run(name string, attempt int) {
	c := s.Containers[name]
	c.SpecHash = "h"
	c.Instances = append([]Instance{{
		ID: name, Attempt: attempt, State: Running, SpecHash: "h", StartedAt: s.Now.Add(-time.Minute),
	}}, c.Instances...)
	s.Containers[name] = c
}

// exit ends the newest instance, some time from now.
func (s *Snapshot) exit(name string, code int, at time.Duration) {
	i := &s.Containers[name].Instances[0]
	i.State, i.ExitCode, i.FinishedAt = Exited, code, s.Now.Add(at)
}

// none takes all instances of a container away.
func (s *Snapshot) none(name string) { s.Containers[name] = Container{SpecHash: "h"} }

// with changes what is seen of a container.
func (s *Snapshot) with(name string, f func(*Container)) {
	c := s.Containers[name]
	f(&c)
	s.Containers[name] = c
}

// recall changes what is remembered of a container.
func (s *Snapshot) recall(name string, f func(*ContainerMemory)) {
	c := s.Memory.Containers[name]
	f(&c)
	s.Memory.Containers[name] = c
}

func (s *Snapshot) spec(name string) *v1.Container {
	for _, list := range [][]v1.Container{s.Pod.Spec.InitContainers, s.Pod.Spec.Containers} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

func (s *Snapshot) delete(grace int64) {
	t := metav1.NewTime(s.Now.Add(time.Duration(grace) * time.Second))
	s.Pod.DeletionTimestamp, s.Pod.DeletionGracePeriodSeconds = &t, &grace
}

// fresh is a pod of which nothing was made.
func (s *Snapshot) fresh() {
	s.Sandbox, s.Memory = Sandbox{}, Memory{StartTime: noon}
	for name := range s.Containers {
		s.none(name)
	}
}

type decideTest struct {
	name   string
	change func(*Snapshot)
	want   []string
}

func runDecideTests(t *testing.T, tests []decideTest) {
	t.Helper()
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := healthy()
			tc.change(s)
			got := strings.Split(strings.TrimSuffix(Decide(*s).String(), "\n"), "\n")
			if len(got) == 1 && got[0] == "" {
				got = nil
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecideStartsContainersInOrder(t *testing.T) {
	t.Parallel()
	runDecideTests(t, []decideTest{
		{"a healthy pod needs nothing", func(*Snapshot) {}, nil},
		{"a new pod gets a sandbox first", (*Snapshot).fresh, []string{
			"create sandbox #0: the pod has none",
		}},
		{"while the sandbox is made nothing else happens", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxStarted
		}, nil},
		{"the first init container follows the sandbox", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
		}, []string{"ensure image i #0: never started"}},
		{"a container is started once its image is there", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.with("i", func(c *Container) { c.ImageReady = true })
		}, []string{"start i #0: never started"}},
		{"nothing is asked for twice", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.with("i", func(c *Container) { c.Busy = BusyImage })
		}, nil},
		{"what follows an init container waits for its end", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.run("i", 0)
		}, nil},
		{"a sidecar follows the init container that ended well", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.run("i", 0)
			s.exit("i", 0, 0)
		}, []string{"ensure image s #0: never started"}},
		{"an init container that was pruned after its end is not run again", func(s *Snapshot) {
			s.none("i")
			s.none("a")
			s.none("b")
		}, []string{"ensure image a #0: never started"}},
		{"a sidecar that has not passed its startup probe holds back the rest", func(s *Snapshot) {
			s.none("a")
			s.none("b")
			s.spec("s").StartupProbe = &v1.Probe{}
		}, nil},
		{"a sidecar that has passed it does not", func(s *Snapshot) {
			s.none("a")
			s.none("b")
			s.spec("s").StartupProbe = &v1.Probe{}
			s.with("s", func(c *Container) { c.Probes.Startup = ProbeSuccess })
		}, []string{"ensure image a #0: never started"}},
		{"the second container waits for the first one's postStart hook", func(s *Snapshot) {
			s.none("b")
			s.with("a", func(c *Container) { c.Busy, c.Instances[0].PostStart = BusyStart, HookRunning })
		}, nil},
		{"a start that failed does not hold back the next container", func(s *Snapshot) {
			s.none("a")
			s.none("b")
			s.with("a", func(c *Container) {
				c.Failure = &Failure{At: noon, Reason: "CreateContainerConfigError", Message: "no"}
			})
		}, []string{"ensure image b #0: never started", "wake in 10s"}},
		{"a start that failed is tried again ten seconds later", func(s *Snapshot) {
			s.none("a")
			s.with("a", func(c *Container) {
				c.Failure = &Failure{At: noon.Add(-10 * time.Second), Reason: "CreateContainerConfigError", Message: "no"}
			})
		}, []string{"ensure image a #0: never started"}},
		{"an ephemeral container is started once", func(s *Snapshot) {
			s.Pod.Spec.EphemeralContainers = []v1.EphemeralContainer{{EphemeralContainerCommon: v1.EphemeralContainerCommon{Name: "e"}}}
		}, []string{"ensure image e #0: never started"}},
		{"and not again", func(s *Snapshot) {
			s.Pod.Spec.EphemeralContainers = []v1.EphemeralContainer{{EphemeralContainerCommon: v1.EphemeralContainerCommon{Name: "e"}}}
			s.run("e", 0)
			s.exit("e", 1, 0)
		}, nil},
	})
}

func TestDecideRestarts(t *testing.T) {
	t.Parallel()
	crashed := func(s *Snapshot) { s.exit("a", 1, -time.Second) }
	runDecideTests(t, []decideTest{
		{"the first restart is immediate", crashed, []string{"ensure image a #1: exited with 1"}},
		{"Never leaves an ended container alone", func(s *Snapshot) {
			crashed(s)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
		}, nil},
		{"OnFailure leaves a container that ended well alone", func(s *Snapshot) {
			s.exit("a", 0, 0)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyOnFailure
		}, nil},
		{"the container's own policy wins", func(s *Snapshot) {
			crashed(s)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
			s.spec("a").RestartPolicy = ptr.To(v1.ContainerRestartPolicyOnFailure)
		}, []string{"ensure image a #1: exited with 1"}},
		{"a rule wins over both", func(s *Snapshot) {
			s.exit("a", 42, 0)
			s.spec("a").RestartPolicy = ptr.To(v1.ContainerRestartPolicyNever)
			s.spec("a").RestartPolicyRules = []v1.ContainerRestartRule{{
				Action:    v1.ContainerRestartRuleActionRestart,
				ExitCodes: &v1.ContainerRestartRuleOnExitCodes{Operator: v1.ContainerRestartRuleOnExitCodesOpIn, Values: []int32{42}},
			}}
		}, []string{"ensure image a #1: exited with 42"}},
		{"a rule that does not match is no rule", func(s *Snapshot) {
			s.exit("a", 42, 0)
			s.spec("a").RestartPolicy = ptr.To(v1.ContainerRestartPolicyNever)
			s.spec("a").RestartPolicyRules = []v1.ContainerRestartRule{{
				Action:    v1.ContainerRestartRuleActionRestart,
				ExitCodes: &v1.ContainerRestartRuleOnExitCodes{Operator: v1.ContainerRestartRuleOnExitCodesOpNotIn, Values: []int32{42}},
			}}
		}, nil},
		{"the second restart waits for the back-off, counted from the end", func(s *Snapshot) {
			crashed(s)
			s.recall("a", func(m *ContainerMemory) { m.Backoff = Backoff{10 * time.Second, noon.Add(-2 * time.Second), "h"} })
		}, []string{"Warning a BackOff: Back-off restarting failed container a in pod p_default(u)", "wake in 9s"}},
		{"a back-off that is over lets the restart through", func(s *Snapshot) {
			s.exit("a", 1, -10*time.Second)
			s.recall("a", func(m *ContainerMemory) { m.Backoff = Backoff{10 * time.Second, noon.Add(-20 * time.Second), "h"} })
		}, []string{"ensure image a #1: exited with 1"}},
		{"a back-off of another definition does not count", func(s *Snapshot) {
			crashed(s)
			s.recall("a", func(m *ContainerMemory) { m.Backoff = Backoff{time.Minute, noon.Add(-2 * time.Second), "old"} })
		}, []string{"ensure image a #1: exited with 1"}},
		{"a run of more than ten minutes clears the back-off", func(s *Snapshot) {
			crashed(s)
			s.recall("a", func(m *ContainerMemory) {
				m.Backoff = Backoff{5 * time.Minute, noon.Add(-11 * time.Minute), "h"}
			})
		}, []string{"ensure image a #1: exited with 1"}},
		{"the scale shortens every back-off", func(s *Snapshot) {
			crashed(s)
			s.BackoffScale = 0.5
			s.recall("a", func(m *ContainerMemory) { m.Backoff = Backoff{10 * time.Second, noon.Add(-2 * time.Second), "h"} })
		}, []string{"Warning a BackOff: Back-off restarting failed container a in pod p_default(u)", "wake in 4s"}},
		{"a sidecar is restarted whatever the policy and the code", func(s *Snapshot) {
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
			s.exit("s", 0, 0)
		}, []string{"ensure image s #1: exited with 0"}},
		{"a container that vanished counts as failed", func(s *Snapshot) {
			s.with("a", func(c *Container) { c.Instances[0].State = Vanished })
		}, []string{"ensure image a #1: the last one vanished"}},
		{"one that vanished unseen does, too", func(s *Snapshot) {
			i := s.Containers["a"].Instances[0]
			s.recall("a", func(m *ContainerMemory) { m.Last = &i })
			s.none("a")
		}, []string{"ensure image a #1: the last one vanished"}},
		{"only the newest dead instance is kept", func(s *Snapshot) {
			s.exit("a", 1, -time.Minute)
			s.run("a", 1)
			s.exit("a", 1, -time.Second)
			s.recall("a", func(m *ContainerMemory) { m.Backoff = Backoff{10 * time.Second, noon.Add(-20 * time.Second), "h"} })
		}, []string{
			"remove a #0: a newer one has ended",
			"Warning a BackOff: Back-off restarting failed container a in pod p_default(u)", "wake in 9s",
		}},
		{"a failed pull is backed off, with the events of a kubelet", func(s *Snapshot) {
			s.none("a")
			s.with("a", func(c *Container) { c.Failure = &Failure{At: noon, Reason: ReasonErrImagePull, Message: "no"} })
		}, []string{
			`Normal a BackOff: Back-off pulling image "a:1"`, "Warning a Failed: Error: ImagePullBackOff", "wake in 10s",
		}},
		{"a rule that restarts all containers ends them without hooks", func(s *Snapshot) {
			s.exit("a", 42, 0)
			s.spec("a").RestartPolicy = ptr.To(v1.ContainerRestartPolicyNever)
			s.spec("a").RestartPolicyRules = []v1.ContainerRestartRule{{
				Action:    v1.ContainerRestartRuleActionRestartAllContainers,
				ExitCodes: &v1.ContainerRestartRuleOnExitCodes{Operator: v1.ContainerRestartRuleOnExitCodesOpIn, Values: []int32{42}},
			}}
			s.spec("b").Lifecycle = &v1.Lifecycle{PreStop: &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: 1}}}
		}, []string{"stop s #0 within 2s: restart all", "stop b #0 within 2s: restart all", "Normal s Killing: killing", "Normal b Killing: killing"}},
	})
}

func TestDecideSandbox(t *testing.T) {
	t.Parallel()
	dead := func(s *Snapshot) {
		s.Sandbox.State = SandboxDead
		s.Memory.Rebuilding = noon
		for _, name := range []string{"s", "a", "b"} {
			s.exit(name, 137, 0)
		}
	}
	runDecideTests(t, []decideTest{
		{"when the sandbox dies, everything in it is ended", func(s *Snapshot) { s.Sandbox.State = SandboxDead }, []string{
			"stop a #0 within 30s: sandbox", "stop b #0 within 30s: sandbox",
			"Normal SandboxChanged: Pod sandbox changed, it will be killed and re-created.",
			"Normal s Killing: Stopping container s", "Normal a Killing: Stopping container a", "Normal b Killing: Stopping container b",
			"wake in 30s",
		}},
		{"then there is another one", dead, []string{"create sandbox #1: the sandbox has ended"}},
		{"in which the init containers run again", func(s *Snapshot) {
			dead(s)
			s.Sandbox = Sandbox{State: SandboxReady, Attempt: 1}
			s.Memory.InitDone = nil
		}, []string{"ensure image i #1: new sandbox"}},
		{"a pod that would not run again gets none", func(s *Snapshot) {
			dead(s)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
		}, nil},
		{"nor one that is done", func(s *Snapshot) {
			dead(s)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyOnFailure
			s.exit("a", 0, 0)
			s.exit("b", 0, 0)
		}, nil},
		{"a volume that cannot be set up holds the sandbox back", func(s *Snapshot) {
			s.fresh()
			s.Volumes.Problems = []VolumeProblem{{"v", `configmap "x" not found`}}
		}, []string{`Warning FailedMount: MountVolume.SetUp failed for volume "v" : configmap "x" not found`, "wake in 500ms"}},
		{"it is told of at growing distances", func(s *Snapshot) {
			s.fresh()
			s.Volumes.Problems = []VolumeProblem{{"v", `configmap "x" not found`}}
			s.Memory.MountRetry, s.Memory.MountBackoff = noon, time.Minute
		}, []string{`Warning FailedMount: MountVolume.SetUp failed for volume "v" : configmap "x" not found`, "wake in 2m0s"}},
		{"a sandbox that could not be made is tried again", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.Failure = &Failure{At: noon.Add(-3 * time.Second)}
		}, []string{"wake in 7s"}},
	})
}

func TestDecideEnd(t *testing.T) {
	t.Parallel()
	hook := &v1.Lifecycle{PreStop: &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: 1}}}
	mebi := resource.MustParse("1Mi")
	runDecideTests(t, []decideTest{
		{"deletion ends ordinary containers, then sidecars, within the grace", func(s *Snapshot) { s.delete(20) }, []string{
			"stop a #0 within 20s: pod", "stop b #0 within 20s: pod",
			"Normal s Killing: Stopping container s", "Normal a Killing: Stopping container a", "Normal b Killing: Stopping container b",
			"wake in 20s",
		}},
		{"preStop hooks run all at once", func(s *Snapshot) {
			s.delete(20)
			s.spec("s").Lifecycle, s.spec("a").Lifecycle = hook, hook
		}, []string{
			"run preStop a #0 within 20s: pod", "stop b #0 within 20s: pod", "run preStop s #0 within 20s: pod",
			"Normal s Killing: Stopping container s", "Normal a Killing: Stopping container a", "Normal b Killing: Stopping container b",
		}},
		{"a hook is taken out of the grace", func(s *Snapshot) {
			s.ending("a", 10*time.Second, 4500*time.Millisecond)
			s.none("b")
			s.none("s")
		}, []string{"stop a #0 within 6s: pod"}},
		{"two seconds are left at least", func(s *Snapshot) {
			s.ending("a", 10*time.Second, 10*time.Second)
			s.none("b")
			s.none("s")
		}, []string{"stop a #0 within 2s: pod"}},
		{"a grace of nothing is two seconds, too", func(s *Snapshot) {
			s.delete(0)
			s.none("b")
			s.none("s")
		}, []string{"stop a #0 within 2s: pod", "Normal a Killing: Stopping container a"}},
		{"a sidecar's turn comes when the grace is used up", func(s *Snapshot) {
			s.ending("s", 10*time.Second, 10*time.Second)
			s.with("a", func(c *Container) { c.Busy = BusyStop })
			s.none("b")
		}, []string{"stop s #0 within 2s: pod", "Normal a Killing: Stopping container a"}},
		{"a shorter deletion shortens a stop under way", func(s *Snapshot) {
			s.ending("a", 30*time.Second, 5*time.Second)
			s.recall("a", func(m *ContainerMemory) {
				m.Kill.From, m.Kill.Left, m.Kill.Stop = m.Kill.Since, 30*time.Second, noon.Add(25*time.Second)
			})
			s.with("a", func(c *Container) { c.Busy = BusyStop })
			s.none("b")
			s.none("s")
			s.delete(3)
		}, []string{"stop a #0 within 3s: pod"}},
		{"a longer one does not lengthen it", func(s *Snapshot) {
			s.ending("a", 30*time.Second, 5*time.Second)
			s.recall("a", func(m *ContainerMemory) {
				m.Kill.From, m.Kill.Left, m.Kill.Stop = m.Kill.Since, 30*time.Second, noon.Add(25*time.Second)
			})
			s.with("a", func(c *Container) { c.Busy = BusyStop })
			s.none("b")
			s.none("s")
			s.delete(60)
		}, nil},
		{"a deleted pod that has ended is torn down", func(s *Snapshot) {
			s.delete(20)
			for _, name := range []string{"s", "a", "b"} {
				s.exit(name, 0, 0)
			}
		}, []string{"tear down: deleted"}},
		{"one that never started is, too", func(s *Snapshot) {
			s.fresh()
			s.delete(20)
		}, []string{"tear down: deleted"}},
		{"a start under way is waited for", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.with("i", func(c *Container) { c.Busy = BusyStart })
			s.delete(20)
		}, nil},
		{"a postStart hook is not", func(s *Snapshot) {
			s.none("s")
			s.none("b")
			s.with("a", func(c *Container) { c.Busy, c.Instances[0].PostStart = BusyStart, HookRunning })
			s.delete(20)
		}, []string{"stop a #0 within 20s: pod", "Normal a Killing: Stopping container a"}},
		{"when all is done the sidecars end, then the sandbox", func(s *Snapshot) {
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
			s.exit("a", 0, 0)
			s.exit("b", 3, 0)
		}, []string{"stop s #0 within 30s: pod", "Normal s Killing: Stopping container s"}},
		{"an init container that fails for good ends the pod", func(s *Snapshot) {
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
			s.Memory.InitDone, s.Memory.AppStarted = nil, false
			s.none("s")
			s.none("a")
			s.none("b")
			s.exit("i", 3, 0)
		}, []string{"stop sandbox #0: everything in it has ended"}},
		{"the deadline ends the pod", func(s *Snapshot) {
			s.Pod.Spec.ActiveDeadlineSeconds = ptr.To[int64](60)
			s.none("s")
			s.none("b")
		}, []string{
			"stop a #0 within 30s: pod",
			"Normal DeadlineExceeded: Pod was active on the node longer than the specified deadline",
			"Normal a Killing: Stopping container a",
		}},
		{"until then it is waited for", func(s *Snapshot) { s.Pod.Spec.ActiveDeadlineSeconds = ptr.To[int64](70) }, []string{"wake in 10s"}},
		{"a full emptyDir evicts the pod, with a grace of one second", func(s *Snapshot) {
			s.Pod.Spec.Volumes = []v1.Volume{{Name: "v", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{SizeLimit: &mebi}}}}
			s.Usage.Volumes = map[string]int64{"v": 1<<20 + 1}
			s.spec("a").Lifecycle = hook
			s.none("s")
			s.none("b")
		}, []string{
			"run preStop a #0 within 1s: pod",
			`Warning Evicted: Usage of EmptyDir volume "v" exceeds the limit "1Mi". `,
			"Normal a Killing: Stopping container a",
		}},
		{"a container over its own limit evicts the pod", func(s *Snapshot) {
			for _, name := range []string{"a", "b"} {
				s.spec(name).Resources.Limits = v1.ResourceList{v1.ResourceEphemeralStorage: mebi}
			}
			s.Usage.Containers = map[string]int64{"a": 1<<20 + 1}
			s.none("s")
			s.none("b")
		}, []string{
			"stop a #0 within 2s: pod",
			`Warning Evicted: Container a exceeded its local ephemeral storage limit "1Mi". `,
			"Normal a Killing: Stopping container a",
		}},
		{"a rejected pod never gets anything", func(s *Snapshot) {
			s.fresh()
			s.Rejected = &Rejection{"SysctlForbidden", `forbidden sysctl: "kernel.msgmax" not allowlisted`}
		}, []string{`Warning SysctlForbidden: forbidden sysctl: "kernel.msgmax" not allowlisted`}},
		{"a finished pod stays as it is", func(s *Snapshot) {
			s.Memory.Finished = true
			s.Sandbox.State = SandboxDead
		}, nil},
		{"until it is deleted", func(s *Snapshot) {
			s.Memory.Finished = true
			s.Sandbox.State = SandboxDead
			s.delete(30)
		}, []string{"tear down: deleted"}},
		{"a teardown is asked for once", func(s *Snapshot) {
			s.Memory.Finished = true
			s.Sandbox.State, s.Sandbox.Stopping = SandboxDead, true
			s.delete(30)
		}, nil},
	})
}

// ending puts a kill in that began some time ago; its hook has ended.
func (s *Snapshot) ending(name string, grace, ago time.Duration) {
	since := s.Now.Add(-ago)
	s.Memory.Terminating, s.Memory.Grace = since, grace
	s.recall(name, func(m *ContainerMemory) {
		m.Kill = &Kill{Since: since, Grace: grace, Why: KillPod, Hooked: true}
	})
}

func TestDecideKills(t *testing.T) {
	t.Parallel()
	sick := func(s *Snapshot) { s.with("a", func(c *Container) { c.Probes.Liveness = ProbeFailure }) }
	runDecideTests(t, []decideTest{
		{"a failed liveness probe ends the container, to be restarted", sick, []string{
			"stop a #0 within 30s: liveness", "Normal a Killing: Container a failed liveness probe, will be restarted",
		}},
		{"a failed startup probe does, too", func(s *Snapshot) {
			s.with("a", func(c *Container) { c.Probes.Startup = ProbeFailure })
		}, []string{"stop a #0 within 30s: startup", "Normal a Killing: Container a failed startup probe, will be restarted"}},
		{"the probe's own grace wins", func(s *Snapshot) {
			sick(s)
			s.spec("a").LivenessProbe = &v1.Probe{TerminationGracePeriodSeconds: ptr.To[int64](5)}
		}, []string{"stop a #0 within 5s: liveness", "Normal a Killing: Container a failed liveness probe, will be restarted"}},
		{"with Never it is not restarted", func(s *Snapshot) {
			sick(s)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
		}, []string{"stop a #0 within 30s: liveness", "Normal a Killing: Container a failed liveness probe"}},
		{"with Never the last container ends with its pod", func(s *Snapshot) {
			sick(s)
			s.none("s")
			s.Pod.Spec.InitContainers = s.Pod.Spec.InitContainers[:1]
			s.exit("b", 0, 0)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
		}, []string{"stop a #0 within 30s: pod", "Normal a Killing: Stopping container a"}},
		{"a sidecar is named an init container", func(s *Snapshot) {
			s.with("s", func(c *Container) { c.Probes.Liveness = ProbeFailure })
		}, []string{"stop s #0 within 30s: liveness", "Normal s Killing: Init container s failed liveness probe"}},
		{"a changed definition restarts the container whatever the policy", func(s *Snapshot) {
			s.with("a", func(c *Container) { c.SpecHash = "new" })
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
		}, []string{"stop a #0 within 30s: definition", "Normal a Killing: Container a definition changed, will be restarted"}},
		{"a failed postStart hook ends the container", func(s *Snapshot) {
			s.with("a", func(c *Container) {
				c.Instances[0].PostStart = HookFailed
				c.Failure = &Failure{At: noon, Reason: ReasonPostStartHookError}
			})
		}, []string{"stop a #0 within 30s: hook", "Normal a Killing: FailedPostStartHook"}},
		{"meanwhile nothing else is started", func(s *Snapshot) {
			s.none("b")
			s.with("a", func(c *Container) { c.Instances[0].PostStart = HookFailed; c.Busy = BusyStop })
			s.recall("a", func(m *ContainerMemory) { m.Kill = &Kill{Since: noon, Why: KillHook, Stop: noon} })
		}, nil},
		{"a killed container is restarted at once, whatever its exit code", func(s *Snapshot) {
			s.exit("a", 0, 0)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyOnFailure
			s.recall("a", func(m *ContainerMemory) { m.Kill = &Kill{Why: KillLiveness, Restart: true} })
		}, []string{"ensure image a #1: replaces the one killed (liveness)"}},
		{"unless the run before it ended within the back-off: then its policy decides", func(s *Snapshot) {
			s.exit("a", 1, -5*time.Second)
			s.run("a", 1)
			s.exit("a", 0, 0)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyOnFailure
			s.recall("a", func(m *ContainerMemory) {
				m.Kill = &Kill{Attempt: 1, Why: KillLiveness, Restart: true}
				m.Backoff = Backoff{10 * time.Second, noon.Add(-5 * time.Second), "h"}
			})
		}, []string{
			"remove a #0: a newer one has ended",
			"Warning a BackOff: Back-off restarting failed container a in pod p_default(u)", "wake in 5s",
		}},
		{"changed resources are applied in place", func(s *Snapshot) {
			s.with("a", func(c *Container) { c.ResourceHash = "new"; c.Instances[0].ResourceHash = "old" })
		}, []string{"resize a #0: resources changed"}},
		{"or by a restart, if the resize policy says so", func(s *Snapshot) {
			s.with("a", func(c *Container) { c.ResourceHash = "new"; c.Instances[0].ResourceHash = "old" })
			s.spec("a").ResizePolicy = []v1.ContainerResizePolicy{{ResourceName: v1.ResourceMemory, RestartPolicy: v1.RestartContainer}}
		}, []string{"stop a #0 within 30s: resize", "Normal a Killing: Container a resize requires restart"}},
	})
}
