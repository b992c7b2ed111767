package simulator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/simulator/internal/store"
)

// adoptTime bounds how long Adopt waits: an engine that is slow or gone must
// not keep a command from showing what is known.
const adoptTime = 5 * time.Second

// Adopt makes sure that what the store says of pods is true although their
// owner died: it starts the background node for those that nobody owns, and
// returns once their new owner has looked at the engine and written what it
// saw. Where every pod has an owner it only asks the store.
func (s *Simulator) Adopt(ctx context.Context) error {
	orphans, _ := s.orphans()
	orphans = slices.DeleteFunc(orphans, func(p store.Pod) bool { return s.discard(ctx, p) == nil })
	if len(orphans) == 0 {
		return nil
	}
	if err := s.EnsureNode(ctx); err != nil {
		return fmt.Errorf("adopt pods whose owner died: %w", err)
	}
	waiting, cancel := context.WithTimeout(ctx, adoptTime)
	defer cancel()
	err := s.until(waiting, func() (bool, error) {
		for len(orphans) > 0 {
			if seen, err := s.seen(orphans[0]); !seen || err != nil {
				// A node that seemed to run may have been dying.
				return false, errors.Join(err, s.EnsureNode(waiting))
			}
			orphans = orphans[1:]
		}
		return true, nil
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		o := orphans[0].Object
		return fmt.Errorf("pod %q: its owner died, and no other has looked at it within %s: what is shown may be old (see %s)",
			o.Namespace+"/"+o.Name, adoptTime, s.NodeLog())
	}
	return err
}

// ownersLook is how often KeepAdopted looks.
const ownersLook = 2 * time.Second

// KeepAdopted is Adopt again and again until ctx ends, for commands that wait
// for something: they must not wait for a pod that nobody looks after.
func (s *Simulator) KeepAdopted(ctx context.Context) {
	tick := time.NewTicker(ownersLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = s.Adopt(ctx) // what it could say, the command will see
		}
	}
}

// errWanted says that a pod is not one to be discarded.
var errWanted = errors.New("somebody may want the pod")

// discard removes a temporary pod whose process died.
func (s *Simulator) discard(ctx context.Context, p store.Pod) error {
	if !p.Options.Temporary || alive(p.Options.Foreground) {
		return errWanted
	}
	ref := RefOf(p.Object)
	err := s.Delete(ctx, ref, DeleteOptions{Force: true, UID: p.Object.UID})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// DiscardTemporary removes the temporary pods of processes that died.
func (s *Simulator) DiscardTemporary(ctx context.Context) error {
	orphans, err := s.orphans()
	errs := []error{err}
	for _, p := range orphans {
		if err := s.discard(ctx, p); err != nil && !errors.Is(err, errWanted) {
			errs = append(errs, fmt.Errorf("remove pod %s/%s: %w", p.Object.Namespace, p.Object.Name, err))
		}
	}
	return errors.Join(errs...)
}

// orphans are the pods that nobody owns and the background node would own.
func (s *Simulator) orphans() ([]store.Pod, error) {
	pods, err := s.store.Pods("")
	var out []store.Pod
	for _, p := range pods {
		if owned, err := s.store.Owned(string(p.Object.UID)); err == nil && !owned && backgroundOwns(p) {
			out = append(out, p)
		}
	}
	return out, err
}

// seen tells whether a pod's present owner has written what it saw, or the pod
// is gone.
func (s *Simulator) seen(p store.Pod) (bool, error) {
	o := p.Object
	now, err := s.store.Pod(o.Namespace, o.Name)
	switch {
	case apierrors.IsNotFound(err):
		return true, nil
	case err != nil:
		return false, err
	case now.Object.UID != o.UID:
		return true, nil
	}
	owner := s.store.Owner(string(o.UID))
	if owner == 0 {
		return false, nil
	}
	state, err := s.store.State(o.Namespace, o.Name, string(o.UID))
	return state.Writer == owner, err
}
