package scenario

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/e2e/harness"
)

func TestKilledNodeIsReplacedAndDeleteLeavesNothing(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range *rounds {
		name := fmt.Sprintf("crash-%d", i)
		file := h.Write("pod.yaml", threeContainers(name))
		h.Must("apply", "-f", file)
		// A pod takes about a second to start: hit any moment of it.
		time.Sleep(time.Duration(random.Int64N(int64(2 * time.Second))))
		h.KillNode()
		if i%2 == 0 {
			h.Must("wait", "pod/"+name, "--for=condition=Ready", "--timeout=60s")
			checkRuns(t, h, name)
		}
		h.Must("delete", "pod", name)
		if left := h.Leftovers(); len(left) > 0 {
			t.Fatalf("round %d left on the engine: %v", i, left)
		}
	}
	h.NothingLeft()
}

// checkRuns wants the adopted pod as if nothing had happened: every container
// once, none restarted.
func checkRuns(t *testing.T, h *harness.Home, name string) {
	t.Helper()
	var pod corev1.Pod
	if err := json.Unmarshal([]byte(h.Must("get", "pod", name, "-o", "json")), &pod); err != nil {
		t.Fatalf("read pod: %v", err)
	}
	for _, c := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
		if c.RestartCount != 0 {
			t.Errorf("pod %s: container %s was restarted %d times", name, c.Name, c.RestartCount)
		}
	}
	seen := map[string]int{}
	for _, o := range h.Leftovers() {
		if o.Type == "containers" && o.State == "running" {
			seen[o.Labels["io.kubernetes.container.name"]]++
		}
	}
	for container, n := range seen {
		if n > 1 {
			t.Errorf("pod %s: container %q runs %d times", name, container, n)
		}
	}
}

func TestNodeKilledDuringDeleteIsReplaced(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	h.Must("apply", "-f", h.Write("pod.yaml", threeContainers("going")))
	h.Must("wait", "pod/going", "--for=condition=Ready", "--timeout=60s")
	h.Must("delete", "pod", "going", "--wait=false")
	h.KillNode()
	r := h.Run("delete", "pod", "going", "--ignore-not-found")
	if r.Code != 0 {
		t.Errorf("%s", r)
	}
	h.NothingLeft()
	if out := h.Run("get", "pods"); !strings.Contains(out.Stdout+out.Stderr, "No resources found") {
		t.Errorf("%s", out)
	}
}

// TestAWaitingCommandGetsItsPodAnotherNode kills the node under a command that
// waits.
func TestAWaitingCommandGetsItsPodAnotherNode(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	h.Must("apply", "-f", h.Write("pod.yaml", fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: slow}
spec:
  restartPolicy: Never
  containers: [{name: c, image: %s, command: [sleep, "3"]}]
`, image)))
	watching := h.Start("get", "pod", "slow", "-w")
	harness.WaitFor(t, "the pod runs", time.Minute, func() bool { return strings.Contains(watching.Stdout(), "Running") })
	h.KillNode()
	harness.WaitFor(t, "the pod has ended", time.Minute, func() bool { return strings.Contains(watching.Stdout(), "Completed") })
	watching.Kill()
	h.Must("delete", "pod", "slow")
	h.NothingLeft()
}
