package reference

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/podsim/podsim/e2e/harness"
)

// TestInvalid gives each recorded manifest to `podsim create`.
func TestInvalid(t *testing.T) {
	refusals, err := LoadRefusals(filepath.Join(recordings, "invalid"))
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := LoadAccepted(acceptedFile)
	if err != nil {
		t.Fatal(err)
	}
	home := harness.New(t)
	queue := newTurns()
	sum := &summary{accepted: accepted, used: map[*Acceptance]bool{}}
	t.Cleanup(func() { sum.print(t) })
	for file, calls := range byFile(refusals) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			queue.join()
			queue.play(func() {
				// The call without validation finds what the one before it made.
				own := home.For(t).In("invalid-" + strings.TrimSuffix(filepath.Base(file), ".yaml"))
				for _, r := range calls {
					args := []string{"create", "-f", filepath.Base(file)}
					if !r.Validate {
						args = append(args, "--validate=false")
					}
					got, _ := own.StartIn(filepath.Dir(file), nil, args...).WaitTimeout(harness.DefaultTimeout)
					sum.add(t, r.Name, CompareRefusal(r, Output{Stdout: got.Stdout, Stderr: got.Stderr, Code: got.Code}))
				}
				own.Run("delete", "pods", "--all", "--grace-period=1")
			})
		})
	}
}

func byFile(all []Refusal) map[string][]Refusal {
	files := map[string][]Refusal{}
	for _, r := range all {
		files[r.File] = append(files[r.File], r)
	}
	return files
}
