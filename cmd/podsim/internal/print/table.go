package print

import (
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// columns of a kind: those of priority 1 are shown by -o wide only.
func columns(kind string) []metav1.TableColumnDefinition {
	switch kind {
	case "Pod":
		return define(0, "Name", "Ready", "Status", "Restarts", "Age", "+IP", "+Node", "+Nominated Node", "+Readiness Gates")
	case "ConfigMap":
		return define(0, "Name", "Data", "Age")
	case "Secret":
		return define(0, "Name", "Type", "Data", "Age")
	case "PersistentVolumeClaim":
		return define(0, "Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age",
			"+VolumeMode")
	case "PersistentVolume":
		return define(0, "Name", "Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass",
			"VolumeAttributesClass", "Reason", "Age", "+VolumeMode")
	case "Event":
		return define(-1, "Last Seen", "Type", "Reason", "Object", "+Subobject", "+Source", "Message", "+First Seen", "+Count", "+Name")
	}
	return define(0, "Name", "Age")
}

// define makes columns of their titles; "+" marks the wide ones, and the one at index name is what the table is of.
func define(name int, titles ...string) []metav1.TableColumnDefinition {
	defs := make([]metav1.TableColumnDefinition, len(titles))
	for i, title := range titles {
		defs[i] = metav1.TableColumnDefinition{Name: title, Type: "string"}
		if title[0] == '+' {
			defs[i].Name, defs[i].Priority = title[1:], 1
		}
		if i == name || defs[i].Name == "Name" {
			defs[i].Format = "name"
		}
	}
	return defs
}

// Table lays objects of one kind out as the API server does for kubectl.
func Table(objs []Object, now time.Time) (*metav1.Table, error) {
	t := &metav1.Table{}
	for i, obj := range objs {
		if i == 0 {
			t.ColumnDefinitions = columns(kindOf(obj))
		}
		cells, err := cells(obj, now)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: cells, Object: runtime.RawExtension{Object: typed(obj)}})
	}
	return t, nil
}

// typed returns the object with its kind set, for the printers that ask for it.
func typed(obj Object) Object {
	if obj.GetObjectKind().GroupVersionKind().Kind != "" {
		return obj
	}
	c, ok := obj.DeepCopyObject().(Object)
	if !ok {
		return obj
	}
	c.GetObjectKind().SetGroupVersionKind(v1.SchemeGroupVersion.WithKind(kindOf(obj)))
	return c
}

func cells(obj Object, now time.Time) ([]any, error) {
	age := since(obj.GetCreationTimestamp().Time, now)
	switch o := obj.(type) {
	case *v1.Pod:
		return podCells(o, now), nil
	case *v1.ConfigMap:
		return []any{o.Name, len(o.Data) + len(o.BinaryData), age}, nil
	case *v1.Secret:
		return []any{o.Name, string(o.Type), len(o.Data), age}, nil
	case *v1.PersistentVolumeClaim:
		return claimCells(o, age), nil
	case *v1.PersistentVolume:
		return volumeCells(o, age), nil
	case *v1.Event:
		return eventCells(o, now), nil
	}
	return nil, fmt.Errorf("print %T: no table for this kind", obj)
}

func podCells(pod *v1.Pod, now time.Time) []any {
	s := summarize(pod)
	ip := none
	if len(pod.Status.PodIPs) > 0 {
		ip = pod.Status.PodIPs[0].IP
	}
	return []any{
		pod.Name, fmt.Sprintf("%d/%d", s.ready, s.total), s.status, s.restartsCell(now),
		since(pod.CreationTimestamp.Time, now), ip, orNone(pod.Spec.NodeName), orNone(pod.Status.NominatedNodeName), gates(pod),
	}
}

// gates counts the readiness gates that are open.
func gates(pod *v1.Pod) string {
	if len(pod.Spec.ReadinessGates) == 0 {
		return none
	}
	open := 0
	for _, gate := range pod.Spec.ReadinessGates {
		if c := condition(pod, gate.ConditionType); c != nil && c.Status == v1.ConditionTrue {
			open++
		}
	}
	return fmt.Sprintf("%d/%d", open, len(pod.Spec.ReadinessGates))
}
