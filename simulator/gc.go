package simulator

import "context"

// Leftover is something on the engine that belongs to no pod of the store.
type Leftover struct {
	Kind string // "container", "volume"
	Name string
	Pod  string // namespace/name it was made for
}

// Leftovers finds what pods left on the engine that are not in the store any
// more. Claims are never among them.
func (s *Simulator) Leftovers(ctx context.Context) ([]Leftover, error) { return nil, errTODO }

// RemoveLeftovers removes them and returns what was removed.
func (s *Simulator) RemoveLeftovers(ctx context.Context) ([]Leftover, error) { return nil, errTODO }
