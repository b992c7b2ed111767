package validate

import (
	"bytes"
	"encoding/json"
	"reflect"

	v1 "k8s.io/api/core/v1"
)

// The API server keeps objects in types of its own, and some of its messages print values of those types: Go field names,
// nothing left out, the fields of a pod in another order. internal imitates that.

// internal returns a value that prints in messages as the API server's own type does.
func internal(v any) json.RawMessage {
	var b bytes.Buffer
	writeInternal(&b, reflect.ValueOf(v))
	return b.Bytes()
}

// internalPodFields is the order of a pod spec there.
var internalPodFields = []string{
	"Volumes", "InitContainers", "Containers", "EphemeralContainers", "RestartPolicy", "TerminationGracePeriodSeconds",
	"ActiveDeadlineSeconds", "DNSPolicy", "NodeSelector", "ServiceAccountName", "AutomountServiceAccountToken", "NodeName",
	"SecurityContext", "ImagePullSecrets", "Hostname", "Subdomain", "SetHostnameAsFQDN", "Affinity", "SchedulerName",
	"Tolerations", "HostAliases", "PriorityClassName", "Priority", "PreemptionPolicy", "DNSConfig", "ReadinessGates",
	"RuntimeClassName", "Overhead", "EnableServiceLinks", "TopologySpreadConstraints", "OS", "SchedulingGates",
	"ResourceClaims", "Resources", "HostnameOverride",
}

// hostFields stand in the pod's security context there.
var hostFields = []string{"HostNetwork", "HostPID", "HostIPC", "ShareProcessNamespace", "HostUsers"}

// sinceThen lists the fields, by type, that Kubernetes 1.35 does not have.
var sinceThen = map[string]bool{
	"EmptyDirVolumeSource.Mode": true, "SecretVolumeSource.DefaultUser": true, "ConfigMapVolumeSource.DefaultUser": true,
	"DownwardAPIVolumeSource.DefaultUser": true, "ProjectedVolumeSource.DefaultUser": true, "KeyToPath.User": true,
	"DownwardAPIVolumeFile.User": true, "ServiceAccountTokenProjection.User": true, "ClusterTrustBundleProjection.User": true,
	"PodCertificateProjection.User": true, "VolumeMount.BindMountOptions": true, "HTTPGetAction.Protocol": true,
	"GRPCAction.Mode": true,
}

func writeInternal(b *bytes.Buffer, v reflect.Value) {
	if !v.IsValid() {
		b.WriteString("null")
		return
	}
	if writeMarshaler(b, v) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		writeInternal(b, v.Elem())
	case reflect.Struct:
		b.WriteByte('{')
		if spec, ok := v.Interface().(v1.PodSpec); ok {
			writePodSpec(b, spec)
		} else {
			writeFields(b, v)
		}
		b.WriteByte('}')
	case reflect.Slice:
		if v.IsNil() {
			b.WriteString("null")
			return
		}
		b.WriteByte('[')
		for i := range v.Len() {
			comma(b)
			writeInternal(b, v.Index(i))
		}
		b.WriteByte(']')
	default:
		writeJSON(b, v.Interface())
	}
}

// writeMarshaler writes quantities, ports and times, which print the same everywhere.
func writeMarshaler(b *bytes.Buffer, v reflect.Value) bool {
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface || !v.CanInterface() {
		return false
	}
	if _, ok := v.Interface().(json.Marshaler); !ok {
		return false
	}
	writeJSON(b, v.Interface())
	return true
}

func writeJSON(b *bytes.Buffer, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		raw = []byte("null")
	}
	b.Write(raw)
}

// comma separates from what came before, unless an object or a list has just begun.
func comma(b *bytes.Buffer) {
	if raw := b.Bytes(); len(raw) > 0 && raw[len(raw)-1] != '{' && raw[len(raw)-1] != '[' {
		b.WriteByte(',')
	}
}

func writeFields(b *bytes.Buffer, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Anonymous:
			writeFields(b, v.Field(i))
		case !sinceThen[v.Type().Name()+"."+f.Name]:
			writeField(b, f.Name, v.Field(i))
		}
	}
}

func writeField(b *bytes.Buffer, name string, v reflect.Value) {
	comma(b)
	writeJSON(b, name)
	b.WriteByte(':')
	writeInternal(b, v)
}

func writePodSpec(b *bytes.Buffer, spec v1.PodSpec) {
	v := reflect.ValueOf(spec)
	for _, name := range internalPodFields {
		if name != "SecurityContext" {
			writeField(b, name, v.FieldByName(name))
			continue
		}
		comma(b)
		b.WriteString(`"SecurityContext":`)
		if spec.SecurityContext == nil {
			b.WriteString("null")
			continue
		}
		b.WriteByte('{')
		for _, host := range hostFields {
			writeField(b, host, v.FieldByName(host))
		}
		writeFields(b, reflect.ValueOf(*spec.SecurityContext))
		b.WriteByte('}')
	}
	writeJSONField(b, "WorkloadRef", nil)
}

func writeJSONField(b *bytes.Buffer, name string, v any) {
	comma(b)
	writeJSON(b, name)
	b.WriteByte(':')
	writeJSON(b, v)
}
