package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	"github.com/podsim/podsim/simulator/internal/manifest"
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
	// Pod is for pods that are created; those that are there keep theirs.
	Pod PodOptions
	// DryRun does everything but keep it.
	DryRun bool
}

// ApplyResult is what Apply did. Warnings are lines for stderr, without the
// word "Warning: ".
type ApplyResult struct {
	Object   Object
	Op       ApplyOp
	Warnings []string
}

// notApplied is kubectl's warning about an object that was made otherwise.
const notApplied = "resource %s/%s is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is" +
	" required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl" +
	" create --save-config or kubectl apply. The missing annotation will be patched automatically."

// beingDeleted is kubectl's warning about an object that will not stay.
const beingDeleted = "Detected changes to resource %s which is currently being deleted."

// Apply creates an object or changes it to what is given, as kubectl's
// client-side apply: fields that the last applied configuration had and the
// new one has not are removed, fields somebody else set stay. raw is the object
// as it stands in the file (JSON, before defaulting); nil takes it from o. A
// change that the API server would refuse is Invalid with its text.
func (s *Simulator) Apply(ctx context.Context, o Object, raw []byte, opts ApplyOptions) (ApplyResult, error) {
	o = o.DeepCopyObject().(Object)
	if o.GetNamespace() == "" && KindOf(o).Namespaced() {
		o.SetNamespace(s.namespace)
	}
	ref := RefOf(o)
	if ref.Name == "" && o.GetGenerateName() == "" {
		return ApplyResult{}, errors.New("resource name may not be empty")
	}
	if ref.Name == "" {
		return ApplyResult{}, fmt.Errorf("from %s: cannot use generate name with apply", o.GetGenerateName())
	}
	current, err := s.Get(ctx, ref)
	if apierrors.IsNotFound(err) {
		made, err := s.Create(ctx, o, CreateOptions{Pod: opts.Pod, SaveConfig: true, Manifest: raw, DryRun: opts.DryRun})
		return ApplyResult{Object: made, Op: Created}, err
	}
	if err != nil {
		return ApplyResult{}, err
	}
	result := ApplyResult{Op: Unchanged, Object: current}
	if current.GetAnnotations()[v1.LastAppliedConfigAnnotation] == "" {
		result.Warnings = append(result.Warnings, fmt.Sprintf(notApplied, ref.Kind.Resource(), ref.Name))
	}
	if pod, ok := o.(*v1.Pod); ok && raw == nil {
		carryOver(pod, current.(*v1.Pod))
	}
	patched := false
	change := func(current Object) (next Object, err error) {
		next, patched, err = merge(current, o, raw)
		return next, err
	}
	after, changed, err := s.change(ref, edit{object: change, dryRun: opts.DryRun})
	if err != nil {
		return ApplyResult{}, err
	}
	result.Object = after
	// kubectl says so of a patch that the server finds to change nothing, too: what is written otherwise than it is kept.
	if changed || patched {
		result.Op = Configured
	}
	if after.GetDeletionTimestamp() != nil {
		result.Warnings = append(result.Warnings, fmt.Sprintf(beingDeleted, ref.Name))
	}
	return result, nil
}

// carryOver gives a pod made in Go the random names that the stored one got;
// what only the server says stays unsaid.
func carryOver(updated, current *v1.Pod) {
	said := updated.DeepCopy()
	manifest.CarryOver(updated, current)
	updated.ResourceVersion = ""
	updated.Spec.NodeName, updated.Spec.EphemeralContainers = said.Spec.NodeName, said.Spec.EphemeralContainers
}

// merge makes what a three-way strategic merge patch makes of current: the last
// applied configuration is the original, what is given now the modification. patched is false when the patch is empty.
func merge(current, o Object, raw []byte) (after Object, patched bool, err error) {
	given, err := configured(o, raw)
	if err != nil {
		return nil, false, err
	}
	applied, err := json.Marshal(given)
	if err != nil {
		return nil, false, err
	}
	given["metadata"].(map[string]any)["annotations"].(map[string]any)[v1.LastAppliedConfigAnnotation] = string(applied) + "\n"
	modified, err := json.Marshal(given)
	if err != nil {
		return nil, false, err
	}
	var original []byte
	if last := current.GetAnnotations()[v1.LastAppliedConfigAnnotation]; last != "" {
		original = []byte(last)
	}
	now, err := json.Marshal(current)
	if err != nil {
		return nil, false, err
	}
	meta, err := strategicpatch.NewPatchMetaFromStruct(current)
	if err != nil {
		return nil, false, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(original, modified, now, meta, true)
	if err != nil {
		return nil, false, fmt.Errorf("creating patch with: %w", err)
	}
	if bytes.Equal(patch, []byte("{}")) {
		return current, false, nil
	}
	merged, err := strategicpatch.StrategicMergePatchUsingLookupPatchMeta(now, patch, meta)
	if err != nil {
		return nil, false, fmt.Errorf("apply patch: %w", err)
	}
	after, _, err = decode(KindOf(current), merged)
	return after, true, err
}

// configured is the object as kubectl remembers it: as given, with its
// namespace, without status, and with annotations that may be empty but are
// there.
func configured(o Object, raw []byte) (map[string]any, error) {
	if raw == nil {
		var err error
		if raw, err = json.Marshal(o); err != nil {
			return nil, err
		}
	}
	given := map[string]any{}
	if err := json.Unmarshal(raw, &given); err != nil {
		return nil, fmt.Errorf("read %s %q: %w", KindOf(o), o.GetName(), err)
	}
	given["apiVersion"], given["kind"] = "v1", string(KindOf(o))
	meta := mapIn(given, "metadata")
	meta["name"] = o.GetName()
	if ns := o.GetNamespace(); ns != "" {
		meta["namespace"] = ns
	}
	for _, key := range []string{"creationTimestamp", "uid", "resourceVersion", "generation", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds"} {
		delete(meta, key)
	}
	delete(mapIn(meta, "annotations"), v1.LastAppliedConfigAnnotation)
	delete(given, "status")
	return given, nil
}

// mapIn is the map under a key, made if it is not there.
func mapIn(in map[string]any, key string) map[string]any {
	m, ok := in[key].(map[string]any)
	if !ok {
		m = map[string]any{}
		in[key] = m
	}
	return m
}

// sameObject tells whether two objects ask for the same.
func sameObject(a, b Object) bool { return equality.Semantic.DeepEqual(a, b) }
