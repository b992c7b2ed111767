package lifecycle

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
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
		{"changed resources are applied in place", func(s *Snapshot) {
			s.with("a", func(c *Container) { c.ResourceHash = "new"; c.Instances[0].ResourceHash = "old" })
		}, []string{"resize a #0: resources changed"}},
		{"or by a restart, if the resize policy says so", func(s *Snapshot) {
			s.with("a", func(c *Container) { c.ResourceHash = "new"; c.Instances[0].ResourceHash = "old" })
			s.spec("a").ResizePolicy = []v1.ContainerResizePolicy{{ResourceName: v1.ResourceMemory, RestartPolicy: v1.RestartContainer}}
		}, []string{"stop a #0 within 30s: resize", "Normal a Killing: Container a resize requires restart"}},
	})
}
