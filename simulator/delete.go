package simulator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/store"
)

// DeleteOptions of Delete.
type DeleteOptions struct {
	// Grace in seconds; nil is the pod's own. 0 without Force is 1, as kubectl
	// sends it.
	Grace *int64
	// Force kills a pod's containers at once. Delete then waits for the end
	// even without Wait, but never long.
	Force bool
	// Wait returns only once the object is gone and, of a pod, nothing is left
	// on the engine. When nobody owns the pod, this process does the work.
	Wait bool
	// UID, unless empty, is the object that is meant; Conflict if another bears
	// the name.
	UID types.UID
	// KeepData of a claim keeps its volume; deleting a claim else deletes it.
	KeepData bool
	// Asked, if not nil, is called once the deletion is written down and before
	// any waiting: the moment at which kubectl says `pod "web" deleted`.
	Asked func()
}

const (
	// forceTime is how long a forced deletion may take before the object goes
	// without its owner's word.
	forceTime = 15 * time.Second
	// orphanTime is how long a pod may be without an owner although a node runs
	// before a waiting command becomes it: the node adopts it in less.
	orphanTime = 3 * time.Second
)

// Delete asks for the deletion of an object; NotFound if there is none. A pod
// goes once its owner has stopped it; everything else goes at once. A deletion
// asked for again can only shorten the grace. A claim goes with its data, once
// no pod uses it. ctx ends the waiting, not the deletion.
func (s *Simulator) Delete(ctx context.Context, ref Ref, o DeleteOptions) error {
	switch ref.Kind {
	case Pods:
		return s.deletePod(ctx, ref, o)
	case Claims:
		return s.deleteClaim(ctx, ref, o)
	}
	if err := s.store.Delete(store.Kind(ref.Kind), s.ns(ref.Namespace), ref.Name, string(o.UID)); err != nil {
		return err
	}
	o.asked()
	return nil
}

func (o DeleteOptions) asked() {
	if o.Asked != nil {
		o.Asked()
	}
}

func (s *Simulator) deletePod(ctx context.Context, ref Ref, o DeleteOptions) error {
	ns := s.ns(ref.Namespace)
	p, err := s.store.UpdatePod(ns, ref.Name, func(p *store.Pod) error {
		if o.UID != "" && o.UID != p.Object.UID {
			return apierrors.NewConflict(store.KindPod.Resource(), ref.Name, fmt.Errorf(
				"the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated",
				o.UID, p.Object.UID))
		}
		askDeletion(p.Object, o, time.Now())
		return nil
	})
	if damaged(err) && o.UID == "" {
		return s.deleteDamaged(ctx, ns, ref.Name, o)
	}
	if err != nil {
		return err
	}
	o.asked()
	uid := p.Object.UID
	switch {
	case o.Force:
		bounded, cancel := context.WithTimeout(ctx, forceTime)
		defer cancel()
		err := s.seeOff(bounded, ns, ref.Name, uid)
		if err != nil && ctx.Err() == nil {
			return errors.Join(err, s.store.RemovePod(ns, ref.Name, string(uid)), s.finishClaims(ctx, ns))
		}
		return err
	case o.Wait:
		if err := s.seeOff(ctx, ns, ref.Name, uid); err != nil {
			return err
		}
		return s.keptVolumes(ctx, ns, ref.Name, uid)
	}
	return nil
}

// keptVolumes is an error when the engine still has volumes of a pod that is
// gone: it refused to remove them.
func (s *Simulator) keptVolumes(ctx context.Context, ns, name string, uid types.UID) error {
	kept, err := s.engine.ListVolumes(ctx, runtime.Filter{Home: s.store.Home(), PodUID: string(uid), Kind: runtime.KindVolume})
	if err != nil || len(kept) == 0 {
		return err
	}
	names := make([]string, len(kept))
	for i, v := range kept {
		names[i] = v.Name
	}
	return fmt.Errorf("pod %q is gone, but the engine refuses to remove its volumes %s: restart the engine, then run podsim gc",
		ns+"/"+name, strings.Join(names, ", "))
}

// askDeletion writes into a pod that it is to go, and how soon
// (pkg/registry/core/pod/strategy.go CheckGracefulDelete, and BeforeDelete of
// k8s.io/apiserver).
func askDeletion(pod *v1.Pod, o DeleteOptions, now time.Time) {
	grace := ptr.Deref(pod.Spec.TerminationGracePeriodSeconds, v1.DefaultTerminationGracePeriodSeconds)
	if o.Grace != nil {
		grace = *o.Grace
	}
	switch {
	case o.Force, Ended(pod):
		grace = 0
	case grace < 0, o.Grace != nil && grace == 0:
		grace = 1
	}
	asked := now.UTC().Truncate(time.Second)
	if pod.DeletionTimestamp != nil {
		old := ptr.Deref(pod.DeletionGracePeriodSeconds, 0)
		if (o.Grace == nil && !o.Force) || grace >= old {
			return
		}
		asked = pod.DeletionTimestamp.Add(-time.Duration(old) * time.Second)
	}
	at := metav1.NewTime(asked.Add(time.Duration(grace) * time.Second))
	pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &at, &grace
}

// seeOff waits until a pod is gone. When nobody owns it, or its owner dies
// meanwhile, a node in this process does the rest.
func (s *Simulator) seeOff(ctx context.Context, ns, name string, uid types.UID) error {
	own, stop := context.WithCancel(ctx)
	var node chan error
	defer func() {
		stop()
		if node != nil {
			<-node
		}
	}()
	var orphan time.Time
	err := s.untilOf(ctx, Ref{Kind: Pods, Namespace: ns, Name: name}, func() (bool, error) {
		p, err := s.store.Pod(ns, name)
		if apierrors.IsNotFound(err) || err == nil && p.Object.UID != uid {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		select {
		case err := <-node:
			node = nil
			if err != nil {
				return false, fmt.Errorf("remove pod %q: %w", ns+"/"+name, err)
			}
		default:
		}
		owned, err := s.store.Owned(string(uid))
		if err != nil || owned || node != nil {
			orphan = time.Time{}
			return false, err
		}
		if orphan.IsZero() {
			orphan = time.Now()
		}
		if _, running, _ := s.store.NodeRunning(); running && time.Since(orphan) < orphanTime {
			return false, nil
		}
		node = make(chan error, 1)
		go func(done chan<- error) { done <- s.RunNode(own, NodeOptions{Only: []types.UID{uid}}) }(node)
		return false, nil
	})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("timed out waiting for the condition on %s/%s: %w", Pods.Resource(), name, ctx.Err())
	}
	return err
}
