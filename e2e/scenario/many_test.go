package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

func TestTwentyPodsAtOnceDoNotMeet(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	const pods = 20
	var all strings.Builder
	for i := range pods {
		script := fmt.Sprintf("echo %d > /v/me; mkdir -p /www; cp /v/me /www/index.html; exec httpd -f -p 8080 -h /www", i)
		fmt.Fprintf(&all, `---
apiVersion: v1
kind: Pod
metadata: {name: pod-%d}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: cache, emptyDir: {}}]
  containers:
  - name: web
    image: %s
    command: [sh, -c, %q]
    ports: [{containerPort: 8080}]
    volumeMounts: [{name: cache, mountPath: /v}]
`, i, image, script)
	}
	file := h.Write("pods.yaml", all.String())
	h.Must("apply", "-f", file)
	h.Must("wait", "pod", "--all", "--for=condition=Ready", "--timeout=110s")
	for i := range pods {
		name := fmt.Sprintf("pod-%d", i)
		got := h.Must("exec", name, "--", "wget", "-q", "-O", "-", "http://localhost:8080/")
		if strings.TrimSpace(got) != fmt.Sprint(i) {
			t.Errorf("%s serves %q", name, got)
		}
	}
	h.Must("delete", "-f", file)
	h.NothingLeft()
}

func TestStartAndDeleteAgainAndAgainLeavesNothing(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	file := h.Write("pod.yaml", threeContainers("again"))
	for range *rounds {
		h.Must("apply", "-f", file)
		h.Must("wait", "pod/again", "--for=condition=Ready", "--timeout=60s")
		h.Must("delete", "pod", "again")
		if left := h.Leftovers(); len(left) > 0 {
			t.Fatalf("left on the engine: %v", left)
		}
	}
	h.NothingLeft()
	harness.WaitFor(t, "the node ends after its last pod", 2*time.Minute, func() bool { return !h.NodeRuns() })
}
