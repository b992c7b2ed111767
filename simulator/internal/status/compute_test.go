package status

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// healthy is a pod with containers b and a, both running.
func healthy() *lifecycle.Snapshot {
	s := &lifecycle.Snapshot{
		Now: noon,
		Pod: &v1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", UID: "u", Generation: 3},
			Spec: v1.PodSpec{
				RestartPolicy: v1.RestartPolicyAlways,
				Containers:    []v1.Container{{Name: "b", Image: "b:1"}, {Name: "a", Image: "a:1"}},
			},
			Status: v1.PodStatus{Phase: v1.PodRunning},
		},
		Node:       lifecycle.Node{IPs: []string{"192.168.0.1"}},
		Sandbox:    lifecycle.Sandbox{State: lifecycle.SandboxReady, IPs: []string{"10.0.0.2", "fd00::2"}},
		Containers: map[string]lifecycle.Container{},
		Memory:     lifecycle.Memory{StartTime: noon.Add(-time.Minute), Containers: map[string]lifecycle.ContainerMemory{}},
	}
	for _, name := range []string{"a", "b"} {
		s.Containers[name] = lifecycle.Container{Instances: []lifecycle.Instance{{
			ID: name + "0", State: lifecycle.Running, Image: name + ":1", StartedAt: noon.Add(-50 * time.Second),
		}}}
	}
	return s
}

func change(s *lifecycle.Snapshot, name string, f func(*lifecycle.Container)) {
	c := s.Containers[name]
	f(&c)
	s.Containers[name] = c
}

// beingEnded has every container asked to end because the pod does.
func beingEnded(s *lifecycle.Snapshot) {
	s.Memory.Terminating = noon
	for name := range s.Containers {
		s.Memory.Containers[name] = lifecycle.ContainerMemory{Kill: &lifecycle.Kill{Why: lifecycle.KillPod}}
	}
}

// sidecar makes the pod one with a sidecar that runs since then, and container
// a behind it.
func sidecar(s *lifecycle.Snapshot, since time.Time) {
	s.Pod.Spec.InitContainers = []v1.Container{{Name: "s", RestartPolicy: ptr.To(v1.ContainerRestartPolicyAlways)}}
	s.Pod.Spec.Containers = s.Pod.Spec.Containers[1:]
	s.Containers = map[string]lifecycle.Container{"s": s.Containers["b"], "a": {}}
	s.Memory.Containers["s"] = lifecycle.ContainerMemory{Last: &s.Containers["s"].Instances[0], Up: since}
}

func exit(s *lifecycle.Snapshot, name string, code int) {
	i := &s.Containers[name].Instances[0]
	i.State, i.ExitCode, i.FinishedAt = lifecycle.Exited, code, noon
}

// line is what a test looks at: phase, reason, conditions and containers.
func line(s v1.PodStatus) string {
	var b strings.Builder
	b.WriteString(string(s.Phase))
	if s.Reason != "" {
		b.WriteString(" " + s.Reason)
	}
	for _, c := range s.Conditions {
		b.WriteString(" " + string(c.Type) + "=" + string(c.Status[0]))
		if c.Reason != "" {
			b.WriteString("(" + c.Reason + ")")
		}
	}
	for _, list := range [][]v1.ContainerStatus{s.InitContainerStatuses, s.ContainerStatuses, s.EphemeralContainerStatuses} {
		for _, c := range list {
			b.WriteString("\n" + c.Name + " " + state(c.State))
			if c.LastTerminationState != (v1.ContainerState{}) {
				b.WriteString(" after " + state(c.LastTerminationState))
			}
			if c.Ready {
				b.WriteString(" ready")
			}
			if c.RestartCount > 0 {
				b.WriteString(" again")
			}
		}
	}
	return b.String()
}

func state(s v1.ContainerState) string {
	switch {
	case s.Running != nil:
		return "runs"
	case s.Waiting != nil:
		return "waits(" + s.Waiting.Reason + ")"
	case s.Terminated != nil:
		return "ended(" + s.Terminated.Reason + ")"
	}
	return "?"
}

