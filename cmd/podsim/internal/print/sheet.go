package print

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	v1 "k8s.io/api/core/v1"
)

// longestAnnotation is where an annotation is shown on lines of its own, and cut.
const longestAnnotation = 140

// sheet writes what `describe` prints: lines "key:<tab>value" at levels of indentation, in columns.
type sheet struct {
	tabs *tabwriter.Writer
	now  time.Time
}

// line writes one line at a level; errors are kept by the tabwriter's target and come up in Flush.
func (s *sheet) line(level int, format string, args ...any) {
	fmt.Fprintf(s.tabs, strings.Repeat("  ", level)+format+"\n", args...)
}

// field is line of a key and a value.
func (s *sheet) field(level int, key string, value any) { s.line(level, "%s:\t%v", key, value) }

// optional is field, unless the value is empty.
func (s *sheet) optional(level int, key, value string) {
	if value != "" {
		s.field(level, key, value)
	}
}

// columns writes a key whose values stand below each other.
func (s *sheet) columns(key string, values []string) {
	if len(values) == 0 {
		values = []string{none}
	}
	for i, value := range values {
		if i == 0 {
			s.field(0, key, value)
		} else {
			s.line(0, "\t%s", value)
		}
	}
}

// labels writes a map, sorted, as key=value.
func (s *sheet) labels(key string, labels map[string]string) {
	var values []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		values = append(values, k+"="+labels[k])
	}
	s.columns(key, values)
}

// annotations writes them sorted, long ones cut and on lines of their own.
func (s *sheet) annotations(annotations map[string]string) {
	var lines []string
	for _, k := range slices.Sorted(maps.Keys(annotations)) {
		if k == v1.LastAppliedConfigAnnotation {
			continue
		}
		value := strings.TrimSuffix(annotations[k], "\n")
		if len(k)+len(value)+2 <= longestAnnotation && !strings.Contains(value, "\n") {
			lines = append(lines, k+": "+value)
			continue
		}
		lines = append(lines, k+":")
		for part := range strings.SplitSeq(value, "\n") {
			if len(part) > longestAnnotation-2 {
				part = part[:longestAnnotation-2] + "..."
			}
			lines = append(lines, "  "+part)
		}
	}
	s.columns("Annotations", lines)
}

// moment is a time as describe prints it.
func moment(t time.Time) string { return t.Format(time.RFC1123Z) }

// events writes the last section.
func (s *sheet) events(events []*v1.Event) {
	if len(events) == 0 {
		s.field(0, "Events", none)
		return
	}
	s.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage")
	s.line(1, "----\t------\t----\t----\t-------")
	for _, e := range events {
		first, last := eventTimes(e)
		s.line(1, "%s\t%s\t%s\t%s\t%s", e.Type, e.Reason, eventInterval(e, last, first, s.now), eventComponent(e), strings.TrimSpace(e.Message))
	}
}
