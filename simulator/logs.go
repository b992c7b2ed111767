package simulator

import (
	"context"
	"io"
	"time"
)

// LogOptions select a part of a container's log.
type LogOptions struct {
	// Container "" is the only one, or that of ChooseContainer.
	Container string
	Previous  bool
	Follow    bool
	// Timestamps begins each line with its RFC3339Nano time.
	Timestamps bool
	// Since is the beginning; zero: from the start.
	Since time.Time
	// Tail is the number of last lines; nil: all.
	Tail *int64
	// LimitBytes ends the log after so many bytes, in the middle of a line if
	// need be; nil: no limit.
	LimitBytes *int64
}

// Logs writes a container's log, standard output and error as they came, and
// returns at its end: with Follow when the container ended. A container that
// never ran fails with the kubelet's text.
func (s *Simulator) Logs(ctx context.Context, ns, name string, o LogOptions, w io.Writer) error {
	return s.LogStreams(ctx, ns, name, o, w, w)
}

// LogStreams is Logs with standard output and error apart. Both are written
// from one goroutine.
func (s *Simulator) LogStreams(ctx context.Context, ns, name string, o LogOptions, stdout, stderr io.Writer) error {
	return errTODO
}
