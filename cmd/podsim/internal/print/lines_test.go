package print

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinesOfSeveralWritersNeverRunIntoEachOther(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	lines := NewLines(&out)
	var wg sync.WaitGroup
	for _, prefix := range []string{"a | ", "b | "} {
		wg.Go(func() {
			w := lines.Writer(prefix)
			for range 100 {
				io.WriteString(w, "one ")
				io.WriteString(w, "two\nthree")
				io.WriteString(w, "\n")
			}
		})
	}
	wg.Wait()
	for line := range strings.Lines(out.String()) {
		switch line[4:] {
		case "one two\n", "three\n":
		default:
			t.Fatalf("got line %q", line)
		}
	}
}

func TestTheLastLineWithoutAnEndIsWrittenAtClose(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewLines(&out).Writer("> ")
	io.WriteString(w, "first\nno newline")
	if diff := cmp.Diff("> first\n", out.String()); diff != "" {
		t.Errorf("before Close\n%s", diff)
	}
	w.Close()
	if diff := cmp.Diff("> first\n> no newline\n", out.String()); diff != "" {
		t.Errorf("after Close\n%s", diff)
	}
}
