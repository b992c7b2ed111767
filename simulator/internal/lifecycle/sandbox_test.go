package lifecycle

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
)

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
