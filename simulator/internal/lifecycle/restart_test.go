package lifecycle

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

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
		{"a failed pull of a volume's image is told of the pod", func(s *Snapshot) {
			s.mountImage("a")
			s.none("a")
			s.with("a", func(c *Container) {
				c.Failure = &Failure{At: noon, Reason: ReasonErrImagePull, Message: "no", Image: "v:1"}
			})
		}, []string{
			`Normal BackOff: Back-off pulling image "v:1"`, "Warning a Failed: Error: ImagePullBackOff", "wake in 10s",
		}},
		{"a volume's image in back-off holds every container that mounts it", func(s *Snapshot) {
			s.mountImage("a")
			s.none("a")
			s.Memory.PullBackoff = map[string]PullBackoff{"v:1": {Backoff: Backoff{Delay: 10 * time.Second, Since: noon.Add(-4 * time.Second)}, Error: "x"}}
		}, []string{
			`Normal BackOff: Back-off pulling image "v:1"`, "Warning a Failed: Error: ImagePullBackOff", "wake in 6s",
		}},
		{"images that are there need no pull and no back-off", func(s *Snapshot) {
			s.none("a")
			s.with("a", func(c *Container) { c.ImagesThere = true })
			s.Memory.PullBackoff = map[string]PullBackoff{"a:1": {Backoff: Backoff{Delay: 10 * time.Second, Since: noon.Add(-4 * time.Second)}}}
		}, []string{"ensure image a #0: never started"}},
	})
}
