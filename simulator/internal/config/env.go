package config

import (
	"maps"
	"slices"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/expansion"
)

// Variable is one environment variable.
type Variable struct{ Name, Value string }

// Env is an environment; no name is twice in it.
type Env []Variable

// Lookup returns the value of name.
func (e Env) Lookup(name string) (string, bool) {
	for _, v := range e {
		if v.Name == name {
			return v.Value, true
		}
	}
	return "", false
}

// Strings is the environment as "NAME=value".
func (e Env) Strings() []string {
	out := make([]string, len(e))
	for i, v := range e {
		out[i] = v.Name + "=" + v.Value
	}
	return out
}

// envBuilder collects variables: the place of a name is where it first stood,
// its value the last one.
type envBuilder struct {
	names  []string
	values map[string]string
}

func (b *envBuilder) set(name, value string) {
	if b.values == nil {
		b.values = map[string]string{}
	}
	if _, ok := b.values[name]; !ok {
		b.names = append(b.names, name)
	}
	b.values[name] = value
}

func (b *envBuilder) env() Env {
	env := make(Env, len(b.names))
	for i, name := range b.names {
		env[i] = Variable{Name: name, Value: b.values[name]}
	}
	return env
}

// environment is what the kubelet gives a container: envFrom in order, then env
// in order, then the service variables nothing declared. Values see what is
// declared before them and the service variables.
// (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables)
func environment(in Input, c *v1.Container, ips addresses) (Env, error) {
	var b envBuilder
	if err := addEnvFrom(in, c, &b); err != nil {
		return nil, err
	}
	services := serviceEnv(in)
	lookup := func(name string) (string, bool) {
		if value, ok := b.values[name]; ok {
			return value, true
		}
		return services.Lookup(name)
	}
	for i := range c.Env {
		e := &c.Env[i]
		value, ok := expansion.Expand(e.Value, lookup), true
		if e.Value == "" && e.ValueFrom != nil {
			var err error
			if value, ok, err = envSource(in, c, e.ValueFrom, ips); err != nil {
				return nil, err
			}
		}
		if ok {
			b.set(e.Name, value)
		}
	}
	for _, v := range services {
		if _, declared := b.values[v.Name]; !declared {
			b.set(v.Name, v.Value)
		}
	}
	return b.env(), nil
}

func addEnvFrom(in Input, c *v1.Container, b *envBuilder) error {
	for _, from := range c.EnvFrom {
		switch {
		case from.ConfigMapRef != nil:
			ref := from.ConfigMapRef
			object, ok := in.Objects.ConfigMaps[ref.Name]
			if !ok {
				if isTrue(ref.Optional) {
					continue
				}
				return containerError("configmap %q not found", ref.Name)
			}
			for _, key := range slices.Sorted(maps.Keys(object.Data)) {
				b.set(from.Prefix+key, object.Data[key])
			}
		case from.SecretRef != nil:
			ref := from.SecretRef
			object, ok := in.Objects.Secrets[ref.Name]
			if !ok {
				if isTrue(ref.Optional) {
					continue
				}
				return containerError("secret %q not found", ref.Name)
			}
			for _, key := range slices.Sorted(maps.Keys(object.Data)) {
				b.set(from.Prefix+key, string(object.Data[key]))
			}
		}
	}
	return nil
}

// envSource is the value of a valueFrom; false means that an optional source
// is missing and the variable is not set.
func envSource(in Input, c *v1.Container, from *v1.EnvVarSource, ips addresses) (string, bool, error) {
	switch {
	case from.FieldRef != nil:
		value, err := envField(in, from.FieldRef, ips)
		return value, err == nil, err
	case from.ResourceFieldRef != nil:
		value, err := resourceValue(in, c, from.ResourceFieldRef)
		if err != nil {
			return "", false, containerError("%s", err)
		}
		return value, true, nil
	case from.ConfigMapKeyRef != nil:
		return configMapKey(in, from.ConfigMapKeyRef)
	case from.SecretKeyRef != nil:
		return secretKey(in, from.SecretKeyRef)
	case from.FileKeyRef != nil:
		return fileKey(in, from.FileKeyRef)
	}
	return "", true, nil
}

func configMapKey(in Input, ref *v1.ConfigMapKeySelector) (string, bool, error) {
	object, ok := in.Objects.ConfigMaps[ref.Name]
	if !ok {
		if isTrue(ref.Optional) {
			return "", false, nil
		}
		return "", false, containerError("configmap %q not found", ref.Name)
	}
	value, ok := object.Data[ref.Key]
	if !ok && !isTrue(ref.Optional) {
		return "", false, containerError("couldn't find key %s in ConfigMap %s/%s", ref.Key, in.Pod.Namespace, ref.Name)
	}
	return value, ok, nil
}

func secretKey(in Input, ref *v1.SecretKeySelector) (string, bool, error) {
	object, ok := in.Objects.Secrets[ref.Name]
	if !ok {
		if isTrue(ref.Optional) {
			return "", false, nil
		}
		return "", false, containerError("secret %q not found", ref.Name)
	}
	value, ok := object.Data[ref.Key]
	if !ok && !isTrue(ref.Optional) {
		return "", false, containerError("couldn't find key %s in Secret %s/%s", ref.Key, in.Pod.Namespace, ref.Name)
	}
	return string(value), ok, nil
}

func isTrue(b *bool) bool { return b != nil && *b }
