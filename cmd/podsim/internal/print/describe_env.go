package print

import (
	"fmt"
	"math"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"
)

func (s *sheet) environment(pod *v1.Pod, c *v1.Container) {
	if len(c.EnvFrom) > 0 {
		s.line(2, "Environment Variables from:")
	}
	for _, from := range c.EnvFrom {
		s.envFrom(from)
	}
	if len(c.Env) == 0 {
		s.field(2, "Environment", none)
		return
	}
	s.line(2, "Environment:")
	for _, e := range c.Env {
		s.variable(pod, c, e)
	}
}

func (s *sheet) envFrom(from v1.EnvFromSource) {
	var kind, name string
	var optional *bool
	switch {
	case from.ConfigMapRef != nil:
		kind, name, optional = "ConfigMap", from.ConfigMapRef.Name, from.ConfigMapRef.Optional
	case from.SecretRef != nil:
		kind, name, optional = "Secret", from.SecretRef.Name, from.SecretRef.Optional
	}
	if from.Prefix != "" {
		kind += fmt.Sprintf(" with prefix '%s'", from.Prefix)
	}
	s.line(3, "%s\t%s\tOptional: %t", name, kind, ptr.Deref(optional, false))
}

func (s *sheet) variable(pod *v1.Pod, c *v1.Container, e v1.EnvVar) {
	from := e.ValueFrom
	switch {
	case from == nil:
		first, rest, more := strings.Cut(e.Value, "\n")
		s.field(3, e.Name, first)
		for more {
			first, rest, more = strings.Cut(rest, "\n")
			s.line(3, "\t%s", first)
		}
	case from.FieldRef != nil:
		s.line(3, "%s:\t%s (%s:%s)", e.Name, fieldValue(pod, from.FieldRef.FieldPath), from.FieldRef.APIVersion, from.FieldRef.FieldPath)
	case from.ResourceFieldRef != nil:
		s.line(3, "%s:\t%s (%s)", e.Name, resourceValue(c, from.ResourceFieldRef), from.ResourceFieldRef.Resource)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		s.line(3, "%s:\t<set to the key '%s' in secret '%s'>\tOptional: %t", e.Name, ref.Key, ref.Name, ptr.Deref(ref.Optional, false))
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		s.line(3, "%s:\t<set to the key '%s' of config map '%s'>\tOptional: %t", e.Name, ref.Key, ref.Name, ptr.Deref(ref.Optional, false))
	}
}

// fieldValue is what a fieldRef to the metadata gives; kubectl leaves out what is asked of spec and status.
func fieldValue(pod *v1.Pod, path string) string {
	if name, key, ok := strings.Cut(strings.TrimSuffix(path, "']"), "['"); ok {
		switch name {
		case "metadata.labels":
			return pod.Labels[key]
		case "metadata.annotations":
			return pod.Annotations[key]
		}
		return ""
	}
	switch path {
	case "metadata.name":
		return pod.Name
	case "metadata.namespace":
		return pod.Namespace
	case "metadata.uid":
		return string(pod.UID)
	}
	return ""
}

// resourceValue is what a resourceFieldRef gives, rounded up to whole divisors.
func resourceValue(c *v1.Container, ref *v1.ResourceFieldSelector) string {
	kind, name, _ := strings.Cut(ref.Resource, ".")
	list := c.Resources.Limits
	if kind == "requests" {
		list = c.Resources.Requests
	}
	quantity, set := list[v1.ResourceName(name)]
	if !set || quantity.IsZero() {
		if ref.Resource == "limits.cpu" || ref.Resource == "limits.memory" {
			return "node allocatable"
		}
		return "0"
	}
	divisor := ref.Divisor
	if divisor.IsZero() {
		divisor = resource.MustParse("1")
	}
	return fmt.Sprint(int64(math.Ceil(quantity.AsApproximateFloat64() / divisor.AsApproximateFloat64())))
}
