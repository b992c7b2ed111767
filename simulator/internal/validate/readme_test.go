package validate

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the field table into the README")

const (
	readme     = "../../../README.md"
	tableBegin = "<!-- fidelity: begin -->\n"
	tableEnd   = "<!-- fidelity: end -->"
)

// section is what the README says of the fields that are not simply honoured;
// of the too new ones it has a sentence.
func section() string {
	var b strings.Builder
	b.WriteString("| object | fields | podsim | how |\n|---|---|---|---|\n")
	for line := range strings.Lines(Markdown()) {
		if !strings.HasSuffix(strings.TrimSpace(line), "| honoured |  |") && !strings.Contains(line, tooNew) {
			b.WriteString(strings.TrimSpace(line) + "\n")
		}
	}
	return b.String()
}

func TestREADMEHoldsTheFieldTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok1 || !ok2 {
		t.Fatal("the README has lost its marks for the field table")
	}
	if old == section() {
		return
	}
	if !*update {
		t.Fatal("the README's field table is old: go test ./simulator/internal/validate -run README -update")
	}
	if err := os.WriteFile(readme, []byte(before+tableBegin+section()+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
