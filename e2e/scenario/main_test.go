package scenario

import (
	"flag"
	"fmt"
	"testing"

	"github.com/podsim/podsim/e2e/harness"
)

// rounds is how often the tests that repeat something do so. `make soak` sets
// it higher.
var rounds = flag.Int("rounds", 8, "how often to repeat what is repeated")

func TestMain(m *testing.M) { harness.Main(m) }

// image is the shell that every pod here runs.
const image = "podsim.test/busybox:1"

// threeContainers is a pod of an init container and two others that stop at
// once when they are asked to.
func threeContainers(name string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec:
  terminationGracePeriodSeconds: 2
  volumes: [{name: v, emptyDir: {}}]
  initContainers:
  - name: init
    image: %[2]s
    command: [sh, -c, "echo hello > /v/file"]
    volumeMounts: [{name: v, mountPath: /v}]
  containers:
  - name: a
    image: %[2]s
    command: [sh, -c, "cat /v/file; trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done"]
    volumeMounts: [{name: v, mountPath: /v}]
  - name: b
    image: %[2]s
    command: [sh, -c, "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done"]
`, name, image)
}

// once is a pod that ends by itself.
func once(name string, containers ...string) string {
	text := fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec:\n  restartPolicy: Never\n  containers:\n", name)
	for i, script := range containers {
		text += fmt.Sprintf("  - {name: c%d, image: %q, command: [sh, -c, %q]}\n", i, image, script)
	}
	return text
}
