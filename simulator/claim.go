package simulator

import (
	"context"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/node"
	"github.com/podsim/podsim/simulator/internal/store"
)

// deleteClaim deletes a claim and its data, at once or, as in a cluster, when
// the last pod that uses it is gone. A claim that was made up for a pod has a
// volume and no object; it is found all the same.
func (s *Simulator) deleteClaim(ctx context.Context, ref Ref, o DeleteOptions) error {
	ns := s.ns(ref.Namespace)
	claim, err := s.store.DeleteClaim(ns, ref.Name, string(o.UID), o.KeepData)
	if apierrors.IsNotFound(err) {
		return s.deleteMadeUp(ctx, ns, ref.Name, o, err)
	}
	if err != nil {
		return err
	}
	o.asked()
	return s.until(ctx, func() (bool, error) {
		finishErr := s.finishClaims(ctx, ns) // of this claim or of another
		there, err := s.store.Claim(ns, ref.Name)
		if apierrors.IsNotFound(err) || err == nil && there.UID != claim.UID {
			return true, nil
		}
		return !o.Wait, errors.Join(finishErr, err)
	})
}

// finishClaims takes the claims away that nothing keeps any more.
func (s *Simulator) finishClaims(ctx context.Context, ns string) error {
	return node.FinishClaims(ctx, s.engine, s.store, ns)
}

// deleteMadeUp removes the volume of a claim that no object declares; without
// one the claim is not there. While a pod uses it, this waits or is refused.
func (s *Simulator) deleteMadeUp(ctx context.Context, ns, claim string, o DeleteOptions, notFound error) error {
	volume := config.ClaimVolumeName(s.store.Home(), ns, claim)
	if _, err := s.engine.Volume(ctx, volume); err != nil {
		return notFound
	}
	if o.Wait {
		o.asked()
	}
	if err := s.claimFree(ctx, ns, claim, o.Wait); err != nil {
		return err
	}
	if !o.KeepData {
		if err := s.engine.RemoveVolume(ctx, volume); err != nil && !errors.Is(err, runtime.ErrNotFound) {
			return fmt.Errorf("delete the data of persistentvolumeclaim %q: %w", claim, err)
		}
	}
	if !o.Wait {
		o.asked()
	}
	return nil
}

// claimFree returns once no pod names the claim; without wait it is Conflict.
func (s *Simulator) claimFree(ctx context.Context, ns, claim string, wait bool) error {
	return s.until(ctx, func() (bool, error) {
		pods, err := s.store.Pods(ns)
		if err != nil {
			return false, err
		}
		for _, p := range pods {
			if !namesClaim(p.Object, claim) {
				continue
			}
			if !wait {
				return false, apierrors.NewConflict(store.KindClaim.Resource(), claim,
					fmt.Errorf("it is in use by pod %q; delete the pod first", p.Object.Name))
			}
			return false, nil
		}
		return true, nil
	})
}

func namesClaim(pod *v1.Pod, claim string) bool {
	for _, v := range pod.Spec.Volumes {
		if v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim {
			return true
		}
	}
	return false
}

// bindClaims does what a cluster's controller does after such a change: claims
// that a PersistentVolume fits get it. What fails is tried again when a pod
// wants the claim.
func (s *Simulator) bindClaims(changed Object) {
	switch KindOf(changed) {
	case Kind(store.KindClaim):
		_ = s.store.BindClaim(changed.GetNamespace(), changed.GetName(), false)
	case Kind(store.KindVolume):
		_ = s.store.BindClaims()
	}
}
