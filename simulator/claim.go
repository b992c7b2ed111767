package simulator

import (
	"context"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/store"
)

// deleteClaim deletes a claim and its data. While pods use it a cluster keeps
// it: with Wait this waits for them, without it is refused. A claim that was
// made up for a pod has a volume and no object; it is found all the same.
func (s *Simulator) deleteClaim(ctx context.Context, ref Ref, o DeleteOptions) error {
	ns := s.ns(ref.Namespace)
	volume := config.ClaimVolumeName(s.store.Home(), ns, ref.Name)
	_, err := s.store.Claim(ns, ref.Name)
	if apierrors.IsNotFound(err) {
		if _, volumeErr := s.engine.Volume(ctx, volume); volumeErr != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if o.Wait {
		o.asked()
	}
	if err := s.claimFree(ctx, ns, ref.Name, o.Wait); err != nil {
		return err
	}
	if !o.KeepData {
		if err := s.engine.RemoveVolume(ctx, volume); err != nil && !errors.Is(err, runtime.ErrNotFound) {
			return fmt.Errorf("delete the data of persistentvolumeclaim %q: %w", ref.Name, err)
		}
	}
	err = s.store.Delete(store.KindClaim, ns, ref.Name, string(o.UID))
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	if err := s.store.ReleaseVolumes(ns, ref.Name); err != nil {
		return err
	}
	if !o.Wait {
		o.asked()
	}
	return nil
}

// claimFree returns once no pod uses the claim; without wait it is Conflict.
func (s *Simulator) claimFree(ctx context.Context, ns, claim string, wait bool) error {
	return s.until(ctx, func() (bool, error) {
		pods, err := s.store.Pods(ns)
		if err != nil {
			return false, err
		}
		for _, p := range pods {
			if !usesClaim(p.Object, claim) {
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

func usesClaim(pod *v1.Pod, claim string) bool {
	for _, v := range pod.Spec.Volumes {
		if v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim {
			return true
		}
		if v.Ephemeral != nil && pod.Name+"-"+v.Name == claim {
			return true
		}
	}
	return false
}
