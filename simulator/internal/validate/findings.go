package validate

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Details that several fields share.
const (
	mustBePositive = "must be greater than zero"
	mustBeInteger  = "must be an integer"
	oneVolumeType  = "may not specify more than 1 volume type"
	modeRange      = "must be a number between 0 and 0777 (octal), both inclusive"
)

// findings gathers field errors in the order in which they are found.
type findings struct {
	errs field.ErrorList
}

func (f *findings) add(errs ...*field.Error)                { f.errs = append(f.errs, errs...) }
func (f *findings) required(at *field.Path, detail string)  { f.add(field.Required(at, detail)) }
func (f *findings) forbidden(at *field.Path, detail string) { f.add(field.Forbidden(at, detail)) }
func (f *findings) duplicate(at *field.Path, value any)     { f.add(field.Duplicate(at, value)) }
func (f *findings) notFound(at *field.Path, value any)      { f.add(field.NotFound(at, value)) }
func (f *findings) invalid(at *field.Path, value any, detail string) {
	f.add(field.Invalid(at, value, detail))
}
func (f *findings) tooLong(at *field.Path, limit int) { f.add(field.TooLong(at, "", limit)) }
func (f *findings) all(at *field.Path, value any, details []string) {
	for _, detail := range details {
		f.invalid(at, value, detail)
	}
}

// oneOf reports a value that is none of the supported ones; they are listed in the order given.
func oneOf[T ~string](f *findings, at *field.Path, value T, supported ...T) {
	if !slices.Contains(supported, value) {
		f.add(field.NotSupported(at, value, supported))
	}
}

// oneOfOrRequired is oneOf for fields that may not be empty.
func oneOfOrRequired[T ~string](f *findings, at *field.Path, value T, supported ...T) {
	if value == "" {
		f.required(at, "")
		return
	}
	oneOf(f, at, value, supported...)
}

// need reports an empty text.
func (f *findings) need(at *field.Path, value string) {
	if value == "" {
		f.required(at, "")
	}
}

func (f *findings) label(at *field.Path, value string) {
	f.all(at, value, validation.IsDNS1123Label(value))
}

func (f *findings) subdomain(at *field.Path, value string) {
	f.all(at, value, validation.IsDNS1123Subdomain(value))
}

func (f *findings) qualifiedName(at *field.Path, value string) {
	f.all(at, value, validation.IsQualifiedName(value))
}

func (f *findings) nonNegative(at *field.Path, value int64) {
	if value < 0 {
		f.invalid(at, value, apivalidation.IsNegativeErrorMsg)
	}
}

func (f *findings) positiveQuantity(at *field.Path, value resource.Quantity) {
	if value.Sign() <= 0 {
		f.invalid(at, value.String(), mustBePositive)
	}
}

func (f *findings) fileMode(at *field.Path, mode *int32) {
	if mode != nil && (*mode > 0o777 || *mode < 0) {
		f.invalid(at, *mode, modeRange)
	}
}

// sortedKeys gives a map's keys in order, so that messages come in the same order every time.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
