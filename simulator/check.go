package simulator

import (
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/store"
	"github.com/podsim/podsim/simulator/internal/validate"
)

// Check tells, without an engine, what is wrong with an object: Invalid with
// everything that the API server would refuse and everything that podsim does.
// Warnings are about fields that are accepted and that do not do all they say.
// The object has its defaults, as Decode returns it.
func Check(o Object) (warnings []string, err error) {
	errs := validateNew(o)
	switch o := o.(type) {
	case *v1.Pod:
		if err := admitted(o); err != nil {
			return nil, err
		}
		errs = append(errs, validate.Refusals(o)...)
		for _, w := range append(validate.APIWarnings(o), validate.Fidelity(o)...) {
			warnings = append(warnings, w.String())
		}
	case *v1.PersistentVolume:
		errs = append(errs, validate.PersistentVolumeRefusals(o)...)
	}
	return warnings, invalid(o, errs)
}

// admitted is what admission says against a pod, which it does before anything
// else is looked at.
func admitted(pod *v1.Pod) error {
	denied := manifest.Denied(pod)
	if denied == nil {
		return nil
	}
	err := apierrors.NewForbidden(store.KindPod.Resource(), pod.Name, denied)
	if pod.Spec.RuntimeClassName == nil {
		return err
	}
	return &hinted{err, "podsim has no RuntimeClasses: leave runtimeClassName out, or make the runtime the engine's default"}
}

// hinted is an API server's error with what to do about it here.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

// Hint says what to do.
func (e *hinted) Hint() string { return e.hint }
