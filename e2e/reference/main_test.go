package reference

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/podsim/podsim/e2e/harness"
)

// everybody lets all cases begin; turns decides which of them play.
const everybody = "200"

func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", everybody); err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			os.Exit(1)
		}
	}
	harness.Main(m)
}
