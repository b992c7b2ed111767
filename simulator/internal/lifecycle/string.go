package lifecycle

import (
	"fmt"
	"strings"
)

// String is the plan for people and tests: a line an action with its cause,
// then the events, then the time to look again, relative to the snapshot's.
func (p Plan) String() string {
	var b strings.Builder
	for _, a := range p.Actions {
		fmt.Fprintln(&b, a)
	}
	for _, e := range p.Events {
		fmt.Fprintln(&b, e)
	}
	if !p.Wake.IsZero() {
		fmt.Fprintf(&b, "wake in %s\n", p.Wake.Sub(p.At))
	}
	return b.String()
}

// String is the action in one line: `stop app #1 within 30s: liveness`.
func (a Action) String() string {
	var b strings.Builder
	b.WriteString(string(a.Kind))
	if a.Container != "" {
		b.WriteString(" " + a.Container)
	}
	if a.Kind != ActTeardown {
		fmt.Fprintf(&b, " #%d", a.Attempt)
	}
	if a.Grace > 0 {
		fmt.Fprintf(&b, " within %s", a.Grace)
	}
	if a.Cause != "" {
		b.WriteString(": " + a.Cause)
	}
	return b.String()
}

// String is the event in one line: `Normal app Killing: Stopping container app`.
func (e Event) String() string {
	kind := "Normal"
	if e.Warning {
		kind = "Warning"
	}
	if e.Container != "" {
		kind += " " + e.Container
	}
	return fmt.Sprintf("%s %s: %s", kind, e.Reason, e.Message)
}
