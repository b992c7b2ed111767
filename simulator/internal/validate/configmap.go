package validate

import (
	"encoding/json"
	"reflect"

	v1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
)

const (
	immutable = "field is immutable when `immutable` is set"
	// redacted stands for what a Secret holds: its content appears in no message.
	redacted = "<secret contents redacted>"
)

// ConfigMap returns the errors of a new ConfigMap.
func ConfigMap(cm *v1.ConfigMap) field.ErrorList {
	var f findings
	f.objectMeta(&cm.ObjectMeta, true)
	size := 0
	for _, key := range sortedKeys(cm.Data) {
		at := field.NewPath("data").Key(key)
		f.all(at, key, validation.IsConfigMapKey(key))
		if _, twice := cm.BinaryData[key]; twice {
			f.invalid(at, key, "duplicate of key present in binaryData")
		}
		size += len(cm.Data[key])
	}
	for _, key := range sortedKeys(cm.BinaryData) {
		f.all(field.NewPath("binaryData").Key(key), key, validation.IsConfigMapKey(key))
		size += len(cm.BinaryData[key])
	}
	if size > v1.MaxSecretSize {
		f.tooLong(field.NewPath(""), v1.MaxSecretSize)
	}
	return f.errs
}

// ConfigMapUpdate returns the errors of a change.
func ConfigMapUpdate(updated, old *v1.ConfigMap) field.ErrorList {
	var f findings
	f.add(apivalidation.ValidateObjectMetaUpdate(&updated.ObjectMeta, &old.ObjectMeta, metadataPath)...)
	if ptr.Deref(old.Immutable, false) {
		f.forbidIf(!ptr.Deref(updated.Immutable, false), field.NewPath("immutable"), immutable)
		f.forbidIf(!reflect.DeepEqual(updated.Data, old.Data), field.NewPath("data"), immutable)
		f.forbidIf(!reflect.DeepEqual(updated.BinaryData, old.BinaryData), field.NewPath("binaryData"), immutable)
	}
	f.add(ConfigMap(updated)...)
	return f.errs
}

// Secret returns the errors of a new Secret.
func Secret(s *v1.Secret) field.ErrorList {
	var f findings
	f.objectMeta(&s.ObjectMeta, true)
	data, size := field.NewPath("data"), 0
	for _, key := range sortedKeys(s.Data) {
		f.all(data.Key(key), key, validation.IsConfigMapKey(key))
		size += len(s.Data[key])
	}
	if size > v1.MaxSecretSize {
		f.tooLong(data, v1.MaxSecretSize)
	}
	f.secretType(data, s)
	return f.errs
}

// SecretUpdate returns the errors of a change.
func SecretUpdate(updated, old *v1.Secret) field.ErrorList {
	var f findings
	f.add(apivalidation.ValidateObjectMetaUpdate(&updated.ObjectMeta, &old.ObjectMeta, metadataPath)...)
	f.add(apivalidation.ValidateImmutableField(updated.Type, old.Type, field.NewPath("type"))...)
	if ptr.Deref(old.Immutable, false) {
		f.forbidIf(!ptr.Deref(updated.Immutable, false), field.NewPath("immutable"), immutable)
		f.forbidIf(!reflect.DeepEqual(updated.Data, old.Data), field.NewPath("data"), immutable)
	}
	f.add(Secret(updated)...)
	return f.errs
}

// secretType: each of Kubernetes' own types wants its keys.
func (f *findings) secretType(data *field.Path, s *v1.Secret) {
	needKey := func(key string) bool {
		if _, ok := s.Data[key]; !ok {
			f.required(data.Key(key), "")
			return false
		}
		return true
	}
	needJSON := func(key string) {
		if needKey(key) {
			if err := json.Unmarshal(s.Data[key], &map[string]any{}); err != nil {
				f.invalid(data.Key(key), redacted, err.Error())
			}
		}
	}
	switch s.Type {
	case v1.SecretTypeServiceAccountToken:
		if s.Annotations[v1.ServiceAccountNameKey] == "" {
			f.required(metadataPath.Child("annotations").Key(v1.ServiceAccountNameKey), "")
		}
	case v1.SecretTypeDockercfg:
		needJSON(v1.DockerConfigKey)
	case v1.SecretTypeDockerConfigJson:
		needJSON(v1.DockerConfigJsonKey)
	case v1.SecretTypeBasicAuth:
		_, user := s.Data[v1.BasicAuthUsernameKey]
		_, password := s.Data[v1.BasicAuthPasswordKey]
		if !user && !password {
			f.required(data.Key(v1.BasicAuthUsernameKey), "")
			f.required(data.Key(v1.BasicAuthPasswordKey), "")
		}
	case v1.SecretTypeSSHAuth:
		if len(s.Data[v1.SSHAuthPrivateKey]) == 0 {
			f.required(data.Key(v1.SSHAuthPrivateKey), "")
		}
	case v1.SecretTypeTLS:
		needKey(v1.TLSCertKey)
		needKey(v1.TLSPrivateKeyKey)
	}
}
