package simulator

import (
	"os"
	"os/exec"
	"testing"
	"time"

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

// A node that is killed holds its lock for a moment longer than it lives.
func TestAdoptDoesNotTrustANodeThatIsDying(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opts.Home = t.TempDir()
	w = reopen(t, w)
	w.opts.NodeCommand = []string{"env", childNode + "=200ms", os.Args[0]}
	w.make(servePod)
	die, ok, err := w.store.OwnNode()
	if err != nil || !ok {
		t.Fatalf("hold the node's lock: %v %v", ok, err)
	}
	time.AfterFunc(300*time.Millisecond, die)
	if err := w.Adopt(t.Context()); err != nil {
		t.Error(err)
	}
	if err := w.Delete(t.Context(), Ref{Kind: Pods, Name: "web"}, DeleteOptions{Force: true}); err != nil {
		t.Error(err)
	}
}
