package validate

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// onlyThese is what a refused change of a pod's spec is told.
const onlyThese = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
	"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
	"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"

// PodUpdate returns the errors of a change to a pod that exists: labels, annotations, images, the active deadline (downwards)
// and more tolerations may change, the rest of the spec may not. Call it with what the server added to the old pod carried
// over to the new one. Resources and ephemeral containers are changed in other ways; see PodResize, PodEphemeralContainers.
func PodUpdate(updated, old *v1.Pod) field.ErrorList {
	c := newPodCheck(updated)
	c.add(apivalidation.ValidateObjectMetaUpdate(&updated.ObjectMeta, &old.ObjectMeta, metadataPath)...)
	c.metadata()
	c.spec()
	c.annotationUpdates(old)
	if !c.imagesOnly("containers", updated.Spec.Containers, old.Spec.Containers) ||
		!c.imagesOnly("initContainers", updated.Spec.InitContainers, old.Spec.InitContainers) ||
		!c.deadlineUpdate(old.Spec.ActiveDeadlineSeconds) {
		return c.errs
	}
	c.tolerationUpdate(old.Spec.Tolerations)
	c.gateUpdate(old.Spec.SchedulingGates)
	allowed := withAllowedChanges(&updated.Spec, &old.Spec)
	if !equality.Semantic.DeepEqual(*allowed, old.Spec) {
		c.forbidden(specPath, onlyThese+internalDiff(old.Spec, *allowed))
	}
	return c.errs
}

func (c *podCheck) annotationUpdates(old *v1.Pod) {
	at := metadataPath.Child("annotations")
	for _, key := range sortedKeys(old.Annotations) {
		if value, ok := c.pod.Annotations[key]; ok && value == old.Annotations[key] {
			continue
		}
		c.forbidIf(strings.HasPrefix(key, appArmorPrefix), at.Key(key), "may not remove or update AppArmor annotations")
		c.forbidIf(key == mirrorAnnotation, at.Key(key), "may not remove or update mirror pod annotation")
	}
	for _, key := range sortedKeys(c.pod.Annotations) {
		if _, ok := old.Annotations[key]; ok {
			continue
		}
		c.forbidIf(strings.HasPrefix(key, appArmorPrefix), at.Key(key), "may not add AppArmor annotations")
		c.forbidIf(key == mirrorAnnotation, at.Key(key), "may not add mirror pod annotation")
	}
}

func (c *podCheck) imagesOnly(list string, updated, old []v1.Container) bool {
	if len(updated) != len(old) {
		c.forbidden(specPath.Child(list), "pod updates may not add or remove containers")
		return false
	}
	return true
}

// deadlineUpdate: a deadline may be set and lowered, not raised or taken away.
func (c *podCheck) deadlineUpdate(old *int64) bool {
	at, updated := specPath.Child("activeDeadlineSeconds"), c.pod.Spec.ActiveDeadlineSeconds
	switch {
	case updated == nil:
		if old != nil {
			c.invalid(at, nil, "must not update from a positive integer to nil value")
		}
	case *updated < 0 || *updated > math.MaxInt32:
		c.invalid(at, *updated, validation.InclusiveRangeError(0, math.MaxInt32))
		return false
	case old != nil && *old < *updated:
		c.invalid(at, *updated, "must be less than or equal to previous value")
		return false
	}
	return true
}

func (c *podCheck) tolerationUpdate(old []v1.Toleration) {
	for _, had := range old {
		found := false
		for _, has := range c.pod.Spec.Tolerations {
			had.TolerationSeconds = has.TolerationSeconds
			found = found || equality.Semantic.DeepEqual(had, has)
		}
		if !found {
			c.forbidden(specPath.Child("tolerations"), "existing toleration can not be modified except its tolerationSeconds")
			return
		}
	}
}

func (c *podCheck) gateUpdate(old []v1.PodSchedulingGate) {
	had := sets.New[string]()
	for _, gate := range old {
		had.Insert(gate.Name)
	}
	for i, gate := range c.pod.Spec.SchedulingGates {
		c.forbidIf(!had.Has(gate.Name), specPath.Child("schedulingGates").Index(i).Child("name"),
			"only deletion is allowed, but found new scheduling gate '"+gate.Name+"'")
	}
}

// withAllowedChanges returns the new spec with everything that may change set back.
func withAllowedChanges(updated, old *v1.PodSpec) *v1.PodSpec {
	spec := updated.DeepCopy()
	for i := range spec.Containers {
		spec.Containers[i].Image = old.Containers[i].Image
	}
	for i := range spec.InitContainers {
		spec.InitContainers[i].Image = old.InitContainers[i].Image
	}
	spec.ActiveDeadlineSeconds = old.ActiveDeadlineSeconds
	spec.SchedulingGates, spec.Tolerations = old.SchedulingGates, old.Tolerations
	was, is := old.TerminationGracePeriodSeconds, spec.TerminationGracePeriodSeconds
	if was != nil && *was < 0 && is != nil && *is == 1 {
		spec.TerminationGracePeriodSeconds = was
	}
	if len(old.SchedulingGates) > 0 {
		spec.NodeSelector, spec.Affinity = old.NodeSelector, old.Affinity
	}
	return spec
}

// internalDiff compares two values as the API server prints them.
func internalDiff(a, b any) string {
	return diff.Diff(indentable(a), indentable(b))
}

// indentable keeps the order of fields when it is marshalled with indentation.
func indentable(v any) json.RawMessage {
	var b bytes.Buffer
	if err := json.Compact(&b, internal(v)); err != nil {
		return internal(v)
	}
	return b.Bytes()
}
