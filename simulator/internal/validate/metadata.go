package validate

import (
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Annotations that the API server looks into.
const (
	mirrorAnnotation       = "kubernetes.io/config.mirror"
	deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost"
	seccompPodAnnotation   = "seccomp.security.alpha.kubernetes.io/pod"
	seccompPrefix          = "container.seccomp.security.alpha.kubernetes.io/"
	appArmorPrefix         = "container.apparmor.security.beta.kubernetes.io/"
)

var metadataPath = field.NewPath("metadata")

// objectMeta checks what every object has. All names here are DNS subdomains.
func (f *findings) objectMeta(meta *metav1.ObjectMeta, namespaced bool) {
	f.add(apivalidation.ValidateObjectMeta(meta, namespaced, apivalidation.NameIsDNSSubdomain, metadataPath)...)
	for i, finalizer := range meta.Finalizers {
		switch finalizer {
		case string(v1.FinalizerKubernetes), metav1.FinalizerOrphanDependents, metav1.FinalizerDeleteDependents:
		default:
			if !strings.Contains(finalizer, "/") {
				f.invalid(metadataPath.Child("finalizers").Index(i), finalizer,
					"name is neither a standard finalizer name nor is it fully qualified")
			}
		}
	}
}

func (c *podCheck) metadata() {
	c.objectMeta(&c.pod.ObjectMeta, true)
	at, notes := metadataPath.Child("annotations"), c.pod.Annotations
	if value, mirror := notes[mirrorAnnotation]; mirror && c.pod.Spec.NodeName == "" {
		c.invalid(at.Key(mirrorAnnotation), value, "must set spec.nodeName if mirror pod annotation is set")
	}
	if cost, ok := notes[deletionCostAnnotation]; ok && !deletionCost(cost) {
		c.invalid(at.Key(deletionCostAnnotation), cost, "must be a 32bit integer")
	}
	if profile, ok := notes[seccompPodAnnotation]; ok {
		c.seccompAnnotation(at.Child(seccompPodAnnotation), profile)
	}
	for _, key := range sortedKeys(notes) {
		if strings.HasPrefix(key, seccompPrefix) {
			c.seccompAnnotation(at.Child(key), notes[key])
		}
	}
	for _, key := range sortedKeys(notes) {
		if name, ok := strings.CutPrefix(key, appArmorPrefix); ok {
			c.appArmorAnnotation(at.Key(key), name, notes[key])
		}
	}
}

// deletionCost: a whole number of 32 bits, written without plus sign or leading zeros.
func deletionCost(text string) bool {
	if text == "" || text == "0" {
		return text == "0"
	}
	if text[0] == '+' || strings.HasPrefix(strings.TrimPrefix(text, "-"), "0") {
		return false
	}
	_, err := strconv.ParseInt(text, 10, 32)
	return err == nil
}

func (c *podCheck) seccompAnnotation(at *field.Path, profile string) {
	switch profile {
	case v1.SeccompProfileRuntimeDefault, v1.DeprecatedSeccompProfileDockerDefault, v1.SeccompProfileNameUnconfined:
		return
	}
	if file, ok := strings.CutPrefix(profile, v1.SeccompLocalhostProfileNamePrefix); ok {
		c.descendingPath(at, file)
		return
	}
	c.invalid(at, profile, "must be a valid seccomp profile")
}

func (c *podCheck) appArmorAnnotation(at *field.Path, container, profile string) {
	found := false
	for _, ctr := range allContainers(&c.pod.Spec) {
		found = found || ctr.Name == container
	}
	if !found {
		c.invalid(at, container, "container not found")
	}
	switch profile {
	case "", v1.DeprecatedAppArmorBetaProfileRuntimeDefault, v1.DeprecatedAppArmorBetaProfileNameUnconfined:
		return
	}
	if !strings.HasPrefix(profile, v1.DeprecatedAppArmorBetaProfileNamePrefix) {
		c.invalid(at, profile, "invalid AppArmor profile name: "+strconv.Quote(profile))
	}
}

// profileAnnotationsMatch: where a profile is given both ways, the old annotation has to say what the field says.
func (c *podCheck) profileAnnotationsMatch() {
	spec, notes := &c.pod.Spec, c.pod.Annotations
	if spec.SecurityContext != nil {
		if note, ok := notes[seccompPodAnnotation]; ok {
			c.seccompMatches(specPath.Child("securityContext", "seccompProfile"), note, spec.SecurityContext.SeccompProfile)
		}
	}
	for _, ctr := range allContainers(spec) {
		note, ok := notes[seccompPrefix+ctr.Name]
		if ok && ctr.SecurityContext != nil {
			c.seccompMatches(ctr.at.Child("securityContext", "seccompProfile"), note, ctr.SecurityContext.SeccompProfile)
		}
	}
	if spec.OS != nil && spec.OS.Name == v1.Windows {
		return
	}
	for _, ctr := range allContainers(spec) {
		note, ok := notes[appArmorPrefix+ctr.Name]
		if profile := appArmorOf(spec, ctr.Container); ok && profile != nil {
			c.appArmorMatches(ctr.at.Child("securityContext", "appArmorProfile"), note, profile)
		}
	}
}

func appArmorOf(spec *v1.PodSpec, ctr *v1.Container) *v1.AppArmorProfile {
	if ctr.SecurityContext != nil && ctr.SecurityContext.AppArmorProfile != nil {
		return ctr.SecurityContext.AppArmorProfile
	}
	if spec.SecurityContext != nil {
		return spec.SecurityContext.AppArmorProfile
	}
	return nil
}

func (c *podCheck) seccompMatches(at *field.Path, note string, profile *v1.SeccompProfile) {
	if profile == nil {
		return
	}
	match := true
	switch profile.Type {
	case v1.SeccompProfileTypeUnconfined:
		match = note == v1.SeccompProfileNameUnconfined
	case v1.SeccompProfileTypeRuntimeDefault:
		match = note == v1.SeccompProfileRuntimeDefault || note == v1.DeprecatedSeccompProfileDockerDefault
	case v1.SeccompProfileTypeLocalhost:
		file, local := strings.CutPrefix(note, v1.SeccompLocalhostProfileNamePrefix)
		match = local
		if local && (profile.LocalhostProfile == nil || *profile.LocalhostProfile != file) {
			c.forbidden(at.Child("localhostProfile"), "seccomp profile in annotation and field must match")
		}
	}
	if !match {
		c.forbidden(at.Child("type"), "seccomp type in annotation and field must match")
	}
}

func (c *podCheck) appArmorMatches(at *field.Path, note string, profile *v1.AppArmorProfile) {
	match := true
	switch profile.Type {
	case v1.AppArmorProfileTypeUnconfined:
		match = note == v1.DeprecatedAppArmorBetaProfileNameUnconfined
	case v1.AppArmorProfileTypeRuntimeDefault:
		match = note == v1.DeprecatedAppArmorBetaProfileRuntimeDefault
	case v1.AppArmorProfileTypeLocalhost:
		name, local := strings.CutPrefix(note, v1.DeprecatedAppArmorBetaProfileNamePrefix)
		match = local
		if local && (profile.LocalhostProfile == nil || *profile.LocalhostProfile != name) {
			c.forbidden(at.Child("localhostProfile"), "apparmor profile in annotation and field must match")
		}
	}
	if !match {
		c.forbidden(at.Child("type"), "apparmor type in annotation and field must match")
	}
}
