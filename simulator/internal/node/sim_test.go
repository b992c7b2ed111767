package node

import (
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

// The number of scripts that TestSimulation draws in all: $PODSIM_SIM_SCRIPTS,
// or these.
const (
	scriptsUsual = 500
	scriptsShort = 100
	// shards run side by side.
	shards = 4
)

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || strings.HasPrefix(f.Name, "rapid.") })
	if !given {
		set("rapid.checks", strconv.Itoa(scriptCount()/shards))
		if os.Getenv("PODSIM_SIM_SCRIPTS") == "" {
			set("rapid.seed", "1") // news are looked for by "make sim"
		}
		set("rapid.nofailfile", "true") // the seed that is printed is enough
		set("rapid.shrinktime", "60s")
	}
	goleak.VerifyTestMain(m)
}

func set(name, value string) {
	if err := flag.Set(name, value); err != nil {
		panic(err)
	}
}

func scriptCount() int {
	if n, err := strconv.Atoi(os.Getenv("PODSIM_SIM_SCRIPTS")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return scriptsShort
	}
	return scriptsUsual
}

// TestSimulation plays drawn scripts and holds each run against all rules. A
// failure prints the script, made as small as it goes, what happened, and the
// seed; run it again with -rapid.seed.
func TestSimulation(t *testing.T) {
	t.Parallel()
	for shard := range shards {
		t.Run(strconv.Itoa(shard), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				for range shard { // else all shards draw the same from one seed
					rapid.Uint64().Draw(r, "skipped")
				}
				s := scripts.Draw(r, "script")
				tr := perform(t, s, plant{}, nil)
				if found := judged(tr); len(found) > 0 {
					r.Fatalf("%s\n%s", list(found), tr)
				}
			})
		})
	}
}

// list is what was found, a line each.
func list(found []violation) string {
	var b strings.Builder
	for _, v := range found {
		b.WriteString(v.String() + "\n")
	}
	return b.String()
}
