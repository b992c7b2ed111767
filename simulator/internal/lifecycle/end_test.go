package lifecycle

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"
)

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
			s.Memory.InitDone, s.Memory.AppStarted, s.Memory.Containers = nil, false, nil
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
		{"a running pod is not rejected any more", func(s *Snapshot) {
			s.Rejected = &Rejection{"OutOfcpu", "no"}
		}, nil},
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
