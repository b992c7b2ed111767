package store

import (
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/simulator/internal/binding"
)

// BindClaim binds a claim to the PersistentVolume that fits it; with make, and
// if none does, to one that podsim makes. A claim that is bound stays so, and
// none of that name is no error.
func (s *Store) BindClaim(ns, name string, make bool) error {
	path, err := s.objectPath(KindClaim, ns, name)
	if err != nil {
		return err
	}
	return s.locked(func() error {
		o, err := s.read(KindClaim, path, name)
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		claim := o.(*v1.PersistentVolumeClaim)
		if claim.Status.Phase == v1.ClaimBound {
			return nil
		}
		volumes, err := s.persistentVolumes()
		pv := binding.Match(claim, volumes)
		if pv == nil && (!make || err != nil) {
			return err
		}
		return s.bind(claim, path, pv)
	})
}

// bind writes the volume first: a claim that says it has one has it.
func (s *Store) bind(claim *v1.PersistentVolumeClaim, path string, pv *v1.PersistentVolume) error {
	binding.Bind(claim, pv)
	if pv != nil {
		at, err := s.objectPath(KindVolume, "", pv.Name)
		if err != nil {
			return err
		}
		if err := s.put(KindVolume, at, pv, "modified"); err != nil {
			return fmt.Errorf("bind persistentvolume %q: %w", pv.Name, err)
		}
	}
	return s.put(KindClaim, path, claim, "modified")
}

func (s *Store) persistentVolumes() ([]*v1.PersistentVolume, error) {
	list, err := s.List(KindVolume, "")
	var out []*v1.PersistentVolume
	for _, o := range list {
		if pv, ok := o.(*v1.PersistentVolume); ok {
			out = append(out, pv)
		}
	}
	return out, err
}

// KeepData is the annotation of a claim whose deletion leaves its data.
const KeepData = "podsim.io/keep-data"

// DeleteClaim writes into a claim that it is to go, as the API server does of
// an object with a finalizer; NotFound if there is none, and Conflict if uid is
// not empty and another's. It goes once no pod uses it.
func (s *Store) DeleteClaim(ns, name, uid string, keepData bool) (*v1.PersistentVolumeClaim, error) {
	path, err := s.objectPath(KindClaim, ns, name)
	if err != nil {
		return nil, err
	}
	var claim *v1.PersistentVolumeClaim
	err = s.locked(func() error {
		o, err := s.read(KindClaim, path, name)
		if err != nil {
			return err
		}
		if err := isUID(KindClaim, o, uid); err != nil {
			return err
		}
		claim = o.(*v1.PersistentVolumeClaim)
		if claim.DeletionTimestamp != nil {
			return nil
		}
		claim.DeletionTimestamp, claim.DeletionGracePeriodSeconds = ptr.To(now()), ptr.To[int64](0)
		if keepData {
			metav1.SetMetaDataAnnotation(&claim.ObjectMeta, KeepData, "true")
		}
		return s.put(KindClaim, path, claim, "modified")
	})
	return claim, err
}

// BindClaims binds every claim that a PersistentVolume fits.
func (s *Store) BindClaims() error {
	list, err := s.List(KindClaim, "")
	errs := []error{err}
	for _, o := range list {
		errs = append(errs, s.BindClaim(o.GetNamespace(), o.GetName(), false))
	}
	return errors.Join(errs...)
}

// ReleaseVolumes says of the PersistentVolumes of a claim that it is gone.
func (s *Store) ReleaseVolumes(ns, name string) error {
	volumes, err := s.persistentVolumes()
	errs := []error{err}
	for _, pv := range volumes {
		ref := pv.Spec.ClaimRef
		if ref == nil || ref.Namespace != ns || ref.Name != name || pv.Status.Phase != v1.VolumeBound {
			continue
		}
		_, err := s.Update(KindVolume, "", pv.Name, func(o Object) error {
			o.(*v1.PersistentVolume).Status.Phase = v1.VolumeReleased
			return nil
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
