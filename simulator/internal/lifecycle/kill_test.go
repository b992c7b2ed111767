package lifecycle

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"
)

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
		{"it does not wait for a sidecar that ended meanwhile", func(s *Snapshot) {
			s.exit("a", 0, 0)
			s.exit("b", 0, 0)
			s.exit("s", 0, 0)
			s.recall("s", func(m *ContainerMemory) { m.Backoff = Backoff{time.Minute, noon, "h"} })
			s.recall("b", func(m *ContainerMemory) { m.Backoff = Backoff{time.Minute, noon, "h"} })
			s.recall("a", func(m *ContainerMemory) { m.Kill = &Kill{Why: KillLiveness, Restart: true} })
			s.Memory.Turn = "s"
		}, []string{
			"ensure image a #1: replaces the one killed (liveness)",
		}},
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
		{"nor one that was tried and failed", func(s *Snapshot) {
			s.exit("a", 0, 0)
			s.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
			s.recall("a", func(m *ContainerMemory) { m.Kill = &Kill{Why: KillDefinition, Restart: true} })
			s.with("a", func(c *Container) { c.Failure = &Failure{At: noon, Attempt: 1, Reason: ReasonErrImagePull} })
		}, nil},
		{"changed resources are applied in place", func(s *Snapshot) {
			s.resize("a")
		}, []string{"resize a #0: resources changed", "Normal ResizeStarted: Pod resize started: " + resized}},
		{"or by a restart, if the resize policy says so", func(s *Snapshot) {
			s.resize("a")
			s.spec("a").ResizePolicy = []v1.ContainerResizePolicy{{ResourceName: v1.ResourceMemory, RestartPolicy: v1.RestartContainer}}
		}, []string{"stop a #0 within 30s: resize", "Normal ResizeStarted: Pod resize started: " + resized, "Normal a Killing: Container a resize requires restart"}},
		{"resources that are in force are told", func(s *Snapshot) {
			s.resize("a")
			s.with("a", func(c *Container) { c.Instances[0].ResourceHash = "new" })
			s.Memory.Resizing = 2
		}, []string{"Normal ResizeCompleted: Pod resize completed: " + resized}},
		{"a resize that cannot be is told once", func(s *Snapshot) {
			s.Resize = &PendingResize{Reason: "Infeasible", Summary: "{}"}
		}, []string{"Warning ResizeInfeasible: Pod resize Infeasible: {}"}},
		{"and not again", func(s *Snapshot) {
			s.Resize = &PendingResize{Reason: "Infeasible", Summary: "{}"}
			s.Memory.ResizePending = "{}"
		}, nil},
	})
}

const resized = `{"initContainers":[{"name":"i","resources":{}},{"name":"s","resources":{}}],"containers":[{"name":"a","resources":{}},{"name":"b","resources":{}}],"generation":2}`

// resize asks for other resources than a container has.
func (s *Snapshot) resize(name string) {
	s.Pod.Generation = 2
	s.with(name, func(c *Container) { c.ResourceHash = "new"; c.Instances[0].ResourceHash = "old" })
}

func TestAllocateGrantsWhatTheNodeHas(t *testing.T) {
	t.Parallel()
	requests := func(cpu string) v1.ResourceRequirements {
		return v1.ResourceRequirements{Requests: v1.ResourceList{v1.ResourceCPU: resource.MustParse(cpu)}}
	}
	asking := func(cpu string) *v1.Pod {
		return &v1.Pod{Spec: v1.PodSpec{Containers: []v1.Container{{Name: "a", Resources: requests(cpu)}}}}
	}
	before := requests("1")
	running := &v1.PodStatus{ContainerStatuses: []v1.ContainerStatus{{Name: "a", Resources: &before}}}
	for _, tc := range []struct {
		name, cpu string
		published *v1.PodStatus
		granted   string
		message   string
	}{
		{"what fits", "2", running, "2", ""},
		{"what does not fit stays as it was", "3", running, "1", "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000"},
		{"a pod that never ran is not resized", "3", &v1.PodStatus{}, "3", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			pod, pending := Allocate(asking(tc.cpu), tc.published, Node{CPUMillis: 2000})
			if got := pod.Spec.Containers[0].Resources.Requests.Cpu().String(); got != tc.granted {
				t.Errorf("granted %s, want %s", got, tc.granted)
			}
			switch {
			case pending == nil && tc.message == "":
			case pending == nil || pending.Message != tc.message || pending.Reason != "Infeasible":
				t.Errorf("pending %+v", pending)
			}
		})
	}
}
