package node

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/store"
)

// Config is everything a node works with.
type Config struct {
	Engine runtime.Engine
	Agent  Agent
	Store  Store
	// Info is the machine as pods see it.
	Info lifecycle.Node
	// Can is what the engine can do by itself.
	Can Abilities
	// Owns limits the node to some pods; nil owns every pod nobody else does.
	Owns func(p store.Pod) bool
	// Idle ends the node when it has owned no pod for so long; zero never.
	Idle   time.Duration
	Timing Timing
	// Progress hears of the progress of image pulls; nil is fine. It is called
	// from many goroutines.
	Progress func(pod types.NamespacedName, image string, p runtime.PullProgress)
	Log      *slog.Logger

	// decide is lifecycle.Decide, but in tests of what tests would find.
	decide func(lifecycle.Snapshot) lifecycle.Plan
}

// Node owns pods. Use Run.
type Node struct {
	Config
	pulls   pulls
	leaving Leaving
	// key signs the service account tokens of this node's pods.
	key crypto.Signer

	// oomDenied is true once the engine was found not to lower oom_score_adj.
	oomDenied atomic.Bool
	// seen is the version of the store that lookAtPods saw last; foreign is
	// true when some pod then had another owner. Both belong to loop.
	seen    uint64
	foreign bool

	scheduling sync.Mutex

	mu      sync.Mutex
	workers map[types.UID]*worker
	up      bool // whether the engine answered last
	done    sync.WaitGroup
}

// Run owns pods until ctx ends or, with Idle, until there was nothing to own
// for long enough. Pods are left as they stand when it returns: the next node
// adopts them. It returns nil when it ended by itself or by ctx.
func Run(ctx context.Context, c Config) error {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.decide == nil {
		c.decide = lifecycle.Decide
	}
	c.Timing = c.Timing.withDefaults()
	c.Info.RecursiveReadOnly = c.Can.RecursiveReadOnly
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key for service account tokens: %w", err)
	}
	n := &Node{Config: c, key: key, workers: map[types.UID]*worker{}, leaving: make(Leaving, 1)}
	ctx, cancel := context.WithCancel(ctx)
	defer n.done.Wait()
	defer cancel()

	changes, err := c.Store.Watch(ctx)
	if err != nil {
		return fmt.Errorf("watch the store: %w", err)
	}
	connected := make(chan struct{})
	n.done.Go(func() { n.followEngine(ctx, connected) })
	select {
	case <-connected:
	case <-ctx.Done():
		return nil
	}
	return n.loop(ctx, changes)
}

func (n *Node) loop(ctx context.Context, changes <-chan store.Change) error {
	adopt := time.NewTicker(n.Timing.Adopt)
	defer adopt.Stop()
	relist := time.NewTicker(n.Timing.Relist)
	defer relist.Stop()
	lastBusy := time.Now()
	if err := FinishClaims(ctx, n.Engine, n.Store, ""); err != nil {
		n.Log.Warn("finish claims", "error", err)
	}
	n.lookAtPods(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case ch, ok := <-changes:
			if !ok {
				return nil
			}
			n.changed(ctx, ch)
		case <-relist.C:
			n.confirm("", "")
			n.list(ctx)
		case <-adopt.C:
			n.lookAtPods(ctx)
		}
		if n.owned() > 0 {
			lastBusy = time.Now()
		}
		if n.Idle > 0 && time.Since(lastBusy) >= n.Idle {
			n.Log.Info("no pod left, node ends")
			return nil
		}
	}
}

func (n *Node) owned() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.workers)
}

// changed hands a change in the store to whom it concerns.
func (n *Node) changed(ctx context.Context, ch store.Change) {
	switch {
	case ch.Kind == store.KindEvent || ch.Op == "status":
		return
	case ch.Kind == store.KindPod:
		n.lookAtPods(ctx)
		if ch.Op == "deleted" {
			n.confirm(ch.Namespace, ch.Name)
		}
		return
	case ch.Kind == "":
		n.lookAtPods(ctx)
	}
	for _, w := range n.all() {
		if ch.Namespace == "" || w.key.Namespace == ch.Namespace {
			w.post(w.reloadObjects)
		}
	}
}

// confirm has the worker of a pod, or all of them, make sure that the store
// has what was written last: pods may be taken out of it without a deletion,
// and files get damaged.
func (n *Node) confirm(namespace, name string) {
	for _, w := range n.all() {
		if name == "" || w.key.Namespace == namespace && w.key.Name == name {
			w.post(func() { w.written = nil })
		}
	}
}

// lookAtPods starts a worker for each pod that can be owned, and tells those
// that exist what is asked for now.
func (n *Node) lookAtPods(ctx context.Context) {
	if v, err := n.Store.Version(); err == nil && v == n.seen && !n.foreign {
		return
	} else if err == nil {
		n.seen = v
	}
	n.foreign = false
	pods, err := n.Store.Pods("")
	if err != nil {
		n.Log.Warn("list pods", "error", err)
	}
	for _, p := range pods {
		if n.Owns != nil && !n.Owns(p) {
			n.foreign = true
			continue
		}
		if w := n.worker(p.Object.UID); w != nil {
			w.post(func() { w.setPod(p) })
			continue
		}
		n.adopt(ctx, p)
	}
}

// adopt takes the pod's lock and starts its worker; a pod that somebody else
// owns is left alone.
func (n *Node) adopt(ctx context.Context, p store.Pod) {
	o := p.Object
	release, ok, err := n.Store.Own(o.Namespace, o.Name, string(o.UID))
	if err != nil || !ok {
		n.foreign = true
		if err != nil {
			n.Log.Warn("own pod", "pod", o.Name, "error", err)
		}
		return
	}
	// It may have gone, or changed, just before it was owned.
	p, err = n.Store.Pod(o.Namespace, o.Name)
	if err != nil || p.Object.UID != o.UID {
		release()
		return
	}
	w := newWorker(n, p)
	n.mu.Lock()
	n.workers[o.UID] = w
	n.mu.Unlock()
	n.done.Go(func() {
		defer release()
		w.run(ctx)
		n.mu.Lock()
		delete(n.workers, o.UID)
		n.mu.Unlock()
	})
}

func (n *Node) worker(uid types.UID) *worker {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.workers[uid]
}

func (n *Node) all() []*worker {
	n.mu.Lock()
	defer n.mu.Unlock()
	ws := make([]*worker, 0, len(n.workers))
	for _, w := range n.workers {
		ws = append(ws, w)
	}
	return ws
}
