package print

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	v1 "k8s.io/api/core/v1"
)

// Subject is an object and what else its description tells of.
type Subject struct {
	Object Object
	// Events are those of the object, in order; ShowEvents false leaves the section out.
	Events     []*v1.Event
	ShowEvents bool
	// UsedBy are the pods that mount a claim.
	UsedBy []string
	Now    time.Time
}

// Describe prints the sections of `kubectl describe` for one object.
func Describe(w io.Writer, subject Subject) error {
	if subject.Now.IsZero() {
		subject.Now = time.Now()
	}
	var fill func(*sheet)
	switch o := subject.Object.(type) {
	case *v1.Pod:
		fill = func(s *sheet) { s.pod(o) }
	case *v1.ConfigMap:
		fill = func(s *sheet) { s.configMap(o) }
	case *v1.Secret:
		fill = func(s *sheet) { s.secret(o) }
		subject.ShowEvents = false
	case *v1.PersistentVolumeClaim:
		fill = func(s *sheet) { s.claim(o, subject.UsedBy) }
	case *v1.PersistentVolume:
		fill = func(s *sheet) { s.persistentVolume(o) }
	case *v1.Event:
		fill = func(s *sheet) { s.event(o) }
	default:
		return fmt.Errorf("describe %T: not a kind that podsim keeps", o)
	}
	s := &sheet{tabs: tabwriter.NewWriter(w, 0, 8, 2, ' ', 0), now: subject.Now}
	fill(s)
	if subject.ShowEvents {
		s.events(subject.Events)
	}
	return s.tabs.Flush()
}
