package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// PatchOptions of Patch.
type PatchOptions struct {
	// Subresource of a pod that is patched; "" is the pod itself.
	Subresource Subresource
	// DryRun does everything but keep it.
	DryRun bool
	// Warn, if set, is told of each field that the API does not know and that is
	// dropped.
	Warn func(text string)
}

// Patch changes an object by a patch of one of the three kinds
// (types.JSONPatchType, MergePatchType, StrategicMergePatchType). changed is
// false when it already was so.
func (s *Simulator) Patch(
	_ context.Context, ref Ref, kind types.PatchType, data []byte, opts PatchOptions,
) (o Object, changed bool, err error) {
	if !opts.Subresource.of(ref.Kind) {
		return nil, false, noSubresource()
	}
	return s.change(ref, edit{sub: opts.Subresource, dryRun: opts.DryRun, object: func(current Object) (Object, error) {
		now, err := json.Marshal(current)
		if err != nil {
			return nil, err
		}
		after, err := patched(current, now, kind, data)
		if err != nil {
			return nil, err
		}
		next, unknown, err := decode(ref.Kind, after)
		if err != nil {
			return nil, err
		}
		if name := next.GetName(); name != ref.Name {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", name, ref.Name))
		}
		for _, field := range unknown {
			if opts.Warn != nil {
				opts.Warn(field.Error())
			}
		}
		return next, nil
	}})
}

// unprocessable is the API server's answer to a patch that does not fit the
// object (k8s.io/apiserver: handlers/patch.go).
func unprocessable() error {
	return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", "", 0, false)
}

func patched(current Object, now []byte, kind types.PatchType, data []byte) ([]byte, error) {
	switch kind {
	case types.JSONPatchType:
		patch, err := jsonpatch.DecodePatch(data)
		if err != nil {
			return nil, apierrors.NewBadRequest("error decoding patch: " + err.Error())
		}
		after, err := patch.Apply(now)
		if err != nil {
			return nil, unprocessable()
		}
		return after, nil
	case types.MergePatchType:
		return badRequest(jsonpatch.MergePatch(now, data))
	case types.StrategicMergePatchType:
		if err := json.Unmarshal(data, new(map[string]any)); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		return badRequest(strategicpatch.StrategicMergePatch(now, data, current))
	}
	return nil, apierrors.NewBadRequest(fmt.Sprintf("patch type %q is not supported", string(kind)))
}

func badRequest(after []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return after, nil
}

// MetaChange are labels or annotations to set and to remove.
type MetaChange struct {
	Set    map[string]string
	Remove []string
	// Overwrite allows another value for a key that is there; without it that
	// is an error.
	Overwrite bool
	// DryRun does everything but keep it.
	DryRun bool
}

// Label changes labels. changed is false when they already were so.
func (s *Simulator) Label(_ context.Context, ref Ref, c MetaChange) (o Object, changed bool, err error) {
	return s.changeMeta(ref, c, metaField{get: Object.GetLabels, set: Object.SetLabels, taken: func(taken []string) error {
		return fmt.Errorf("%s, and --overwrite is false", strings.Join(taken, ", "))
	}})
}

// Annotate changes annotations.
func (s *Simulator) Annotate(_ context.Context, ref Ref, c MetaChange) (o Object, changed bool, err error) {
	return s.changeMeta(ref, c, metaField{get: Object.GetAnnotations, set: Object.SetAnnotations, taken: func(taken []string) error {
		return fmt.Errorf("--overwrite is false but found the following declared annotation(s): %s", strings.Join(taken, "; "))
	}})
}

// metaField is where labels or annotations are, and kubectl's error about keys that have another value.
type metaField struct {
	get   func(Object) map[string]string
	set   func(Object, map[string]string)
	taken func(taken []string) error
}

func (s *Simulator) changeMeta(ref Ref, c MetaChange, field metaField) (Object, bool, error) {
	return s.change(ref, edit{dryRun: c.DryRun, object: func(current Object) (Object, error) {
		next := current.DeepCopyObject().(Object)
		all := field.get(next)
		if all == nil {
			all = map[string]string{}
		}
		if taken := c.taken(all); len(taken) > 0 {
			return nil, field.taken(taken)
		}
		maps.Copy(all, c.Set)
		for _, key := range c.Remove {
			delete(all, key)
		}
		if len(all) == 0 {
			all = nil
		}
		field.set(next, all)
		return next, nil
	}})
}

// taken are the keys that have another value and may not be changed.
func (c MetaChange) taken(all map[string]string) []string {
	var taken []string
	for _, key := range slices.Sorted(maps.Keys(c.Set)) {
		if old, there := all[key]; there && !c.Overwrite && old != c.Set[key] {
			taken = append(taken, fmt.Sprintf("'%s' already has a value (%s)", key, old))
		}
	}
	return taken
}
