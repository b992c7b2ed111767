package node

import (
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/store"
)

// schedule looks for a node for a pod that was made without one, because this
// node could not take it then, or because it has claims yet to be made. Two pods are not bound at the same moment: they
// may want the same port.
func (w *worker) schedule() {
	w.makeClaims()
	p := w.pod.Object
	if p.Spec.NodeName != "" {
		w.unscheduled = ""
		return
	}
	w.n.scheduling.Lock()
	defer w.n.scheduling.Unlock()
	if w.unscheduled = lifecycle.Schedule(p, w.n.Info, lifecycle.Cluster{Pods: w.n.allPods, Claim: w.claim}); w.unscheduled != "" {
		return
	}
	bound, err := w.n.Store.Bind(p.Namespace, p.Name, string(p.UID), w.n.Info.Name)
	if err != nil {
		w.log.Warn("bind pod", "error", err)
		w.unscheduled = "bind pod to the node: " + err.Error()
		return
	}
	p.Spec.NodeName = w.n.Info.Name
	if bound {
		w.tellScheduled()
	}
}

// allPods are those of the store that can be read.
func (n *Node) allPods() []*v1.Pod {
	pods, err := n.Store.Pods("")
	if err != nil {
		n.Log.Warn("list pods", "error", err)
	}
	return store.Objects(pods)
}
