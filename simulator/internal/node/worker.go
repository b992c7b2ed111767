package node

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/status"
	"github.com/podsim/podsim/simulator/internal/store"
)

// podKey names the pod of a worker for good.
type podKey struct {
	types.NamespacedName
	UID types.UID
}

// worker owns one pod. All fields below mail belong to the goroutine of run;
// tasks reach them only through post.
type worker struct {
	n    *Node
	key  podKey
	log  *slog.Logger
	mail chan func()
	// quit is closed when run has returned: nothing is delivered any more.
	quit chan struct{}

	ctx   context.Context // ends with run; for tasks
	tasks sync.WaitGroup
	// making counts the tasks that may still put something on the engine.
	making sync.WaitGroup
	pod    store.Pod
	// unscheduled is why no node takes the pod, "" once one does.
	unscheduled string
	// unclaimed is why a claim of the pod cannot be made, "" if it could.
	unclaimed string
	// resize is what was asked for of the pod's resources and is not to be had.
	resize     *lifecycle.PendingResize
	objects    config.Objects
	volumes    volumes
	sandbox    sandbox
	containers map[string]*container
	// discarded are the containers that are being removed, since when: what
	// the engine says of them is of no interest any more.
	discarded map[runtime.ContainerID]time.Time
	memory    lifecycle.Memory
	usage     lifecycle.Usage
	measuring bool
	measureAt time.Time
	engineUp  bool
	// observed is true once the engine was listed: nothing is decided before.
	observed bool
	// gone is true after the teardown: the worker ends.
	gone     bool
	teardown bool
	// retryAt holds actions back after the engine failed one.
	retryAt time.Time
	// writeAt holds the next write back after the store failed one; zero when
	// it did not.
	writeAt time.Time

	events    []pendingEvent
	published store.PodState
	written   []byte // published as JSON
	// unread counts termination messages and starts that are being looked at:
	// the status waits for them.
	unread int
}

func newWorker(n *Node, p store.Pod) *worker {
	return &worker{
		n:    n,
		key:  keyOf(p.Object),
		log:  n.Log.With("pod", p.Object.Namespace+"/"+p.Object.Name),
		mail: make(chan func(), 64),
		quit: make(chan struct{}),
		pod:  p,
	}
}

func keyOf(p *v1.Pod) podKey {
	return podKey{types.NamespacedName{Namespace: p.Namespace, Name: p.Name}, p.UID}
}

// post hands f to the worker's goroutine; after the end it is dropped.
func (w *worker) post(f func()) { w.postUnless(context.Background(), f) }

// postUnless is post that gives up when ctx ends.
func (w *worker) postUnless(ctx context.Context, f func()) {
	select {
	case w.mail <- f:
	case <-w.quit:
	case <-ctx.Done():
	}
}

// run owns the pod until it is gone or ctx ends. It returns after every task
// it started has ended.
func (w *worker) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	w.ctx = ctx
	defer w.tasks.Wait()
	defer close(w.quit)
	defer cancel()

	w.recover()
	w.engineUp = w.n.engineUp()
	w.task(w.adopt)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for !w.gone {
		wake := w.step()
		timer.Reset(until(wake))
		select {
		case <-ctx.Done():
			return
		case f := <-w.mail:
			f()
			w.drain()
		case <-timer.C:
		}
	}
}

// until is how long to sleep for a wake-up at t; a zero t is "no need".
func until(t time.Time) time.Duration {
	if t.IsZero() {
		return time.Hour
	}
	return max(0, time.Until(t))
}

func (w *worker) drain() {
	for {
		select {
		case f := <-w.mail:
			f()
		default:
			return
		}
	}
}

// step decides once and acts on it. It returns when to look again. What was
// seen is published before the decision too: a plan may go on at once from a
// state that users are to see.
func (w *worker) step() time.Time {
	if !w.observed || w.teardown {
		return time.Time{}
	}
	if w.engineUp {
		w.syncProbes() // what is published depends on whose results there are
	}
	w.publish()
	if w.teardown {
		return time.Time{}
	}
	plan := w.n.decide(w.snapshot())
	// While nothing can be done nothing was decided.
	if !w.engineUp {
		return earliest(plan.Wake, w.nextWrite()) // whoever finds it up again tells
	}
	if time.Now().Before(w.retryAt) {
		return earliest(plan.Wake, w.retryAt, w.nextWrite())
	}
	w.memory = plan.Memory
	for _, e := range plan.Events {
		w.tell(e)
	}
	for _, a := range plan.Actions {
		if a.Kind == lifecycle.ActTeardown {
			if w.unread > 0 {
				continue // the last words come first; it will be asked for again
			}
			w.sandbox.stopping = true
			w.publish()
		}
		w.log.Debug("act", "action", a.Kind, "container", a.Container, "attempt", a.Attempt, "cause", a.Cause)
		w.act(a)
	}
	again := earliest(w.lookForImages(), w.measure(), w.renewTokens())
	w.publish()
	return earliest(plan.Wake, again, w.nextWrite())
}

