package node

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/runtime"
)

const (
	reconnectFirst = 100 * time.Millisecond
	reconnectMax   = 2 * time.Second
)

// followEngine subscribes to the engine's events for as long as ctx lives, and
// lists after each subscription, since events were lost before it. connected
// is closed after the first attempt that worked.
func (n *Node) followEngine(ctx context.Context, connected chan<- struct{}) {
	delay := reconnectFirst
	for ctx.Err() == nil {
		events, err := n.Engine.Events(ctx, runtime.Filter{Home: n.Store.Home()})
		if err != nil {
			n.Log.Warn("subscribe to engine events", "error", err)
			pause(ctx, delay)
			delay = min(2*delay, reconnectMax)
			continue
		}
		delay = reconnectFirst
		n.setEngine(true)
		if connected != nil {
			close(connected)
			connected = nil
		} else {
			n.list(ctx)
		}
		for e := range events {
			n.deliver(e)
		}
		n.setEngine(false)
	}
}

func (n *Node) setEngine(up bool) {
	n.mu.Lock()
	n.up = up
	n.mu.Unlock()
	for _, w := range n.all() {
		w.post(func() { w.setEngine(up) })
	}
}

func (n *Node) engineUp() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.up
}

// deliver tells the worker of the container's pod to look at it.
func (n *Node) deliver(e runtime.Event) {
	if w := n.worker(types.UID(e.Meta.Pod.UID)); w != nil {
		w.post(func() { w.engineEvent(e) })
	}
}

// list reads every container of this home once and hands each worker its own.
func (n *Node) list(ctx context.Context) {
	if n.owned() == 0 {
		return
	}
	taken := time.Now()
	all, err := n.Engine.ListContainers(ctx, runtime.Filter{Home: n.Store.Home()})
	if err != nil {
		n.Log.Warn("list containers", "error", err)
		return
	}
	byPod := map[string][]runtime.Container{}
	for _, c := range all {
		byPod[c.Meta.Pod.UID] = append(byPod[c.Meta.Pod.UID], c)
	}
	for _, w := range n.all() {
		cs := byPod[string(w.key.UID)]
		w.post(func() { w.observeAll(cs, taken) })
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
