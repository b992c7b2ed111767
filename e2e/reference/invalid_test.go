package reference

import (
	"fmt"
	"path/filepath"
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
	sum := &summary{accepted: accepted, used: map[*Acceptance]bool{}}
	t.Cleanup(func() { sum.print(t) })
	for i, r := range refusals {
		// The call without validation finds what the one before it made.
		namespace := fmt.Sprintf("invalid-%d", i)
		if !r.Validate {
			namespace = fmt.Sprintf("invalid-%d", i-1)
		}
		t.Run(r.Name, func(t *testing.T) {
			own := home.For(t).In(namespace)
			args := []string{"create", "-f", filepath.Base(r.File)}
			if !r.Validate {
				args = append(args, "--validate=false")
			}
			got, _ := own.StartIn(filepath.Dir(r.File), nil, args...).WaitTimeout(harness.DefaultTimeout)
			sum.add(t, Case{Name: r.Name}, CompareRefusal(r, Output{Stdout: got.Stdout, Stderr: got.Stderr, Code: got.Code}))
		})
	}
	home.Run("delete", "pods", "--all", "-A", "--grace-period=1")
}
