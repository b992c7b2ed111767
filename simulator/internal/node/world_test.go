package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// fakeAgent is an Agent whose tunnels reach nothing.
type fakeAgent struct{}

func (fakeAgent) Ensure(context.Context) (string, error) { return "pause", nil }
func (fakeAgent) Tunnel(id runtime.ContainerID) Tunnel   { return fakeTunnel{} }
func (fakeAgent) Kill(context.Context, runtime.ContainerID, runtime.Meta, runtime.ContainerID, runtime.Process) error {
	return nil
}

type fakeTunnel struct{}

var errNoNetwork = errors.New("no network in here")

func (fakeTunnel) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, errNoNetwork
}
func (fakeTunnel) ResolveSubpath(_ context.Context, _, path string, _ bool) (wire.SubpathResult, error) {
	return wire.SubpathResult{Path: path}, nil
}
func (fakeTunnel) Swap(context.Context, agent.Payload) (bool, error)   { return true, nil }
func (fakeTunnel) Measure(context.Context, string) (wire.Usage, error) { return wire.Usage{}, nil }
func (fakeTunnel) ReadFile(context.Context, string, int64, bool) ([]byte, error) {
	return nil, nil
}
func (fakeTunnel) MakeFiles(context.Context, ...wire.File) error { return nil }
func (fakeTunnel) Close() error                                  { return nil }

// world is a node, an engine and a store in one bubble.
type world struct {
	t      testing.TB
	store  *memStore
	engine *fake.Engine
	// config changes what a node is started with; nil is fine.
	config func(c *Config)
	node   *running
}

// running is one node process.
type running struct {
	store  *process
	dead   atomic.Bool
	cancel context.CancelFunc
	ended  chan struct{}
}

// nodeKey is the key of the context's value that says which node makes a call.
type nodeKey struct{}

func newWorld(t testing.TB, h fake.Hooks) *world {
	return &world{t: t, store: newMemStore(), engine: fake.New(h, fake.ShellImage("pause"), fake.ShellImage("app:1"))}
}

// start runs a node.
func (w *world) start() {
	n := &running{store: w.store.open(), ended: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), nodeKey{}, n))
	n.cancel = cancel
	w.node = n
	c := Config{
		Engine: w.engine, Agent: fakeAgent{}, Store: n.store,
		Info: lifecycle.Node{Name: "node", IPs: []string{"192.0.2.1"}, CPUMillis: 4000, MemoryBytes: 8 << 30},
	}
	if w.config != nil {
		w.config(&c)
	}
	go func() {
		defer close(n.ended)
		if err := Run(ctx, c); err != nil {
			w.t.Errorf("node: %v", err)
		}
	}()
}

// kill ends the node as kill -9 would: nothing is told to it, and whatever its
// remains still do comes to nothing.
func (n *running) kill() {
	n.dead.Store(true)
	n.store.kill()
	n.cancel()
}

// stop ends the node and waits for it.
func (w *world) stop() {
	w.node.cancel()
	<-w.node.ended
}

// close ends everything; call it at the end of the bubble.
func (w *world) close() {
	w.stop()
	w.engine.Close()
}

// pod makes a pod object from YAML as it is stored, on the only node.
func pod(t testing.TB, text string) *v1.Pod {
	t.Helper()
	p, err := decode([]byte(text))
	if err != nil {
		t.Fatalf("manifest: %v", err)
	}
	p.CreationTimestamp = metav1.Now()
	return p
}

// left lists what is on the engine.
func (w *world) left() []string {
	var out []string
	for _, c := range w.engine.Left(runtime.Filter{}) {
		out = append(out, "container "+c.Name)
	}
	for _, v := range w.engine.LeftVolumes(runtime.Filter{}) {
		out = append(out, "volume "+v.Name)
	}
	return out
}

func (w *world) eventReasons() []string {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	var out []string
	for _, e := range w.store.events {
		out = append(out, fmt.Sprintf("%s %s %s", e.Reason, e.InvolvedObject.FieldPath, e.Message))
	}
	return out
}
