package validate

import (
	"reflect"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// tokenVolumePrefix begins the name of the volume that every pod gets without asking.
const tokenVolumePrefix = "kube-api-access-"

// gpuResource is the one extended resource that engines know how to give.
const gpuResource = "nvidia.com/gpu"

// Refusals returns an error for every field that a pod uses and podsim refuses, in podsim's own words.
func Refusals(pod *v1.Pod) field.ErrorList {
	w := walkPod(pod)
	var f findings
	for _, use := range w.uses {
		if use.row.Support == Refused {
			f.forbidden(use.at, use.row.Note)
		}
	}
	refusedValues(&f, &pod.Spec)
	return f.errs
}

// Fidelity returns a warning for every field that a pod uses and podsim approximates, and one for all that share the same
// reason to be ignored. Defaults do not count as use.
func Fidelity(pod *v1.Pod) []Warning {
	var warnings []Warning
	ignored := map[string][]string{}
	var reasons []string
	for _, use := range walkPod(pod).uses {
		switch use.row.Support {
		case Approximated:
			warnings = append(warnings, Warning{Field: use.at.String(), Message: use.row.Note})
		case Ignored:
			if _, seen := ignored[use.row.Note]; !seen {
				reasons = append(reasons, use.row.Note)
			}
			ignored[use.row.Note] = append(ignored[use.row.Note], use.at.String())
		}
	}
	for _, reason := range reasons {
		warnings = append(warnings, Warning{Field: strings.Join(ignored[reason], ", "), Message: "ignored: " + reason})
	}
	return append(warnings, deviceWarnings(&pod.Spec)...)
}

// PersistentVolumeRefusals returns an error for the source of a volume that podsim cannot mount.
func PersistentVolumeRefusals(pv *v1.PersistentVolume) field.ErrorList {
	var f findings
	sources := reflect.ValueOf(pv.Spec.PersistentVolumeSource)
	for i := range sources.NumField() {
		name := jsonName(sources.Type().Field(i))
		if !sources.Field(i).IsNil() && name != "hostPath" && name != "local" {
			f.forbidden(specPath.Child(name), mountItFirst)
		}
	}
	return f.errs
}

// use is a field that a pod sets to something else than its default, and that is not simply honoured.
type use struct {
	at  *field.Path
	row Row
}

// walker goes through a pod along the field table.
type walker struct {
	rows map[string]Row
	uses []use
}

func walkPod(pod *v1.Pod) *walker {
	w := &walker{rows: rowIndex()}
	spec := pod.Spec.DeepCopy()
	spec.Volumes = slices.DeleteFunc(spec.Volumes, func(v v1.Volume) bool { return strings.HasPrefix(v.Name, tokenVolumePrefix) })
	w.structure(reflect.ValueOf(*spec), specPath)
	return w
}

func (w *walker) structure(v reflect.Value, at *field.Path) {
	for _, f := range apiFields(v.Type()) {
		value := v.Field(f.index)
		if f.inline {
			w.structure(value, at)
			continue
		}
		row, ok := w.rows[f.key()]
		if !ok || value.IsZero() {
			continue
		}
		if row.Support != Honoured && !usual(f.key(), value) {
			w.uses = append(w.uses, use{at: at.Child(f.name), row: row})
		}
		if row.Support == Honoured || row.Support == Approximated {
			w.value(value, at.Child(f.name))
		}
	}
}

func (w *walker) value(v reflect.Value, at *field.Path) {
	switch v.Kind() {
	case reflect.Pointer:
		w.value(v.Elem(), at)
	case reflect.Slice:
		for i := range v.Len() {
			w.value(v.Index(i), at.Index(i))
		}
	case reflect.Struct:
		if _, ours := structOf(v.Type()); ours {
			w.structure(v, at)
		}
	}
}

// usual tells whether a value is what a pod has anyway, or one that podsim treats as a node does.
func usual(key string, v reflect.Value) bool {
	switch key {
	case "PodSpec.dnsPolicy", "PodSpec.automountServiceAccountToken", "PodSpec.enableServiceLinks", "PodSpec.nodeName",
		"PersistentVolumeClaimSpec.accessModes", "PersistentVolumeClaimSpec.resources":
		return true
	case "PodSpec.schedulerName":
		return v.String() == v1.DefaultSchedulerName
	case "PodSpec.serviceAccountName", "PodSpec.serviceAccount":
		return v.String() == "default"
	case "PodSpec.hostUsers":
		return v.Elem().Bool()
	case "PodSpec.priority":
		return v.Elem().Int() == 0
	case "PodSpec.preemptionPolicy":
		return v.Elem().String() == string(v1.PreemptLowerPriority)
	case "PodSpec.tolerations":
		return usualTolerations(v.Interface())
	case "PodSecurityContext.supplementalGroupsPolicy":
		return v.Elem().String() == string(v1.SupplementalGroupsPolicyMerge)
	case "VolumeMount.recursiveReadOnly":
		return v.Elem().String() == string(v1.RecursiveReadOnlyDisabled)
	}
	return false
}

// usualTolerations are those that every pod is given.
func usualTolerations(list any) bool {
	tolerations, _ := list.([]v1.Toleration)
	for _, t := range tolerations {
		if t.Key != v1.TaintNodeNotReady && t.Key != v1.TaintNodeUnreachable {
			return false
		}
	}
	return true
}

// refusedValues finds honoured fields with a value that is not.
func refusedValues(f *findings, spec *v1.PodSpec) {
	if spec.OS != nil && spec.OS.Name == v1.Windows {
		f.forbidden(specPath.Child("os", "name"), noWindows)
	}
	for i, volume := range spec.Volumes {
		at := specPath.Child("volumes").Index(i)
		if dir := volume.EmptyDir; dir != nil && strings.HasPrefix(string(dir.Medium), string(v1.StorageMediumHugePages)) {
			f.forbidden(at.Child("emptyDir", "medium"), "podsim has no huge pages: use Memory, or leave it out")
		}
		if volume.Ephemeral == nil || volume.Ephemeral.VolumeClaimTemplate == nil {
			continue
		}
		mode := volume.Ephemeral.VolumeClaimTemplate.Spec.VolumeMode
		if mode != nil && *mode == v1.PersistentVolumeBlock {
			f.forbidden(at.Child("ephemeral", "volumeClaimTemplate", "spec", "volumeMode"), "podsim has no block volumes: use Filesystem")
		}
	}
}

// deviceWarnings names resources that only a device plugin or a prepared node gives.
func deviceWarnings(spec *v1.PodSpec) []Warning {
	var warnings []Warning
	for _, ctr := range allContainers(spec) {
		for _, name := range sortedKeys(ctr.Resources.Limits) {
			switch name {
			case v1.ResourceCPU, v1.ResourceMemory, v1.ResourceEphemeralStorage, gpuResource:
			default:
				warnings = append(warnings, Warning{
					Field:   ctr.at.Child("resources", "limits").Key(string(name)).String(),
					Message: "ignored: podsim hands out cpu, memory, ephemeral-storage and " + gpuResource + " only",
				})
			}
		}
	}
	return warnings
}
