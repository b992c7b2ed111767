package manifest

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/internal/near"
)

// kindHint is about a kind that nobody knows.
func kindHint(apiVersion, kind string) string {
	kinds := []string{"Pod", "ConfigMap", "Secret", "PersistentVolumeClaim", "PersistentVolume"}
	if meant := near.Name(kind, kinds); meant != "" && apiVersion == "v1" {
		return "is " + meant + " meant?"
	}
	return takes
}

// noKindHint is about a document that does not say what it is.
func noKindHint(raw []byte) string {
	var compose struct{ Services map[string]any }
	if json.Unmarshal(raw, &compose) == nil && len(compose.Services) > 0 {
		return "it looks like a Compose file; " + takes
	}
	return takes
}

// syntaxHint is about a document that is no YAML.
func syntaxHint(text []byte) string {
	if bytes.Contains(text, []byte("{{")) {
		return "it looks like a template: render it first, as `helm template` does"
	}
	return ""
}

// typeHint is about a value of a wrong type.
func typeHint(message string) string {
	m := structField.FindStringSubmatch(message)
	if m != nil && (m[1] == "number" || m[1] == "bool") && strings.HasSuffix(message, " of type string") {
		return "put it in quotes"
	}
	return ""
}

// unknownHint is about a field that its place does not have: what is there under a near name, or where the field belongs.
func unknownHint(obj Object, path string) string {
	steps := strings.Split(plainPath(path), ".")
	t, name := reflect.TypeOf(obj), steps[len(steps)-1]
	for _, step := range steps[:len(steps)-1] {
		if t = fieldTypes(t)[step]; t == nil {
			return ""
		}
	}
	if meant := near.Name(name, slices.Sorted(maps.Keys(fieldTypes(t)))); meant != "" {
		return "is " + quote(meant) + " meant?"
	}
	if _, pod := obj.(*v1.Pod); !pod {
		return ""
	}
	for _, home := range []struct {
		where string
		of    any
	}{{"spec", v1.PodSpec{}}, {"a container", v1.Container{}}, {"metadata", metav1.ObjectMeta{}}} {
		if fieldTypes(reflect.TypeOf(home.of))[name] != nil {
			return quote(name) + " belongs into " + home.where + ": look at how far it is indented"
		}
	}
	return ""
}

// fieldTypes are the fields of a struct, or of that to which a pointer or a list leads, by their names in JSON.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	types := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			types[name] = f.Type
		}
	}
	return types
}
