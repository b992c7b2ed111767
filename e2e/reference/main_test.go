package reference

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/podsim/podsim/e2e/harness"
)

// atOnce is how many cases live at the same time: they wait much more than
// they work.
const atOnce = "10"

func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", atOnce); err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			os.Exit(1)
		}
	}
	harness.Main(m)
}