// earliest is the first of some times; zero ones are no times.
func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if first.IsZero() || !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}

// recover loads what an earlier owner remembered.
func (w *worker) recover() {
	s, err := w.n.Store.State(w.key.Namespace, w.key.Name, string(w.key.UID))
	if err != nil {
		w.log.Warn("read state", "error", err)
	}
	w.published, w.memory = s, s.Memory
	if w.memory.StartTime.IsZero() && w.pod.Object.Spec.NodeName != "" {
		w.tellScheduled()
	}
	w.schedule()
	w.allocate()
	w.containers = map[string]*container{}
	w.discarded = map[runtime.ContainerID]time.Time{}
	w.addContainers()
	w.reloadObjects()
}

// setPod takes the pod as asked for now.
func (w *worker) setPod(p store.Pod) {
	old := w.pod.Object
	w.pod = p
	w.schedule()
	w.allocate()
	meta := *p.Object.ObjectMeta.DeepCopy()
	meta.ResourceVersion = old.ResourceVersion
	if equality.Semantic.DeepEqual(meta, old.ObjectMeta) && equality.Semantic.DeepEqual(p.Object.Spec, old.Spec) {
		return
	}
	w.addContainers()
	w.resolveVolumes()
	w.retryConfig()
}

// allocate gives the pod what the node grants of the resources it asks for.
func (w *worker) allocate() {
	w.pod.Object, w.resize = lifecycle.Allocate(w.pod.Object, &w.published.Status, w.n.Info)
}

// reloadObjects takes the objects that the pod names as they are now.
func (w *worker) reloadObjects() {
	w.schedule()
	now := w.readObjects()
	if w.volumes.resolved && equality.Semantic.DeepEqual(now, w.objects) {
		return
	}
	w.objects = now
	w.resolveVolumes()
	w.retryConfig()
}

// retryConfig forgets failures that other objects may have healed, so that
// the next plan tries again at once.
func (w *worker) retryConfig() {
	for _, c := range w.containers {
		if c.failure != nil && c.failure.Reason == reasonConfig {
			c.failure = nil
		}
	}
}

// setEngine notes whether the engine answers. While it does not, nothing is
// asked of it; when it is back, the list that follows says what is left.
func (w *worker) setEngine(up bool) {
	w.engineUp = up
	if up {
		w.task(w.observe)
	}
}

// snapshot is what the pure functions see.
func (w *worker) snapshot() lifecycle.Snapshot {
	pod := w.pod.Object.DeepCopy()
	pod.Status = status.WithForeign(w.published.Status, w.pod.Conditions)
	s := lifecycle.Snapshot{
		Now:          time.Now(),
		Pod:          pod,
		Unscheduled:  w.unscheduled,
		Resize:       w.resize,
		Node:         w.n.Info,
		Sandbox:      w.sandbox.observed(),
		Volumes:      lifecycle.Volumes{Problems: w.volumes.problems},
		Containers:   make(map[string]lifecycle.Container, len(w.containers)),
		Usage:        w.usage,
		Memory:       w.memory,
		BackoffScale: w.pod.Options.BackoffScale,
	}
	s.Rejected = lifecycle.Admit(pod, w.n.Info)
	for name, c := range w.containers {
		s.Containers[name] = c.observed()
	}
	return s
}

// configInput is what package config builds specs from.
func (w *worker) configInput() config.Input {
	return config.Input{
		Pod:     w.pod.Object,
		Objects: w.objects,
		Node:    w.n.Info,
		Home:    w.n.Store.Home(),
		Now:     time.Now(),
		Key:     w.n.key,

		CopyImages: !w.n.Can.ImageMounts,
	}
}

func (w *worker) podRef() runtime.PodRef {
	return runtime.PodRef{UID: string(w.key.UID), Namespace: w.key.Namespace, Name: w.key.Name}
}

// podText is the pod as messages name it.
func (w *worker) podText() string {
	return fmt.Sprintf("%s_%s(%s)", w.key.Name, w.key.Namespace, w.key.UID)
}
