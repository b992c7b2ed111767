package node

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime/fake"
)

const jobPod = `
apiVersion: v1
kind: Pod
metadata: {name: job}
spec:
  restartPolicy: Never
  initContainers:
  - {name: setup, image: "app:1", command: [sh, -c, "sleep 1"]}
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "sleep 3; exit 3"]}
  - {name: b, image: "app:1", command: [sh, -c, "sleep 2"]}
`

func TestJobRunsInitThenContainersToTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		w.store.put(pod(t, jobPod))
		w.start()
		time.Sleep(time.Minute)
		last := w.store.last()
		if last.Phase != v1.PodFailed {
			t.Errorf("phase %q, want Failed; %+v", last.Phase, last)
		}
		w.store.del("job", 30)
		time.Sleep(time.Minute)
		if w.store.has("job") {
			t.Error("the pod is still there after its deletion")
		}
		if left := w.left(); len(left) > 0 {
			t.Errorf("left on the engine: %v", left)
		}
		t.Log(strings.Join(w.eventReasons(), "\n"))
		w.close()
	})
}