const (
	allReady  = " PodReadyToStartContainers=T Initialized=T Ready=T ContainersReady=T PodScheduled=T"
	notReady  = " PodReadyToStartContainers=T Initialized=T Ready=F(ContainersNotReady) ContainersReady=F(ContainersNotReady) PodScheduled=T"
	untold    = " PodReadyToStartContainers=F Initialized=T Ready=F(ContainersNotReady) ContainersReady=F(ContainersNotReady) PodScheduled=T"
	completed = " PodReadyToStartContainers=F Initialized=T(PodCompleted) Ready=F(PodCompleted) ContainersReady=F(PodCompleted) PodScheduled=T"
	failed    = " PodReadyToStartContainers=F Initialized=T Ready=F(PodFailed) ContainersReady=F(PodFailed) PodScheduled=T"
)

func TestCompute(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*lifecycle.Snapshot)
		want   string
	}{
		{"containers are sorted by name", func(*lifecycle.Snapshot) {}, "Running" + allReady + "\na runs ready\nb runs ready"},
		{"a container that never started keeps the pod pending", func(s *lifecycle.Snapshot) {
			s.Containers["a"] = lifecycle.Container{}
		}, "Pending" + notReady + "\na waits(ContainerCreating)\nb runs ready"},
		{"a start is not shown before its postStart hook has ended", func(s *lifecycle.Snapshot) {
			change(s, "a", func(c *lifecycle.Container) {
				c.Busy, c.Instances[0].PostStart = lifecycle.BusyStart, lifecycle.HookRunning
			})
		}, "Pending" + notReady + "\na waits(ContainerCreating)\nb runs ready"},
		{"nor is a hook that failed before the container has been killed for it", func(s *lifecycle.Snapshot) {
			change(s, "a", func(c *lifecycle.Container) {
				c.Busy, c.Instances[0].PostStart = lifecycle.BusyStop, lifecycle.HookFailed
				c.Failure = &lifecycle.Failure{At: noon, Reason: "PostStartHookError"}
			})
		}, "Pending" + notReady + "\na waits(ContainerCreating)\nb runs ready"},
		{"those started before it in the same round are not shown before it, either", func(s *lifecycle.Snapshot) {
			s.Pod.Status.ContainerStatuses = []v1.ContainerStatus{{Name: "a"}, {Name: "b"}}
			s.Containers["a"] = lifecycle.Container{Busy: lifecycle.BusyImage}
		}, "Pending" + untold + "\na waits(ContainerCreating)\nb waits(ContainerCreating)"},
		{"nor why one of them could not be started", func(s *lifecycle.Snapshot) {
			s.Pod.Status.ContainerStatuses = []v1.ContainerStatus{{Name: "a"}, {Name: "b"}}
			s.Containers["a"] = lifecycle.Container{Busy: lifecycle.BusyImage}
			s.Containers["b"] = lifecycle.Container{Failure: &lifecycle.Failure{At: noon, Reason: "ErrImagePull"}}
		}, "Pending" + untold + "\na waits(ContainerCreating)\nb waits(ContainerCreating)"},
		{"nor does one that ended before and is not started again hold them back", func(s *lifecycle.Snapshot) {
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyOnFailure
			s.Pod.Status.ContainerStatuses = []v1.ContainerStatus{{Name: "a"}, {Name: "b"}}
			s.Sandbox.Attempt = 1
			exit(s, "a", 0)
			s.Containers["b"].Instances[0].SandboxAttempt = 1
		}, "Running" + notReady + "\na ended(Completed)\nb runs ready"},
		{"unless it could not be started", func(s *lifecycle.Snapshot) {
			s.Pod.Status.ContainerStatuses = []v1.ContainerStatus{{Name: "a"}, {Name: "b"}}
			s.Containers["a"] = lifecycle.Container{Failure: &lifecycle.Failure{At: noon, Reason: "ErrImagePull"}}
		}, "Pending" + notReady + "\na waits(ErrImagePull)\nb runs ready"},
		{"or they were shown already", func(s *lifecycle.Snapshot) {
			s.Pod.Status.ContainerStatuses = []v1.ContainerStatus{{Name: "a"}, {Name: "b", ContainerID: "docker://b0"}}
			s.Containers["a"] = lifecycle.Container{Busy: lifecycle.BusyImage}
		}, "Pending" + notReady + "\na waits(ContainerCreating)\nb runs ready"},
		{"or the pod is ended first", func(s *lifecycle.Snapshot) {
			s.Pod.Status.ContainerStatuses = []v1.ContainerStatus{{Name: "a"}, {Name: "b"}}
			s.Containers["a"] = lifecycle.Container{}
			s.Memory.Terminating = noon
		}, "Pending" + notReady + "\na waits(ContainerCreating)\nb runs ready"},
		{"what ends because the pod does is not told of before the last has ended", func(s *lifecycle.Snapshot) {
			beingEnded(s)
			exit(s, "a", 1)
		}, "Running" + allReady + "\na runs ready\nb runs ready"},
		{"but what had ended before is", func(s *lifecycle.Snapshot) {
			beingEnded(s)
			exit(s, "a", 1)
			s.Memory.Containers["a"] = lifecycle.ContainerMemory{}
		}, "Running" + notReady + "\na ended(Error)\nb runs ready"},
		{"so is what was killed before", func(s *lifecycle.Snapshot) {
			beingEnded(s)
			exit(s, "a", 1)
			s.Memory.Containers["a"].Kill.Why = lifecycle.KillLiveness
		}, "Running" + notReady + "\na ended(Error)\nb runs ready"},
		{"nothing is told before the sandbox has ended", func(s *lifecycle.Snapshot) {
			beingEnded(s)
			exit(s, "a", 1)
			exit(s, "b", 0)
		}, "Running" + allReady + "\na runs ready\nb runs ready"},
		{"and in the end all is", func(s *lifecycle.Snapshot) {
			beingEnded(s)
			exit(s, "a", 1)
			exit(s, "b", 0)
			s.Sandbox.State = lifecycle.SandboxDead
		}, "Running" + untold + "\na ended(Error)\nb ended(Completed)"},
		{"a container that just ended is terminated", func(s *lifecycle.Snapshot) { exit(s, "a", 1) },
			"Running" + notReady + "\na ended(Error)\nb runs ready"},
		{"a new failure shows before it is decided upon", func(s *lifecycle.Snapshot) {
			change(s, "a", func(c *lifecycle.Container) {
				c.Instances, c.Failure = nil, &lifecycle.Failure{At: noon, Reason: "ErrImagePull", Message: "no"}
			})
		}, "Pending" + notReady + "\na waits(ErrImagePull)\nb runs ready"},
		{"what was killed to be replaced has its own end when the pod ends", func(s *lifecycle.Snapshot) {
			s.Pod.Status = Compute(*s)
			exit(s, "a", 0)
			exit(s, "b", 0)
			s.Memory.Containers["a"] = lifecycle.ContainerMemory{Kill: &lifecycle.Kill{Restart: true}}
			s.Memory.Terminating, s.Memory.Finished = noon, true
		}, "Succeeded" + completed + "\na ended(Completed)\nb ended(Completed)"},
		{"a reason moves the end to the last state", func(s *lifecycle.Snapshot) {
			exit(s, "a", 1)
			s.Memory.Containers["a"] = lifecycle.ContainerMemory{Waiting: &lifecycle.Failure{Attempt: 1, Reason: "CrashLoopBackOff"}}
		}, "Running" + notReady + "\na waits(CrashLoopBackOff) after ended(Error)\nb runs ready"},
		{"a reason of an earlier attempt is out of date", func(s *lifecycle.Snapshot) {
			s.Containers["a"].Instances[0].Attempt = 1
			exit(s, "a", 1)
			s.Memory.Containers["a"] = lifecycle.ContainerMemory{Waiting: &lifecycle.Failure{Attempt: 1, Reason: "CrashLoopBackOff"}}
		}, "Running" + notReady + "\na ended(Error) again\nb runs ready"},
		{"a pod being deleted shows no reasons", func(s *lifecycle.Snapshot) {
			s.Pod.DeletionTimestamp = &metav1.Time{Time: noon}
			exit(s, "a", 1)
			s.Memory.Containers["a"] = lifecycle.ContainerMemory{Waiting: &lifecycle.Failure{Attempt: 1, Reason: "CrashLoopBackOff"}}
		}, "Running" + notReady + "\na ended(Error)\nb runs ready"},
		{"a container killed to be replaced still shows as it was", func(s *lifecycle.Snapshot) {
			s.Pod.Status = Compute(*s)
			exit(s, "a", 137)
			s.Memory.Containers["a"] = lifecycle.ContainerMemory{Kill: &lifecycle.Kill{Restart: true}}
		}, "Running" + allReady + "\na runs ready\nb runs ready"},
		{"a container that vanished waits and has an unknown end", func(s *lifecycle.Snapshot) {
			s.Containers["a"].Instances[0].State = lifecycle.Vanished
		}, "Running" + notReady + "\na waits(ContainerCreating) after ended(ContainerStatusUnknown) again\nb runs ready"},
		{"a process that could not be started ended with StartError", func(s *lifecycle.Snapshot) {
			exit(s, "a", 127)
			s.Containers["a"].Instances[0].StartError = "no such file"
		}, "Running" + notReady + "\na ended(StartError)\nb runs ready"},
		{"the phase becomes terminal only when all has ended", func(s *lifecycle.Snapshot) {
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
			exit(s, "a", 0)
			exit(s, "b", 0)
		}, "Running" + strings.Replace(completed, "Containers=F", "Containers=T", 1) + "\na ended(Completed)\nb ended(Completed)"},
		{"then it does", func(s *lifecycle.Snapshot) {
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
			exit(s, "a", 0)
			exit(s, "b", 0)
			s.Memory.Finished = true
		}, "Succeeded" + completed + "\na ended(Completed)\nb ended(Completed)"},
		{"a deleted pod that ended well is Succeeded whatever its policy", func(s *lifecycle.Snapshot) {
			exit(s, "a", 0)
			exit(s, "b", 0)
			s.Memory.Finished = true
		}, "Succeeded" + completed + "\na ended(Completed)\nb ended(Completed)"},
		{"the deadline fails the pod even so", func(s *lifecycle.Snapshot) {
			exit(s, "a", 0)
			exit(s, "b", 0)
			s.Memory.Finished = true
			s.Memory.Verdict = &lifecycle.Verdict{Reason: "DeadlineExceeded", Failed: true}
		}, "Failed DeadlineExceeded" + failed + "\na ended(Completed)\nb ended(Completed)"},
		{"an eviction of containers that end well is forgotten", func(s *lifecycle.Snapshot) {
			exit(s, "a", 0)
			exit(s, "b", 0)
			s.Memory.Finished = true
			s.Memory.Verdict = &lifecycle.Verdict{Reason: "Evicted"}
		}, "Succeeded" + completed + "\na ended(Completed)\nb ended(Completed)"},
		{"one of a pod that never started is not", func(s *lifecycle.Snapshot) {
			s.Containers["a"], s.Containers["b"] = lifecycle.Container{}, lifecycle.Container{}
			s.Memory.Finished = true
			s.Memory.Verdict = &lifecycle.Verdict{Reason: "Evicted"}
		}, "Failed Evicted" + failed + "\na ended(ContainerStatusUnknown)\nb ended(ContainerStatusUnknown)"},
		{"a rejected pod says why and nothing else", func(s *lifecycle.Snapshot) {
			s.Rejected = &lifecycle.Rejection{Reason: "SysctlForbidden", Message: "no"}
			s.Sandbox, s.Containers = lifecycle.Sandbox{}, nil
			s.Memory.Verdict = &lifecycle.Verdict{Reason: "SysctlForbidden"}
		}, "Failed SysctlForbidden"},
		{"one whose rejection was not told yet waits", func(s *lifecycle.Snapshot) {
			s.Rejected = &lifecycle.Rejection{Reason: "SysctlForbidden", Message: "no"}
			s.Sandbox, s.Containers = lifecycle.Sandbox{}, nil
		}, "Pending"},
		{"a terminal phase is never left", func(s *lifecycle.Snapshot) {
			s.Pod.Status.Phase = v1.PodFailed
		}, "Failed"},
		{"a readiness gate holds the pod back", func(s *lifecycle.Snapshot) {
			s.Pod.Spec.ReadinessGates = []v1.PodReadinessGate{{ConditionType: "x"}}
			s.Pod.Status.Conditions = []v1.PodCondition{{Type: "x", Status: v1.ConditionFalse}}
		}, "Running x=F" + strings.Replace(allReady, " Ready=T", " Ready=F(ReadinessGatesNotReady)", 1) + "\na runs ready\nb runs ready"},
		{"an ephemeral container is never ready", func(s *lifecycle.Snapshot) {
			s.Pod.Spec.EphemeralContainers = []v1.EphemeralContainer{{EphemeralContainerCommon: v1.EphemeralContainerCommon{Name: "e"}}}
			s.Containers["e"] = s.Containers["a"]
		}, "Running" + allReady + "\na runs ready\nb runs ready\ne runs"},
		{"a container without its startup probe's success is not ready", func(s *lifecycle.Snapshot) {
			s.Pod.Spec.Containers[0].StartupProbe = &v1.Probe{}
		}, "Running" + notReady + "\na runs ready\nb runs"},
		{"a sidecar that has just begun to run is not started", func(s *lifecycle.Snapshot) {
			sidecar(s, noon)
		}, "Pending" + strings.Replace(notReady, "Initialized=T", "Initialized=F(ContainersNotInitialized)", 1) + "\ns runs\na waits(PodInitializing)"},
		{"one that was replaced is", func(s *lifecycle.Snapshot) {
			sidecar(s, noon)
			s.Pod.Status.Conditions = []v1.PodCondition{{Type: v1.PodInitialized, Status: v1.ConditionTrue}}
		}, "Pending" + notReady + "\ns runs ready\na waits(PodInitializing)"},
		{"an ordinary container that is always restarted is", func(s *lifecycle.Snapshot) {
			s.Pod.Spec.Containers[0].RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
		}, "Running" + allReady + "\na runs ready\nb runs ready"},
		{"and so is a sidecar that runs on", func(s *lifecycle.Snapshot) {
			sidecar(s, noon.Add(-time.Second))
		}, "Pending" + notReady + "\ns runs ready\na waits(PodInitializing)"},
		{"a sidecar that ended well is not shown to back off", func(s *lifecycle.Snapshot) {
			s.Pod.Spec.InitContainers = []v1.Container{{Name: "s", RestartPolicy: ptr.To(v1.ContainerRestartPolicyAlways)}}
			s.Containers["s"] = lifecycle.Container{Instances: []lifecycle.Instance{{State: lifecycle.Exited}}}
			s.Memory.Containers["s"] = lifecycle.ContainerMemory{Waiting: &lifecycle.Failure{Attempt: 1, Reason: "CrashLoopBackOff"}}
		}, "Running" + notReady + "\ns ended(Completed)\na runs ready\nb runs ready"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := healthy()
			tc.change(s)
			if diff := cmp.Diff(tc.want, line(Compute(*s))); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConditionsKeepTheirTimes(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Pod.Status = Compute(*s)
	s.Now = noon.Add(time.Minute)
	exit(s, "a", 1)
	for _, c := range Compute(*s).Conditions {
		want := noon
		if c.Type == v1.PodReady || c.Type == v1.ContainersReady {
			want = s.Now
		}
		if !c.LastTransitionTime.Time.Equal(want) {
			t.Errorf("%s changed at %s, want %s", c.Type, c.LastTransitionTime, want)
		}
		if c.ObservedGeneration != 3 {
			t.Errorf("%s is about generation %d", c.Type, c.ObservedGeneration)
		}
	}
}

func TestMountsSayWhetherTheyAreRecursivelyReadOnly(t *testing.T) {
	t.Parallel()
	modes := []v1.RecursiveReadOnlyMode{v1.RecursiveReadOnlyDisabled, v1.RecursiveReadOnlyIfPossible, v1.RecursiveReadOnlyEnabled}
	for can, want := range map[bool]string{false: "Disabled Disabled Disabled", true: "Disabled Enabled Enabled"} {
		c := &v1.Container{}
		for i := range modes {
			c.VolumeMounts = append(c.VolumeMounts, v1.VolumeMount{ReadOnly: true, RecursiveReadOnly: &modes[i]})
		}
		var got []string
		for _, m := range mounts(c, can) {
			got = append(got, string(*m.RecursiveReadOnly))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("where the node can (%v): %s, want %s", can, text, want)
		}
	}
}

func TestOfAPodThatGoesByForceNoEndIsTold(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Pod.Status = Compute(*s)
	s.Pod.DeletionTimestamp, s.Pod.DeletionGracePeriodSeconds = ptr.To(metav1.NewTime(noon)), ptr.To[int64](0)
	s.Pod.Generation++
	beingEnded(s)
	change(s, "a", func(c *lifecycle.Container) { c.Instances[0].State = lifecycle.Exited })
	if diff := cmp.Diff(s.Pod.Status, Compute(*s)); diff != "" {
		t.Error(diff)
	}
}
