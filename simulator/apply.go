package simulator

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
)

// ApplyOp is what Apply did, as kubectl prints it.
type ApplyOp string

// What Apply does.
const (
	Created    ApplyOp = "created"
	Configured ApplyOp = "configured"
	Unchanged  ApplyOp = "unchanged"
)

// ApplyOptions of Apply.
type ApplyOptions struct {
	// Pod is for pods that are created, and replaces their options when
	// PodOptionsSet.
	Pod           PodOptions
	PodOptionsSet bool
	DryRun        bool
}

// ApplyResult is what Apply did. Warnings are lines for stderr, without the
// word "Warning: ".
type ApplyResult struct {
	Object   Object
	Op       ApplyOp
	Warnings []string
}

// Apply creates an object or changes it to what is given, as kubectl's
// client-side apply: fields that the last applied configuration had and the
// new one has not are removed, fields somebody else set stay. The manifest is
// the object as it stands in the file (JSON, before defaulting); nil takes it
// from o. A change that the API server would refuse is Invalid with its text.
func (s *Simulator) Apply(ctx context.Context, o Object, manifest []byte, opts ApplyOptions) (ApplyResult, error) {
	return ApplyResult{}, errTODO
}

// Replace puts an object in the place of the one of its name (NotFound if
// there is none), under the API server's rules for updates.
func (s *Simulator) Replace(ctx context.Context, o Object) (Object, error) { return nil, errTODO }

// Patch changes an object by a patch of one of the three kinds
// (types.JSONPatchType, MergePatchType, StrategicMergePatchType). changed is
// false when it already was so.
func (s *Simulator) Patch(ctx context.Context, ref Ref, kind types.PatchType, data []byte) (o Object, changed bool, err error) {
	return nil, false, errTODO
}

// MetaChange are labels or annotations to set and to remove.
type MetaChange struct {
	Set    map[string]string
	Remove []string
	// Overwrite allows another value for a key that is there; without it that
	// is an error.
	Overwrite bool
}

// Label changes labels. changed is false when they already were so.
func (s *Simulator) Label(ctx context.Context, ref Ref, c MetaChange) (o Object, changed bool, err error) {
	return nil, false, errTODO
}

// Annotate changes annotations.
func (s *Simulator) Annotate(ctx context.Context, ref Ref, c MetaChange) (o Object, changed bool, err error) {
	return nil, false, errTODO
}
