package print

import (
	"encoding/json"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/duration"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// Object is any object with metadata.
type Object = interface {
	metav1.Object
	runtime.Object
}

// none is what stands for an empty value.
const none = "<none>"

// orNone returns s, or "<none>" when it is empty.
func orNone(s string) string {
	if s == "" {
		return none
	}
	return s
}

// kindOf returns the kind of an object, whether its type is set or not.
func kindOf(obj runtime.Object) string {
	switch obj.(type) {
	case *v1.Pod:
		return "Pod"
	case *v1.ConfigMap:
		return "ConfigMap"
	case *v1.Secret:
		return "Secret"
	case *v1.PersistentVolumeClaim:
		return "PersistentVolumeClaim"
	case *v1.PersistentVolume:
		return "PersistentVolume"
	case *v1.Event:
		return "Event"
	}
	return obj.GetObjectKind().GroupVersionKind().Kind
}

// generic returns the object as the API would send it, with apiVersion and kind.
func generic(obj Object) (*unstructured.Unstructured, error) {
	data, err := json.Marshal(obj)
	if err != nil {
		return nil, fmt.Errorf("encode %s %q: %w", kindOf(obj), obj.GetName(), err)
	}
	u := &unstructured.Unstructured{}
	if err := utiljson.Unmarshal(data, &u.Object); err != nil {
		return nil, fmt.Errorf("encode %s %q: %w", kindOf(obj), obj.GetName(), err)
	}
	u.SetAPIVersion("v1")
	u.SetKind(kindOf(obj))
	return u, nil
}

// since is how long ago t was, as kubectl shortens it: "34s", "5m3s", "2d".
func since(t, now time.Time) string {
	if t.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(t))
}
