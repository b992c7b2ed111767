package podtest

import (
	"io"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/docker"
	"github.com/podsim/podsim/simulator"
)

const image = "podsim.test/busybox:1"

// engine skips the test where there is no engine with the test image.
func engine(t *testing.T) runtime.Engine {
	t.Helper()
	e, err := docker.Connect(t.Context(), docker.Options{})
	if err != nil {
		t.Skipf("no engine: %v", err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if _, err := e.Image(t.Context(), image); err != nil {
		t.Skipf("no test image: %v", err)
	}
	return e
}

const server = `
apiVersion: v1
kind: ConfigMap
metadata: {name: page}
data: {index.html: "from a ConfigMap"}
---
apiVersion: v1
kind: Pod
metadata: {name: server}
spec:
  containers:
  - name: web
    image: podsim.test/busybox:1
    command: [httpd, -f, -p, "127.0.0.1:8080", -h, /www]
    readinessProbe: {exec: {command: [wget, -qO-, "http://127.0.0.1:8080/index.html"]}, periodSeconds: 1}
    volumeMounts: [{name: page, mountPath: /www}]
  volumes: [{name: page, configMap: {name: page}}]
`

func TestParallelTestsRunTheSameManifestAndDialIn(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := Start(t, server, Options{Engine: e, Home: t.TempDir()})
			p.WaitReady()
			resp, err := p.Client().Get("http://pod:8080/index.html")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); string(body) != "from a ConfigMap" {
				t.Errorf("got %q %v", body, err)
			}
			if r := p.Exec("web", "sh", "-c", "echo out; echo err >&2; exit 4"); r != (Result{"out\n", "err\n", 4}) {
				t.Errorf("exec: %+v", r)
			}
		})
	}
}

func TestNothingIsLeftAfterTheTest(t *testing.T) {
	t.Parallel()
	e := engine(t)
	var sim *simulator.Simulator
	t.Run("a pod that ends", func(t *testing.T) {
		p := Start(t, strings.ReplaceAll(server, "[httpd, -f,", "[sh, -c, exit 0,"), Options{Engine: e, Home: t.TempDir()})
		sim = p.Simulator()
		pod := p.WaitUntil("restarted", func(pod *v1.Pod) bool {
			return len(pod.Status.ContainerStatuses) == 1 && pod.Status.ContainerStatuses[0].RestartCount > 0
		})
		if pod.Name != "server" || len(p.Events()) == 0 {
			t.Errorf("pod %q, events %v", pod.Name, p.Events())
		}
	})
	if left, err := sim.Leftovers(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("left on the engine: %v %v", left, err)
	}
}
