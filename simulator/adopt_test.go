package simulator

import (
	"os/exec"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

func TestTemporaryPodsGoWithTheirProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dead := exec.CommandContext(t.Context(), "go", "version")
	if err := dead.Run(); err != nil {
		t.Skipf("no process to die: %v", err)
	}
	const pod = `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: a, image: "app:1", command: [sh, -c, sleep 1000]}]}
`
	for name, options := range map[string]PodOptions{
		"temporary": {Foreground: dead.Process.Pid, Temporary: true},
		"wanted":    {Foreground: dead.Process.Pid},
	} {
		o := decodeAll(t, pod).Objects[0]
		o.SetName(name)
		if _, err := w.Create(t.Context(), o, CreateOptions{Pod: options}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.DiscardTemporary(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pod(t.Context(), "", "temporary"); !apierrors.IsNotFound(err) {
		t.Errorf("the temporary pod is still there: %v", err)
	}
	if _, err := w.Pod(t.Context(), "", "wanted"); err != nil {
		t.Errorf("the other pod is gone: %v", err)
	}
}
