package crash

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

// tally is what the rounds came to.
type tally struct {
	rounds, kills, adopted, leftovers atomic.Int64
}

// victim is what a round kills. Without `run` nothing shortens back-offs: only
// the first restart is at once.
type victim struct {
	name  string
	exits int
	kill  func(r *round)
}

var victims = []victim{
	{"node", 2, (*round).killNode},
	{"apply", 1, (*round).killApply},
	{"delete", 1, (*round).killDelete},
	{"run", 2, (*round).killRun},
}

// round is one pod and one crash.
type round struct {
	*subject
	t      *testing.T
	random *rand.Rand
	tally  *tally
	what   string
}

func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	start := *seed
	if start == 0 {
		start = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", start)
	var sum tally
	t.Run("lanes", func(t *testing.T) {
		for lane := range min(*lanes, *rounds) {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				h := harness.New(t)
				for i := lane; i < *rounds; i += *lanes {
					playRound(t, h, i, rand.New(rand.NewPCG(start, uint64(i))), &sum)
				}
				h.NothingLeft()
			})
		}
	})
	t.Logf("rounds %d, kills %d, pods adopted %d, leftovers %d",
		sum.rounds.Load(), sum.kills.Load(), sum.adopted.Load(), sum.leftovers.Load())
}

func playRound(t *testing.T, h *harness.Home, i int, random *rand.Rand, sum *tally) {
	t.Helper()
	v := victims[i%len(victims)]
	t.Run(fmt.Sprintf("%03d-%s", i, v.name), func(t *testing.T) {
		r := &round{
			subject: newSubject(h, fmt.Sprintf("crash-%d", i), v.exits),
			t:       t, random: random, tally: sum,
		}
		sum.rounds.Add(1)
		v.kill(r)
		r.must("delete", "-f", r.file, "--ignore-not-found")
		sum.leftovers.Add(int64(r.goneWithoutTrace(t)))
		if t.Failed() {
			t.Logf("round %d: %s", i, r.what)
		}
	})
}

func (r *round) must(args ...string) string {
	r.t.Helper()
	return r.h.For(r.t).Must(args...)
}

// moment waits for a random part of d and notes it.
func (r *round) moment(d time.Duration) {
	wait := time.Duration(r.random.Int64N(int64(d)))
	r.what += fmt.Sprintf(" +%s", wait.Round(time.Millisecond))
	time.Sleep(wait)
}

func (r *round) begin() { r.must("run", "-d", "--backoff-scale", "0.05", r.file) }

// crash kills the background node, and the process if there is one.
func (r *round) crash(p *harness.Process) {
	if p != nil {
		p.Kill()
		r.tally.kills.Add(1)
	}
	if r.h.KillNode() {
		r.what += " node killed"
		r.tally.kills.Add(1)
	}
}

func (r *round) killNode() {
	r.begin()
	r.moment(3 * time.Second)
	r.crash(nil)
	switch r.random.IntN(4) {
	case 0:
		r.what += " get"
		if out := r.must("get", "pods"); !strings.Contains(out, r.name) {
			r.t.Errorf("not in the list:\n%s", out)
		}
	case 1:
		r.what += " logs"
		r.h.For(r.t).Run("logs", r.name, "-c", "steady")
	case 2:
		r.what += " apply"
		r.must("label", "pod", r.name, "seen=yes")
	case 3:
		r.what += " delete"
		return
	}
	r.goesOn(r.t)
	r.tally.adopted.Add(1)
	if out := r.must("logs", r.name, "-c", "steady"); out != "hello\n" {
		r.t.Errorf("log of steady: %q", out)
	}
}

func (r *round) killApply() {
	p := r.h.For(r.t).Start("apply", "-f", r.file)
	r.moment(250 * time.Millisecond)
	r.crash(p)
	r.must("apply", "-f", r.file)
	r.goesOn(r.t)
	r.tally.adopted.Add(1)
}

func (r *round) killDelete() {
	r.begin()
	r.goesOn(r.t)
	p := r.h.For(r.t).Start("delete", "pod", r.name)
	r.moment(1500 * time.Millisecond)
	r.crash(p)
}

func (r *round) killRun() {
	p := r.h.For(r.t).Start("run", "--backoff-scale", "0.05", r.file)
	r.moment(4 * time.Second)
	r.crash(p)
	if r.pod(r.t) == nil {
		return // it had not come to that
	}
	r.goesOn(r.t)
	r.tally.adopted.Add(1)
}
