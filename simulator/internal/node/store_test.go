package node

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/simulator/internal/store"
)

const testHome = "home"

// memStore is a Store in memory that remembers every state it was given.
type memStore struct {
	// refuse says why a write fails now; nil is fine.
	refuse func() error
	// wrote hears of every state that was written; nil is fine.
	wrote func(s store.PodState)
	// told hears of every event; nil is fine.
	told func(e v1.Event)
	// gone hears that the pod was removed; nil is fine.
	gone func()

	mu       sync.Mutex
	version  uint64
	pods     map[string]store.Pod
	states   map[string]store.PodState
	claims   map[string]*v1.PersistentVolumeClaim
	history  []v1.PodStatus
	events   []v1.Event
	owners   map[string]*ownership
	watchers map[chan store.Change]bool
}

// ownership is one holder of locks: a process. One that is dead holds none and
// writes nothing.
type ownership struct{ dead bool }

func newMemStore() *memStore {
	return &memStore{
		pods: map[string]store.Pod{}, states: map[string]store.PodState{},
		claims: map[string]*v1.PersistentVolumeClaim{},
		owners: map[string]*ownership{}, watchers: map[chan store.Change]bool{},
	}
}

// process is the store as one process has it.
type process struct {
	*memStore
	me *ownership
}

func (m *memStore) open() *process { return &process{m, &ownership{}} }

// kill ends the process: its locks are free and its writes come to nothing.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.me.dead = true
	for uid, o := range p.owners {
		if o == p.me {
			delete(p.owners, uid)
		}
	}
}

var errDead = errors.New("the process is dead")

// write does f unless the process is dead or the store fails.
func (p *process) write(f func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.me.dead {
		return errDead
	}
	if p.refuse != nil {
		if err := p.refuse(); err != nil {
			return err
		}
	}
	return f()
}

func (m *memStore) BindClaim(string, string, bool) error { return nil }

func (m *memStore) Home() string { return testHome }

func (m *memStore) Version() (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.version, nil
}

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

func (p *process) Bind(_, name, _, node string) (bound bool, err error) {
	return true, p.write(func() error {
		pod := clone(p.pods[name])
		pod.Object.Spec.NodeName = node
		p.pods[name] = pod
		p.tell("modified", name)
		return nil
	})
}

func (p *process) Own(_, _, uid string) (func(), bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.me.dead || p.owners[uid] != nil {
		return nil, false, nil
	}
	p.owners[uid] = p.me
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.owners[uid] == p.me {
			delete(p.owners, uid)
		}
	}, true, nil
}

func (m *memStore) State(_, _, uid string) (store.PodState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.states[uid], nil
}

func (p *process) SetState(_, name, uid string, s store.PodState) error {
	return p.write(func() error {
		if pod, ok := p.pods[name]; !ok || string(pod.Object.UID) != uid {
			return apierrors.NewNotFound(store.KindPod.Resource(), name)
		}
		p.states[uid] = s
		p.history = append(p.history, *s.Status.DeepCopy())
		p.version++
		if p.wrote != nil {
			p.wrote(s)
		}
		return nil
	})
}

func (p *process) RemovePod(_, name, uid string) error {
	return p.write(func() error {
		delete(p.pods, name)
		delete(p.states, uid)
		p.tell("deleted", name)
		if p.gone != nil {
			p.gone()
		}
		return nil
	})
}

func (p *process) AppendEvents(_ *v1.Pod, events ...v1.Event) error {
	return p.write(func() error {
		p.events = append(p.events, events...)
		for i := range events {
			if p.told != nil {
				p.told(events[i])
			}
		}
		return nil
	})
}

func (m *memStore) Watch(ctx context.Context) (<-chan store.Change, error) {
	ch := make(chan store.Change, 100)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watchers[ch] = true
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.watchers, ch)
	})
	return ch, nil
}

func (m *memStore) List(kind store.Kind, _ string) ([]store.Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []store.Object
	for _, c := range m.claims {
		if kind == store.KindClaim {
			list = append(list, c.DeepCopy())
		}
	}
	return list, nil
}

func (m *memStore) Claim(_, name string) (*v1.PersistentVolumeClaim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.claims[name]; c != nil {
		return c.DeepCopy(), nil
	}
	return nil, apierrors.NewNotFound(store.KindClaim.Resource(), name)
}

func (p *process) Create(o store.Object) error {
	return p.write(func() error {
		p.claims[o.GetName()] = o.DeepCopyObject().(*v1.PersistentVolumeClaim)
		p.tellOf(store.KindClaim, "added", o.GetName())
		return nil
	})
}

func (p *process) Delete(_ store.Kind, _, name, _ string) error {
	return p.write(func() error {
		delete(p.claims, name)
		p.tellOf(store.KindClaim, "deleted", name)
		return nil
	})
}

func (m *memStore) ReleaseVolumes(string, string) error { return nil }

// tell wakes the watchers; those that are behind will look by themselves.
func (m *memStore) tell(op, name string) { m.tellOf(store.KindPod, op, name) }

func (m *memStore) tellOf(kind store.Kind, op, name string) {
	m.version++
	for ch := range m.watchers {
		select {
		case ch <- store.Change{Op: op, Kind: kind, Namespace: "default", Name: name}:
		default:
		}
	}
}

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
	m.tell("modified", name)
}

func (m *memStore) put(p *v1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pods[p.Name] = store.Pod{Object: p}
	m.tell("added", p.Name)
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
	return slices.Clone(m.history)
}

func (m *memStore) last() v1.PodStatus {
	h := m.statuses()
	if len(h) == 0 {
		return v1.PodStatus{}
	}
	return h[len(h)-1]
}

// del asks for the deletion of a pod; a later request counts if it gives less
// time.
func (m *memStore) del(name string, grace int64) {
	m.change(name, func(p *v1.Pod) {
		if p.DeletionGracePeriodSeconds != nil && *p.DeletionGracePeriodSeconds < grace {
			return
		}
		at := metav1.NewTime(time.Now().Add(time.Duration(grace) * time.Second))
		p.DeletionTimestamp, p.DeletionGracePeriodSeconds = &at, &grace
	})
}
