package simulator

import (
	"context"
	"time"
)

// WaitOptions of Wait.
type WaitOptions struct {
	// For is what to wait for, as kubectl takes it: "create", "delete",
	// "condition=Ready[=value]", "jsonpath={.status.phase}[=Running]".
	For string
	// Timeout: 0 looks once, negative is a week, as kubectl has it.
	Timeout time.Duration
}

// Wait blocks until an object is as asked for and returns it as it then was
// (deleted: as it was last). Too long is an error with kubectl's text: `timed
// out waiting for the condition on pods/web`.
func (s *Simulator) Wait(ctx context.Context, ref Ref, o WaitOptions) (Object, error) {
	return nil, errTODO
}
