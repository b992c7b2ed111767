package reference

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Event is one kind of thing that happened, however often.
type Event struct {
	Type, Reason, Source string
	// Object is "pod/NAME", Field "spec.containers{NAME}" or empty.
	Object, Field string
	Message       string
}

func (e Event) String() string {
	return fmt.Sprintf("%s %s %s %s [%s] %s", e.Type, e.Reason, e.Source, e.Object, e.Field, e.Message)
}

var eventLine = regexp.MustCompile(`(?s)^ *[+-]\d+s\.\. *[+-]\d+s x\d+ +(\S+) +(\S+) +(\S+) +(\S+) \[(.*?)\] (.*)$`)

// parseEvents reads events.txt; a message may hold newlines.
func parseEvents(text string) []Event {
	var events []Event
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if m := eventLine.FindStringSubmatch(line); m != nil {
			events = append(events, Event{m[1], m[2], m[3], m[4], m[5], m[6]})
		} else if len(events) > 0 {
			events[len(events)-1].Message += "\n" + line
		}
	}
	return events
}

func eventOf(e *corev1.Event) Event {
	source := e.Source.Component
	if source == "" {
		source = e.ReportingController
	}
	return Event{
		Type: e.Type, Reason: e.Reason, Source: source,
		Object:  strings.ToLower(e.InvolvedObject.Kind) + "/" + e.InvolvedObject.Name,
		Field:   e.InvolvedObject.FieldPath,
		Message: strings.ReplaceAll(strings.TrimRight(e.Message, "\n"), "\n", `\n`),
	}
}
