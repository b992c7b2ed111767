package simulator

import (
	v1 "k8s.io/api/core/v1"

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
		errs = append(errs, validate.Refusals(o)...)
		for _, w := range append(validate.APIWarnings(o), validate.Fidelity(o)...) {
			warnings = append(warnings, w.String())
		}
	case *v1.PersistentVolume:
		errs = append(errs, validate.PersistentVolumeRefusals(o)...)
	}
	return warnings, invalid(o, errs)
}
