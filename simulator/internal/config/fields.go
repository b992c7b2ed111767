package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
)

// addresses are known only once the sandbox runs.
type addresses struct{ pod, host []string }

// The annotations that the kubelet adds to a pod it takes from an API server.
const (
	annotationSeen   = "kubernetes.io/config.seen"
	annotationSource = "kubernetes.io/config.source"
)

// annotations are the pod's, as the kubelet sees them.
func annotations(in Input) map[string]string {
	all := maps.Clone(in.Pod.Annotations)
	if all == nil {
		all = map[string]string{}
	}
	all[annotationSeen] = in.Pod.CreationTimestamp.UTC().Format(time.RFC3339Nano)
	all[annotationSource] = "api"
	return all
}

// envField is the value of a fieldRef in an environment.
// (pkg/kubelet/kubelet_pods.go, podFieldSelectorRuntimeValue)
func envField(in Input, ref *v1.ObjectFieldSelector, ips addresses) (string, error) {
	podIPs := ips.pod
	if in.Pod.Spec.HostNetwork && len(podIPs) == 0 {
		podIPs = ips.host
	}
	switch ref.FieldPath {
	case "spec.nodeName":
		return in.nodeName(), nil
	case "spec.serviceAccountName":
		return in.Pod.Spec.ServiceAccountName, nil
	case "status.hostIP":
		return first(ips.host), nil
	case "status.hostIPs":
		return strings.Join(ips.host, ","), nil
	case "status.podIP":
		return first(podIPs), nil
	case "status.podIPs":
		return strings.Join(podIPs, ","), nil
	}
	value, ok := metadataField(in, ref.FieldPath)
	if !ok {
		return "", containerError("unsupported fieldPath: %s", ref.FieldPath)
	}
	return value, nil
}

// metadataField is the value of a field of the pod's metadata; labels and
// annotations as a whole are lines of key="value".
func metadataField(in Input, fieldPath string) (string, bool) {
	switch fieldPath {
	case "metadata.name":
		return in.Pod.Name, true
	case "metadata.namespace":
		return in.Pod.Namespace, true
	case "metadata.uid":
		return string(in.Pod.UID), true
	case "metadata.labels":
		return formatMap(in.Pod.Labels), true
	case "metadata.annotations":
		return formatMap(annotations(in)), true
	}
	if key, ok := subscript(fieldPath, "metadata.labels"); ok {
		return in.Pod.Labels[key], true
	}
	if key, ok := subscript(fieldPath, "metadata.annotations"); ok {
		return annotations(in)[key], true
	}
	return "", false
}

// subscript takes apart field['key'].
func subscript(fieldPath, field string) (string, bool) {
	rest, ok := strings.CutPrefix(fieldPath, field+"['")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, "']")
}

// formatMap writes a map as the kubelet writes it into a downwardAPI volume.
func formatMap(m map[string]string) string {
	lines := make([]string, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		lines = append(lines, fmt.Sprintf("%s=%q", key, m[key]))
	}
	return strings.Join(lines, "\n")
}

// resourceValue is the value of a resourceFieldRef; c is the container that it
// concerns when it names none. Limits that are not set are the pod's, else the
// node's. (pkg/api/v1/resource, ExtractContainerResourceValue)
func resourceValue(in Input, c *v1.Container, ref *v1.ResourceFieldSelector) (string, error) {
	if ref.ContainerName != "" {
		if c, _ = findContainer(in.Pod, ref.ContainerName); c == nil {
			return "", fmt.Errorf("container %s not found", ref.ContainerName)
		}
	}
	if c == nil {
		return "", fmt.Errorf("unsupported container resource : %s", ref.Resource)
	}
	kind, name, _ := strings.Cut(ref.Resource, ".")
	var list v1.ResourceList
	switch kind {
	case "limits":
		list = effectiveLimits(in, c)
	case "requests":
		list = c.Resources.Requests
	}
	switch {
	case list == nil && kind != "requests":
		return "", fmt.Errorf("unsupported container resource : %s", ref.Resource)
	case name == "cpu":
		divisor := int64(1000)
		if !ref.Divisor.IsZero() {
			divisor = ref.Divisor.MilliValue()
		}
		return ratio(list.Cpu().MilliValue(), divisor), nil
	case name == "memory", name == "ephemeral-storage", strings.HasPrefix(name, v1.ResourceHugePagesPrefix):
		divisor := int64(1)
		if !ref.Divisor.IsZero() {
			divisor = ref.Divisor.Value()
		}
		quantity := list[v1.ResourceName(name)]
		return ratio(quantity.Value(), divisor), nil
	}
	return "", fmt.Errorf("unsupported container resource : %s", ref.Resource)
}

// ratio divides and rounds up.
func ratio(value, divisor int64) string {
	q := value / divisor
	if value%divisor != 0 {
		q++
	}
	return strconv.FormatInt(q, 10)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// NeedsPodIP says whether an environment cannot be built before the sandbox
// runs.
func NeedsPodIP(pod *v1.Pod, c *v1.Container) bool {
	if pod.Spec.HostNetwork {
		return false
	}
	return slices.ContainsFunc(c.Env, func(e v1.EnvVar) bool {
		return e.Value == "" && e.ValueFrom != nil && e.ValueFrom.FieldRef != nil &&
			strings.HasPrefix(e.ValueFrom.FieldRef.FieldPath, "status.podIP")
	})
}

// NeedsFiles says whether an environment needs files of a volume (fileKeyRef),
// so that it cannot be built before those who write them have run.
func NeedsFiles(c *v1.Container) bool {
	return slices.ContainsFunc(c.Env, func(e v1.EnvVar) bool {
		return e.Value == "" && e.ValueFrom != nil && e.ValueFrom.FileKeyRef != nil
	})
}
