package simulator

import (
	"strings"
	"testing"
)

const quarrel = `
apiVersion: v1
kind: Pod
metadata: {name: quarrel}
spec:
  containers:
  - {name: first, image: "app:1", command: [sh, -c, "sleep 1000"], ports: [{containerPort: 8080}]}
  - {name: second, image: "app:1", command: [sh, -c, "echo bind: Address already in use; exit 1"], ports: [{containerPort: 8080}]}
`

func TestDiagnoseReadsTheLogOfTheRunThatEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(quarrel)
	w.node()
	w.wait("quarrel", `jsonpath={.status.containerStatuses[1].lastState.terminated.exitCode}=1`)
	const want = `container "second" cannot listen on port 8080: it is in use, probably by container "first", which declares it too`
	d, err := w.Diagnose(t.Context(), "", "quarrel")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Findings) != 1 || d.Findings[0].Summary != want {
		t.Errorf("diagnosis %+v", d.Findings)
	}
	for _, hints := range [][]string{w.Hints(t.Context(), "", "quarrel"), w.FailureHints(t.Context(), "", "quarrel", "second", false)} {
		if len(hints) != 1 || !strings.HasPrefix(hints[0], want) {
			t.Errorf("hints %q", hints)
		}
	}
}

func TestDiagnoseOfAPodThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.Diagnose(t.Context(), "", "nobody"); err == nil {
		t.Error("no error")
	}
	if hints := w.Hints(t.Context(), "", "nobody"); hints != nil {
		t.Errorf("hints %q", hints)
	}
}

func TestPrintableDropsWhatATerminalObeys(t *testing.T) {
	t.Parallel()
	if got := printable("\x1b[31mred\x1b[0m\ttab\x07\xff"); got != "red\ttab?" {
		t.Errorf("printable %q", got)
	}
}
