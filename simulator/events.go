package simulator

import (
	"context"

	v1 "k8s.io/api/core/v1"
)

// EventOptions select events.
type EventOptions struct {
	Namespace     string
	AllNamespaces bool
	// For is the object they are about (kubectl events --for pod/web).
	For *Ref
	// Types are "Normal" and "Warning"; none is all.
	Types []string
	// Fields is a field selector ("involvedObject.name=web,reason=Failed").
	Fields string
}

// Events reads events, the oldest first by when they happened last.
func (s *Simulator) Events(ctx context.Context, o EventOptions) ([]v1.Event, error) {
	return nil, errTODO
}

// WatchEvents tells the events there are and then each that is new or counted
// up, until ctx ends.
func (s *Simulator) WatchEvents(ctx context.Context, o EventOptions) (<-chan v1.Event, error) {
	return nil, errTODO
}
