package crash

import (
	"flag"
	"testing"

	"github.com/podsim/podsim/e2e/harness"
)

var (
	// rounds is how often something is killed. `make crash` sets it higher.
	rounds = flag.Int("rounds", 6, "how many random kills")
	// lanes is how many of them happen side by side.
	lanes = flag.Int("lanes", 2, "how many kills at a time")
	// seed repeats the moments of an earlier run, as far as the machine does.
	seed = flag.Uint64("seed", 0, "seed of the random kills; 0 takes a new one")
)

func TestMain(m *testing.M) { harness.Main(m) }
