package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// Patch changes an object by a patch of one of the three kinds
// (types.JSONPatchType, MergePatchType, StrategicMergePatchType). changed is
// false when it already was so.
func (s *Simulator) Patch(_ context.Context, ref Ref, kind types.PatchType, data []byte) (o Object, changed bool, err error) {
	return s.change(ref, edit{resize: true, object: func(current Object) (Object, error) {
		now, err := json.Marshal(current)
		if err != nil {
			return nil, err
		}
		after, err := patched(current, now, kind, data)
		if err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		return decode(ref.Kind, after)
	}})
}

func patched(current Object, now []byte, kind types.PatchType, data []byte) ([]byte, error) {
	switch kind {
	case types.JSONPatchType:
		patch, err := jsonpatch.DecodePatch(data)
		if err != nil {
			return nil, err
		}
		return patch.Apply(now)
	case types.MergePatchType:
		return jsonpatch.MergePatch(now, data)
	case types.StrategicMergePatchType:
		return strategicpatch.StrategicMergePatch(now, data, current)
	}
	return nil, fmt.Errorf("patch type %q is not supported", string(kind))
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
func (s *Simulator) Label(_ context.Context, ref Ref, c MetaChange) (o Object, changed bool, err error) {
	return s.changeMeta(ref, c, Object.GetLabels, Object.SetLabels)
}

// Annotate changes annotations.
func (s *Simulator) Annotate(_ context.Context, ref Ref, c MetaChange) (o Object, changed bool, err error) {
	return s.changeMeta(ref, c, Object.GetAnnotations, Object.SetAnnotations)
}

func (s *Simulator) changeMeta(
	ref Ref, c MetaChange, get func(Object) map[string]string, set func(Object, map[string]string),
) (Object, bool, error) {
	return s.change(ref, edit{object: func(current Object) (Object, error) {
		next := current.DeepCopyObject().(Object)
		all := get(next)
		if all == nil {
			all = map[string]string{}
		}
		if err := c.apply(all); err != nil {
			return nil, err
		}
		if len(all) == 0 {
			all = nil
		}
		set(next, all)
		return next, nil
	}})
}

// apply changes a map of labels or annotations.
func (c MetaChange) apply(all map[string]string) error {
	keys := make([]string, 0, len(c.Set))
	for key := range c.Set {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		if old, there := all[key]; there && !c.Overwrite && old != c.Set[key] {
			return fmt.Errorf("'%s' already has a value (%s), and --overwrite is false", key, old)
		}
		all[key] = c.Set[key]
	}
	for _, key := range c.Remove {
		delete(all, key)
	}
	return nil
}
