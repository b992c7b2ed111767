package print

import (
	"fmt"
	"maps"
	"slices"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (s *sheet) head(m metav1.ObjectMeta) {
	s.field(0, "Name", m.Name)
	s.field(0, "Namespace", m.Namespace)
	s.labels("Labels", m.Labels)
	s.annotations(m.Annotations)
}

func (s *sheet) configMap(cm *v1.ConfigMap) {
	s.head(cm.ObjectMeta)
	s.line(0, "\nData\n====")
	for _, key := range slices.Sorted(maps.Keys(cm.Data)) {
		s.line(0, "%s:\n----\n%s\n", key, cm.Data[key])
	}
	s.line(0, "\nBinaryData\n====")
	for _, key := range slices.Sorted(maps.Keys(cm.BinaryData)) {
		s.line(0, "%s: %d bytes", key, len(cm.BinaryData[key]))
	}
	s.line(0, "")
}

// secret shows sizes only.
func (s *sheet) secret(secret *v1.Secret) {
	s.head(secret.ObjectMeta)
	s.line(0, "\nType:\t%s", secret.Type)
	s.line(0, "\nData\n====")
	for _, key := range slices.Sorted(maps.Keys(secret.Data)) {
		s.field(0, key, fmt.Sprintf("%d bytes", len(secret.Data[key])))
	}
}

func (s *sheet) event(e *v1.Event) {
	s.head(e.ObjectMeta)
	first, last := eventTimes(e)
	s.field(0, "Involved Object", e.InvolvedObject.Kind+"/"+e.InvolvedObject.Name)
	s.optional(0, "Field Path", e.InvolvedObject.FieldPath)
	s.field(0, "Type", e.Type)
	s.field(0, "Reason", e.Reason)
	s.field(0, "Message", e.Message)
	s.field(0, "Source", eventSource(e))
	s.field(0, "Count", max(e.Count, 1))
	s.field(0, "First Timestamp", moment(first))
	s.field(0, "Last Timestamp", moment(last))
}
