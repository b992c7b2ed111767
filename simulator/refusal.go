package simulator

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/podsim/podsim/runtime"
)

// maxRefusal is more than such a line is ever long.
const maxRefusal = 8 << 10

// refusal holds a process's output back for as long as it may be the engine's
// word that the process never was.
type refusal struct {
	w    io.Writer
	held bytes.Buffer
	open bool // it is the process's own
}

func (r *refusal) Write(p []byte) (int, error) {
	if r.open {
		return r.w.Write(p)
	}
	r.held.Write(p)
	text := r.held.Bytes()
	n := min(len(text), len(runtime.ExecRefusal))
	if string(text[:n]) == runtime.ExecRefusal[:n] && len(text) < maxRefusal {
		return len(p), nil
	}
	if err := r.flush(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush lets go what was held.
func (r *refusal) flush() error {
	r.open = true
	_, err := r.held.WriteTo(r.w)
	return err
}

// settle decides, once the process ended, what was held: the engine's refusal
// becomes an error, anything else is the process's output.
func (r *refusal) settle(exitCode int) error {
	text := r.held.String()
	if runtime.ExecRefused(exitCode, text) {
		return fmt.Errorf("Internal error occurred: Internal error occurred: error executing command in container: "+ //nolint:staticcheck // kubectl's text
			"failed to exec in container: %s", strings.TrimSpace(text))
	}
	return r.flush()
}
