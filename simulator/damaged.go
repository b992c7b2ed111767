package simulator

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/node"
	"github.com/podsim/podsim/simulator/internal/store"
)

// damaged says that an object's own file cannot be understood.
func damaged(err error) bool {
	var corrupt *store.CorruptError
	return errors.As(err, &corrupt)
}

// deleteDamaged deletes a pod whose file cannot be understood: what it asked
// for, and how gently it wanted to end, nobody knows any more. Its owner
// notices that it is gone; without one this process clears the engine.
func (s *Simulator) deleteDamaged(ctx context.Context, ns, name string, o DeleteOptions) error {
	if err := s.store.RemovePod(ns, name, ""); err != nil {
		return err
	}
	o.asked()
	bounded, cancel := context.WithTimeout(ctx, forceTime)
	defer cancel()
	err := s.until(bounded, func() (bool, error) { return s.clear(bounded, ns, name) })
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("remove what is left of pod %q: %w (run podsim gc)", ns+"/"+name, err)
	}
	return errors.Join(err, s.finishClaims(ctx, ns))
}

// clear removes from the engine what belongs to pods of a name that are not in
// the store and have no owner. It says whether nothing of such pods is left.
func (s *Simulator) clear(ctx context.Context, ns, name string) (bool, error) {
	uids, err := s.strays(ctx, ns, name)
	if err != nil {
		return false, err
	}
	for uid := range uids {
		owned, err := s.store.Owned(uid)
		if err != nil {
			return false, err
		}
		if owned {
			continue
		}
		if err := node.RemovePod(ctx, s.engine, runtime.Filter{Home: s.store.Home(), PodUID: uid}, make(node.Leaving, 1)); err != nil {
			return false, err
		}
		delete(uids, uid)
	}
	return len(uids) == 0, nil
}

// strays are the UIDs of the pods of a name that the engine knows and the
// store does not.
func (s *Simulator) strays(ctx context.Context, ns, name string) (map[string]bool, error) {
	mine := runtime.Filter{Home: s.store.Home()}
	containers, err := s.engine.ListContainers(ctx, mine)
	if err != nil {
		return nil, err
	}
	volumes, err := s.engine.ListVolumes(ctx, mine)
	if err != nil {
		return nil, err
	}
	uids := map[string]bool{}
	note := func(m runtime.Meta) {
		if m.Kind != runtime.KindClaim && m.Pod.Namespace == ns && m.Pod.Name == name {
			uids[m.Pod.UID] = true
		}
	}
	for _, c := range containers {
		note(c.Meta)
	}
	for _, v := range volumes {
		note(v.Meta)
	}
	present, err := s.store.Pod(ns, name)
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, err
	}
	if err == nil {
		delete(uids, string(present.Object.UID))
	}
	return uids, nil
}
