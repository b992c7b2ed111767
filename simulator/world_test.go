package simulator

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/node"
)

// world is a Simulator on an engine in memory, in real time.
type world struct {
	*Simulator
	t      testing.TB
	engine *fake.Engine
}

func newWorld(t testing.TB) *world {
	t.Helper()
	engine := fake.New(fake.Hooks{}, fake.ShellImage("pause"), fake.ShellImage("app:1"))
	t.Cleanup(func() { _ = engine.Close() })
	s, err := New(t.Context(), Options{Engine: engine, Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s.agent = loopbackAgent{}
	return &world{Simulator: s, t: t, engine: engine}
}

// node owns pods until the test ends or stop is called.
func (w *world) node() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := w.RunNode(ctx, NodeOptions{}); err != nil {
			w.t.Errorf("node: %v", err)
		}
	}()
	stop = func() {
		cancel()
		<-ended
	}
	w.t.Cleanup(stop)
	return stop
}

// make creates the objects of a manifest.
func (w *world) make(manifest string) {
	w.t.Helper()
	for _, o := range decodeAll(w.t, manifest).Objects {
		if _, err := w.Create(w.t.Context(), o, CreateOptions{}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func decodeAll(t testing.TB, manifest string) Decoded {
	t.Helper()
	d, err := Decode([]byte(manifest), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) wait(name, what string) *v1.Pod {
	w.t.Helper()
	o, err := w.Wait(w.t.Context(), Ref{Kind: Pods, Name: name}, WaitOptions{For: what, Timeout: 30 * time.Second})
	if err != nil {
		events, _ := w.Events(context.Background(), EventOptions{})
		for _, e := range events {
			w.t.Logf("event %s x%d %s", e.Reason, e.Count, e.Message)
		}
		w.t.Logf("pod %+v", o)
		w.t.Fatalf("wait for %s of %s: %v", what, name, err)
	}
	return o.(*v1.Pod)
}

// loopbackAgent reaches into sandboxes that have no network: whatever is
// dialled is this machine's own loopback.
type loopbackAgent struct{}

func (loopbackAgent) Ensure(context.Context) (string, error) { return "pause", nil }
func (loopbackAgent) Tunnel(runtime.ContainerID) node.Tunnel { return &loopbackTunnel{} }
func (loopbackAgent) Kill(context.Context, runtime.ContainerID, runtime.Meta, runtime.ContainerID, runtime.Process) error {
	return nil
}

type loopbackTunnel struct{ net.Dialer }

func (loopbackTunnel) ResolveSubpath(_ context.Context, _, path string, _ bool) (wire.SubpathResult, error) {
	return wire.SubpathResult{Path: path}, nil
}
func (loopbackTunnel) Swap(context.Context, agent.Payload) (bool, error)   { return true, nil }
func (loopbackTunnel) Measure(context.Context, string) (wire.Usage, error) { return wire.Usage{}, nil }
func (loopbackTunnel) ReadFile(context.Context, string, int64, bool) ([]byte, error) {
	return nil, errors.New("no such file")
}
func (loopbackTunnel) MakeFiles(context.Context, ...wire.File) error { return nil }
func (loopbackTunnel) Close() error                                  { return nil }

const servePod = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "echo hello; echo more; sleep 1000"]}
  - {name: b, image: "app:1", command: [sh, -c, "sleep 1000"], ports: [{name: http, containerPort: 80}]}
`
