package simulator

import (
	"context"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"

	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/status"
	"github.com/podsim/podsim/simulator/internal/store"
	"github.com/podsim/podsim/simulator/internal/validate"
)

// edit is a change of an object.
type edit struct {
	// object makes the new object of the present one, which it leaves alone.
	object func(current Object) (Object, error)
	// sub is the part of a pod that changes; the rest stays as it is.
	sub    Subresource
	dryRun bool
}

// errDryRun leaves the store as it is.
var errDryRun = errors.New("dry run")

// change carries out an edit with nobody writing in between, under the API
// server's rules. changed is false when nothing is different.
func (s *Simulator) change(ref Ref, e edit) (after Object, changed bool, err error) {
	if ref.Kind == Pods {
		return s.changePod(ref, e)
	}
	if ref.Kind == EventKind {
		return nil, false, unsupported(ref.Kind)
	}
	var dry Object
	after, err = s.store.Update(store.Kind(ref.Kind), s.ns(ref.Namespace), ref.Name, func(o store.Object) error {
		current := o.DeepCopyObject().(Object)
		next, err := e.object(current)
		if err != nil {
			return err
		}
		manifest.SetDefaults(next, nil)
		keepStatus(next, current)
		if changed = !sameObject(current, next); !changed {
			return nil
		}
		if err := invalid(next, validateChange(next, current)); err != nil {
			return err
		}
		if e.dryRun {
			dry = next
			return errDryRun
		}
		return assign(o, next)
	})
	if err == errDryRun {
		return dry, changed, nil
	}
	if err != nil {
		return nil, false, err
	}
	s.bindClaims(after)
	return after, changed, nil
}

func (s *Simulator) changePod(ref Ref, e edit) (Object, bool, error) {
	changed := false
	var dry *v1.Pod
	p, err := s.store.UpdatePod(s.ns(ref.Namespace), ref.Name, func(p *store.Pod) error {
		current := p.Object.DeepCopy()
		current.ResourceVersion = p.Version
		made, err := e.object(current.DeepCopy())
		if err != nil {
			return err
		}
		next := made.(*v1.Pod)
		manifest.SetDefaults(next, nil)
		if v := next.ResourceVersion; v != "" && v != current.ResourceVersion {
			return apierrors.NewConflict(store.KindPod.Resource(), ref.Name, fmt.Errorf(
				"the object has been modified; please apply your changes to the latest version and try again"))
		}
		next = e.sub.part(current, next)
		changed = !sameObject(current, next)
		p.Conditions = status.Foreign(next.Status.Conditions)
		next.Status, next.Generation = current.Status, current.Generation
		if !sameObject(current, next) {
			if err := invalid(next, e.sub.errors(next, current)); err != nil {
				return err
			}
		}
		p.Object = next
		if e.dryRun {
			dry = next
			return errDryRun
		}
		return nil
	})
	if err == errDryRun {
		return dry, changed, nil
	}
	if err != nil {
		return nil, false, err
	}
	return shown(p), changed, nil
}

// validateChange checks a change of an object that is no pod.
func validateChange(updated, old Object) field.ErrorList {
	switch updated := updated.(type) {
	case *v1.ConfigMap:
		return validate.ConfigMapUpdate(updated, old.(*v1.ConfigMap))
	case *v1.Secret:
		return validate.SecretUpdate(updated, old.(*v1.Secret))
	case *v1.PersistentVolumeClaim:
		return validate.PersistentVolumeClaimUpdate(updated, old.(*v1.PersistentVolumeClaim))
	case *v1.PersistentVolume:
		return validate.PersistentVolume(updated)
	}
	return nil
}

// keepStatus leaves the status to who writes it.
func keepStatus(next, current Object) {
	switch next := next.(type) {
	case *v1.PersistentVolumeClaim:
		next.Status = current.(*v1.PersistentVolumeClaim).Status
	case *v1.PersistentVolume:
		next.Status = current.(*v1.PersistentVolume).Status
	}
}

// assign puts the value of one object into another of its type.
func assign(to, from Object) error {
	switch to := to.(type) {
	case *v1.ConfigMap:
		*to = *from.(*v1.ConfigMap)
	case *v1.Secret:
		*to = *from.(*v1.Secret)
	case *v1.PersistentVolumeClaim:
		*to = *from.(*v1.PersistentVolumeClaim)
	case *v1.PersistentVolume:
		*to = *from.(*v1.PersistentVolume)
	default:
		return fmt.Errorf("change %T: no such kind", to)
	}
	return nil
}

// decode reads an object of a kind from JSON and says of each field that the
// kind does not have; what does not fit is a BadRequest.
func decode(kind Kind, data []byte) (o Object, unknown []error, err error) {
	if o = store.Kind(kind).New(); o == nil {
		return nil, nil, unsupported(kind)
	}
	if unknown, err = kjson.UnmarshalStrict(data, o, kjson.DisallowUnknownFields); err != nil {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	return o, unknown, nil
}

// Replace puts an object in the place of the one of its name (NotFound if
// there is none), under the API server's rules for updates.
func (s *Simulator) Replace(_ context.Context, o Object) (Object, error) {
	o = o.DeepCopyObject().(Object)
	if o.GetNamespace() == "" && KindOf(o).Namespaced() {
		o.SetNamespace(s.namespace)
	}
	after, _, err := s.change(RefOf(o), edit{object: func(current Object) (Object, error) {
		next := o.DeepCopyObject().(Object)
		next.SetUID(current.GetUID())
		if next.GetResourceVersion() == "" {
			next.SetResourceVersion(current.GetResourceVersion())
		}
		next.SetCreationTimestamp(current.GetCreationTimestamp())
		next.SetDeletionTimestamp(current.GetDeletionTimestamp())
		next.SetDeletionGracePeriodSeconds(current.GetDeletionGracePeriodSeconds())
		return next, nil
	}})
	return after, err
}
