package crash

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/e2e/harness"
)

const image = "podsim.test/busybox:1"

// subject is a pod that keeps a ledger. Its container "flaky" fails exits
// times before it stays.
type subject struct {
	h     *harness.Home
	name  string
	exits int
	file  string
	// rebuilds is how often the sandbox was lost.
	rebuilds int
}

// enter is what every container runs first: it notes itself, and a second one
// of its name beside it.
func enter(name string) string {
	return fmt.Sprintf("mkdir /disk/%[1]s.lock || echo %[1]s-twice >> /disk/ledger; echo %[1]s >> /disk/ledger; ", name)
}

const stay = "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done"

func newSubject(h *harness.Home, name string, exits int) *subject {
	s := &subject{h: h, name: name, exits: exits}
	s.file = h.Write(name+".yaml", s.manifest())
	return s
}

func (s *subject) manifest() string {
	flaky := enter("flaky") + fmt.Sprintf("if [ $(grep -cx flaky /disk/ledger) -le %d ]; then sleep 0.2; rmdir /disk/flaky.lock; exit 3; fi; ", s.exits) + stay
	return fmt.Sprintf(`
apiVersion: v1
kind: ConfigMap
metadata: {name: %[1]s}
data: {key: value}
---
apiVersion: v1
kind: Pod
metadata: {name: %[1]s, labels: {app: crash}}
spec:
  terminationGracePeriodSeconds: 2
  volumes:
  - {name: disk, emptyDir: {}}
  - {name: memory, emptyDir: {medium: Memory}}
  - {name: config, configMap: {name: %[1]s}}
  initContainers:
  - name: init
    image: %[2]s
    command: [sh, -c, %[3]q]
    volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory}, {name: config, mountPath: /config}]
  - name: sidecar
    restartPolicy: Always
    image: %[2]s
    command: [sh, -c, %[4]q]
    volumeMounts: [{name: disk, mountPath: /disk}]
  containers:
  - name: steady
    image: %[2]s
    command: [sh, -c, %[5]q]
    volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory}, {name: config, mountPath: /config}]
  - name: flaky
    image: %[2]s
    command: [sh, -c, %[6]q]
    volumeMounts: [{name: disk, mountPath: /disk}]
`, s.name, image,
		"rm -rf /disk/*.lock; "+enter("init")+"cat /config/key > /memory/key; sleep 0.2; rmdir /disk/init.lock",
		enter("sidecar")+stay,
		enter("steady")+"echo hello; "+stay,
		flaky)
}

// pod is what podsim says of the pod now; nil when there is none.
func (s *subject) pod(tb testing.TB) *corev1.Pod {
	tb.Helper()
	r := s.h.For(tb).Run("get", "pod", s.name, "-o", "json")
	if r.Code != 0 {
		if !strings.Contains(r.Stderr, "not found") {
			tb.Fatalf("%s", r)
		}
		return nil
	}
	var pod corev1.Pod
	if err := json.Unmarshal([]byte(r.Stdout), &pod); err != nil {
		tb.Fatalf("read pod: %v\n%s", err, r)
	}
	return &pod
}

// ledger counts the lines by what they say; nil while it cannot be read.
func (s *subject) ledger(tb testing.TB) map[string]int {
	tb.Helper()
	r := s.h.For(tb).Run("exec", s.name, "-c", "steady", "--", "cat", "/disk/ledger", "/memory/key", "/config/key")
	if r.Code != 0 {
		return nil
	}
	counts := map[string]int{}
	for line := range strings.Lines(strings.ReplaceAll(r.Stdout, "valuevalue", "value\nvalue\n")) {
		counts[strings.TrimSpace(line)]++
	}
	return counts
}

// restarts is the restart count by container.
func restarts(pod *corev1.Pod) map[string]int {
	counts := map[string]int{}
	for _, c := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
		counts[c.Name] = int(c.RestartCount)
	}
	return counts
}

func ready(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}
