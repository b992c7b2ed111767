package print

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// eventCells are those of `get events`.
func eventCells(e *v1.Event, now time.Time) []any {
	first, last := eventTimes(e)
	return []any{
		eventInterval(e, last, first, now), e.Type, e.Reason,
		strings.ToLower(e.InvolvedObject.Kind) + "/" + e.InvolvedObject.Name,
		e.InvolvedObject.FieldPath, eventSource(e), strings.TrimSpace(e.Message),
		since(first, now), int64(max(e.Count, 1)), e.Name,
	}
}

// eventTimes are the first and the last time that something happened.
func eventTimes(e *v1.Event) (first, last time.Time) {
	first = e.FirstTimestamp.Time
	if first.IsZero() {
		first = e.EventTime.Time
	}
	last = e.LastTimestamp.Time
	if e.Series != nil {
		last = e.Series.LastObservedTime.Time
	}
	if last.IsZero() {
		last = first
	}
	return first, last
}

// eventInterval is "34s" or, for what happened often, "10s (x4 over 2m)".
func eventInterval(e *v1.Event, last, first, now time.Time) string {
	count := e.Count
	if e.Series != nil {
		count = e.Series.Count
	}
	if count > 1 {
		return fmt.Sprintf("%s (x%d over %s)", since(last, now), count, since(first, now))
	}
	return since(last, now)
}

func eventComponent(e *v1.Event) string { return cmp.Or(e.Source.Component, e.ReportingController) }

func eventSource(e *v1.Event) string {
	if e.Source.Host == "" {
		return eventComponent(e)
	}
	return eventComponent(e) + ", " + e.Source.Host
}

// EventsTable is what `kubectl events` prints: like `get events`, with the kind of the object as it is spelled.
func EventsTable(events []*v1.Event, namespaces bool, now time.Time) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: define(-1, "Last Seen", "Type", "Reason", "Object", "Message")}
	if namespaces {
		t.ColumnDefinitions = define(-1, "Namespace", "Last Seen", "Type", "Reason", "Object", "Message")
	}
	for _, e := range events {
		first, last := eventTimes(e)
		cells := []any{
			eventInterval(e, last, first, now), e.Type, e.Reason,
			e.InvolvedObject.Kind + "/" + e.InvolvedObject.Name, strings.TrimSpace(e.Message),
		}
		if namespaces {
			cells = append([]any{e.Namespace}, cells...)
		}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: cells})
	}
	return t
}
