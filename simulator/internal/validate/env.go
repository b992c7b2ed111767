package validate

import (
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// envFieldPaths are the fields of a pod that a variable can show, volumeFieldPaths those that a file can.
var (
	envFieldPaths = []string{
		"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
		"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
	}
	volumeFieldPaths = []string{
		"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
	}
	// otherFieldPaths can be named in the API, but neither way shows them.
	otherFieldPaths = []string{"spec.restartPolicy", "spec.schedulerName", "status.phase", "spec.host"}
	resourcePaths   = []string{
		"limits.cpu", "limits.ephemeral-storage", "limits.memory",
		"requests.cpu", "requests.ephemeral-storage", "requests.memory",
	}
	byteDivisors = []string{"1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"}
)

func (c *podCheck) env(ctr placed) {
	for i, env := range ctr.Env {
		at := ctr.at.Child("env").Index(i)
		if env.Name == "" {
			c.required(at.Child("name"), "")
		} else {
			c.all(at.Child("name"), env.Name, validation.IsRelaxedEnvVarName(env.Name))
		}
		if env.ValueFrom != nil {
			c.envSource(at.Child("valueFrom"), env)
		}
	}
}

func (c *podCheck) envSource(at *field.Path, env v1.EnvVar) {
	sources, from := 0, env.ValueFrom
	if ref := from.FieldRef; ref != nil {
		sources++
		c.fieldRef(at.Child("fieldRef"), ref, envFieldPaths)
	}
	if ref := from.ResourceFieldRef; ref != nil {
		sources++
		c.resourceFieldRef(at.Child("resourceFieldRef"), ref, false)
	}
	if ref := from.ConfigMapKeyRef; ref != nil {
		sources++
		c.keyRef(at.Child("configMapKeyRef"), ref.Name, ref.Key)
	}
	if ref := from.SecretKeyRef; ref != nil {
		sources++
		c.keyRef(at.Child("secretKeyRef"), ref.Name, ref.Key)
	}
	if ref := from.FileKeyRef; ref != nil {
		sources++
		c.fileKeyRef(at.Child("fileKeyRef"), ref)
	}
	switch {
	case sources == 0:
		c.invalid(at, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`")
	case env.Value != "":
		c.invalid(at, "", "may not be specified when `value` is not empty")
	case sources > 1:
		c.invalid(at, "", "may not have more than one field specified at a time")
	}
}

func (c *podCheck) keyRef(at *field.Path, name, key string) {
	c.all(at.Child("name"), name, apivalidation.NameIsDNSSubdomain(name, false))
	if key == "" {
		c.required(at.Child("key"), "")
		return
	}
	c.all(at.Child("key"), key, validation.IsConfigMapKey(key))
}

func (c *podCheck) fileKeyRef(at *field.Path, ref *v1.FileKeySelector) {
	if ref.Key == "" {
		c.required(at.Child("key"), "")
	} else {
		c.all(at.Child("key"), ref.Key, validation.IsRelaxedEnvVarName(ref.Key))
	}
	if ref.VolumeName == "" {
		c.required(at.Child("volumeName"), "")
	} else {
		c.label(at.Child("volumeName"), ref.VolumeName)
	}
	if ref.Path == "" {
		c.required(at.Child("path"), "")
	} else {
		c.noBacksteps(at.Child("path"), ref.Path)
	}
}

// fileKeyVolumes: a variable can be read from a file of an emptyDir of the pod only.
func (c *podCheck) fileKeyVolumes() {
	sources := map[string]*v1.VolumeSource{}
	for i := range c.pod.Spec.Volumes {
		sources[c.pod.Spec.Volumes[i].Name] = &c.pod.Spec.Volumes[i].VolumeSource
	}
	for _, ctr := range allContainers(&c.pod.Spec) {
		for i, env := range ctr.Env {
			if env.ValueFrom == nil || env.ValueFrom.FileKeyRef == nil {
				continue
			}
			at, name := ctr.at.Child("env").Index(i).Child("valueFrom", "fileKeyRef", "volumeName"), env.ValueFrom.FileKeyRef.VolumeName
			source, ok := sources[name]
			if !ok {
				c.notFound(at, name)
			} else if source.EmptyDir == nil {
				c.invalid(at, name, "referenced volume must be of type emptyDir")
			}
		}
	}
}

// fieldRef checks a reference to a field of the pod itself.
func (c *podCheck) fieldRef(at *field.Path, ref *v1.ObjectFieldSelector, supported []string) {
	if ref.APIVersion == "" {
		c.required(at.Child("apiVersion"), "")
		return
	}
	if ref.FieldPath == "" {
		c.required(at.Child("fieldPath"), "")
		return
	}
	path, key, subscript := splitSubscript(ref.FieldPath)
	problem := ""
	switch {
	case ref.APIVersion != "v1":
		problem = "unsupported pod version: " + ref.APIVersion
	case subscript && path != "metadata.annotations" && path != "metadata.labels":
		problem = "field label does not support subscript: " + ref.FieldPath
	case !subscript && !slices.Contains(slices.Concat(envFieldPaths, volumeFieldPaths, otherFieldPaths), path):
		problem = "field label not supported: " + ref.FieldPath
	}
	if problem != "" {
		c.invalid(at.Child("fieldPath"), ref.FieldPath, "error converting fieldPath: "+problem)
		return
	}
	if path == "spec.host" {
		path = "spec.nodeName"
	}
	switch {
	case subscript && path == "metadata.annotations":
		c.qualifiedName(at, strings.ToLower(key))
	case subscript:
		c.qualifiedName(at, key)
	default:
		oneOf(&c.findings, at.Child("fieldPath"), path, supported...)
	}
}

// splitSubscript takes metadata.labels['key'] apart.
func splitSubscript(path string) (base, key string, ok bool) {
	inner, ok := strings.CutSuffix(path, "']")
	if !ok {
		return path, "", false
	}
	base, key, ok = strings.Cut(inner, "['")
	if !ok || base == "" {
		return path, "", false
	}
	return base, key, true
}

func (c *podCheck) resourceFieldRef(at *field.Path, ref *v1.ResourceFieldSelector, inVolume bool) {
	huge := strings.HasPrefix(ref.Resource, "requests."+v1.ResourceHugePagesPrefix) ||
		strings.HasPrefix(ref.Resource, "limits."+v1.ResourceHugePagesPrefix)
	switch {
	case inVolume && ref.ContainerName == "":
		c.required(at.Child("containerName"), "")
	case ref.Resource == "":
		c.required(at.Child("resource"), "")
	case !huge:
		oneOf(&c.findings, at.Child("resource"), ref.Resource, resourcePaths...)
	}
	c.divisor(at.Child("divisor"), ref.Resource, ref.Divisor, huge)
}

func (c *podCheck) divisor(at *field.Path, name string, divisor resource.Quantity, huge bool) {
	if divisor.IsZero() {
		return
	}
	_, kind, _ := strings.Cut(name, ".")
	allowed, called := byteDivisors, ""
	switch {
	case huge:
		called = "hugepages"
	case kind == "cpu":
		if divisor.String() != "1m" && divisor.String() != "1" {
			c.invalid(at, name, "only divisor's values 1m and 1 are supported with the cpu resource")
		}
		return
	case kind == "memory":
		called = "memory"
	case kind == "ephemeral-storage":
		called = "local ephemeral storage"
	default:
		return
	}
	if !slices.Contains(allowed, divisor.String()) {
		c.invalid(at, name, "only divisor's values "+strings.Join(allowed, ", ")+" are supported with the "+called+" resource")
	}
}

// envFrom reports a missing source at the list, not at its item: so does the API server.
func (c *podCheck) envFrom(ctr placed) {
	list := ctr.at.Child("envFrom")
	for i, from := range ctr.EnvFrom {
		at := list.Index(i)
		if from.Prefix != "" {
			c.all(at.Child("prefix"), from.Prefix, validation.IsRelaxedEnvVarName(from.Prefix))
		}
		if from.ConfigMapRef != nil {
			c.envObject(at.Child("configMapRef", "name"), from.ConfigMapRef.Name)
		}
		if from.SecretRef != nil {
			c.envObject(at.Child("secretRef", "name"), from.SecretRef.Name)
		}
		switch {
		case from.ConfigMapRef == nil && from.SecretRef == nil:
			c.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`")
		case from.ConfigMapRef != nil && from.SecretRef != nil:
			c.invalid(list, "", "may not have more than one field specified at a time")
		}
	}
}

func (c *podCheck) envObject(at *field.Path, name string) {
	if name == "" {
		c.required(at, "")
		return
	}
	c.all(at, name, apivalidation.NameIsDNSSubdomain(name, true))
}
