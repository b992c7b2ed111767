package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// maxOutput is how much of a command's output or a response's body counts.
const maxOutput = 10 << 10

func checkExec(ctx context.Context, argv []string, e Execer, timeout time.Duration) Outcome {
	running, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	o, code, err := e.Exec(running, argv)
	out := o.All[:min(len(o.All), maxOutput)]
	switch {
	case err == nil && code == 0:
		return succeeded(string(out))
	case err == nil:
		return failed(string(out))
	case ctx.Err() == nil && errors.Is(running.Err(), context.DeadlineExceeded):
		return failed(fmt.Sprintf("command timed out: %q timed out after %v", strings.Join(argv, " "), timeout))
	}
	return errored(err)
}
