package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/store"
)

const testHome = "home"

// memStore is a Store in memory that remembers every state it was given.
type memStore struct {
	mu       sync.Mutex
	pods     map[string]store.Pod
	states   map[string]store.PodState
	history  []v1.PodStatus
	events   []v1.Event
	owned    map[string]bool
	watchers map[chan store.Change]bool
}

func newMemStore() *memStore {
	return &memStore{
		pods: map[string]store.Pod{}, states: map[string]store.PodState{},
		owned: map[string]bool{}, watchers: map[chan store.Change]bool{},
	}
}

func (m *memStore) Home() string { return testHome }

func (m *memStore) Version() (uint64, error) { return 0, errors.New("not counted") }

func (m *memStore) Pods(string) ([]store.Pod, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []store.Pod
	for _, p := range m.pods {
		out = append(out, clone(p))
	}
	return out, nil
}

func clone(p store.Pod) store.Pod {
	p.Object = p.Object.DeepCopy()
	return p
}

func (m *memStore) Pod(_, name string) (store.Pod, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.pods[name]
	if !ok {
		return store.Pod{}, apierrors.NewNotFound(store.KindPod.Resource(), name)
	}
	return clone(p), nil
}

func (m *memStore) Own(_, name, uid string) (func(), bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owned[uid] {
		return nil, false, nil
	}
	m.owned[uid] = true
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.owned, uid)
	}, true, nil
}

func (m *memStore) State(_, _, uid string) (store.PodState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.states[uid], nil
}

func (m *memStore) SetState(_, name, uid string, s store.PodState) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.pods[name]; !ok || string(p.Object.UID) != uid {
		return apierrors.NewNotFound(store.KindPod.Resource(), name)
	}
	m.states[uid] = s
	m.history = append(m.history, *s.Status.DeepCopy())
	return nil
}

func (m *memStore) RemovePod(_, name, uid string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.pods, name)
	delete(m.states, uid)
	return nil
}

func (m *memStore) AppendEvents(_ *v1.Pod, events ...v1.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, events...)
	return nil
}

func (m *memStore) Watch(ctx context.Context) (<-chan store.Change, error) {
	ch := make(chan store.Change, 100)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watchers[ch] = true
	return ch, nil
}

func (m *memStore) List(store.Kind, string) ([]store.Object, error) { return nil, nil }

// change edits the pod and tells the watchers.
func (m *memStore) change(name string, f func(p *v1.Pod)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.pods[name]
	if !ok {
		return
	}
	p = clone(p)
	f(p.Object)
	m.pods[name] = p
	for ch := range m.watchers {
		ch <- store.Change{Op: "modified", Kind: store.KindPod, Namespace: "default", Name: name}
	}
}

func (m *memStore) put(p *v1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pods[p.Name] = store.Pod{Object: p}
	for ch := range m.watchers {
		ch <- store.Change{Op: "added", Kind: store.KindPod, Namespace: "default", Name: p.Name}
	}
}

func (m *memStore) has(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.pods[name]
	return ok
}

func (m *memStore) statuses() []v1.PodStatus {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]v1.PodStatus(nil), m.history...)
}

func (m *memStore) last() v1.PodStatus {
	h := m.statuses()
	if len(h) == 0 {
		return v1.PodStatus{}
	}
	return h[len(h)-1]
}

// del asks for the deletion of a pod.
func (m *memStore) del(name string, grace int64) {
	m.change(name, func(p *v1.Pod) {
		if p.DeletionGracePeriodSeconds != nil && *p.DeletionGracePeriodSeconds < grace {
			return
		}
		at := metav1.NewTime(time.Now().Add(time.Duration(grace) * time.Second))
		p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &at, &grace
	})
}

// fakeAgent is an Agent whose tunnels reach nothing.
type fakeAgent struct{}

func (fakeAgent) Ensure(context.Context) (string, error) { return "pause", nil }
func (fakeAgent) Tunnel(id runtime.ContainerID) Tunnel   { return fakeTunnel{} }

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
	cancel context.CancelFunc
	ended  chan struct{}
}

func newWorld(t testing.TB, h fake.Hooks) *world {
	w := &world{t: t, store: newMemStore(), engine: fake.New(h, fake.ShellImage("pause"), fake.ShellImage("app:1"))}
	return w
}

// start runs a node; stop kills it as kill -9 would: nothing is told to it.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel, w.ended = cancel, make(chan struct{})
	ended := w.ended
	go func() {
		defer close(ended)
		err := Run(ctx, Config{
			Engine: w.engine, Agent: fakeAgent{}, Store: w.store,
			Info: lifecycle.Node{Name: "node", IPs: []string{"192.0.2.1"}, CPUMillis: 4000, MemoryBytes: 8 << 30},
		})
		if err != nil {
			w.t.Errorf("node: %v", err)
		}
	}()
}

func (w *world) stop() {
	w.cancel()
	<-w.ended
}

// close ends everything; call it at the end of the bubble.
func (w *world) close() {
	w.stop()
	w.engine.Close()
}

// pod makes a pod object from YAML as the API server would store it.
func pod(t testing.TB, text string) *v1.Pod {
	t.Helper()
	res, err := manifest.Decode([]byte(text), manifest.Options{DefaultNamespace: "default"})
	if err != nil || len(res.Objects) != 1 {
		t.Fatalf("manifest: %v", err)
	}
	p := res.Objects[0].(*v1.Pod)
	p.UID = types.UID("uid-" + p.Name)
	p.CreationTimestamp = metav1.Now()
	p.Generation = 1
	p.ResourceVersion = "1"
	return p
}

// left lists what is on the engine.
func (w *world) left() []string {
	ctx := context.Background()
	cs, _ := w.engine.ListContainers(ctx, runtime.Filter{})
	vs, _ := w.engine.ListVolumes(ctx, runtime.Filter{})
	var out []string
	for _, c := range cs {
		out = append(out, "container "+c.Name)
	}
	for _, v := range vs {
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
