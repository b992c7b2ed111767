package node

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/store"
)

// hash is a number that depends on the script and on nothing that chance of
// the machine decides.
func (st *stage) hash(what string, c fake.Call) uint64 {
	h := fnv.New64a()
	st.mu.Lock()
	defer st.mu.Unlock()
	c.Op, c.Number = what+c.Op, 0
	st.count[c]++
	fmt.Fprint(h, st.script.Seed, c.Op, c.Subject, st.count[c])
	return h.Sum64() >> 16
}

// wait sleeps; at the end of ctx it wakes and says false.
func wait(ctx context.Context, d time.Duration) bool {
	pause(ctx, d)
	return ctx.Err() == nil
}

// around says whether a fault of the kind hits now.
func (st *stage) around(what befall, late bool, chance uint64) bool {
	now := st.now()
	return slices.ContainsFunc(st.script.Steps, func(s step) bool {
		return s.What == what && s.Late == late && s.At <= now && now < s.until() && chance%100 < uint64(s.Rate)
	})
}

var errUnavailable = fmt.Errorf("the engine is not to be reached: %w", runtime.ErrUnavailable)

func (st *stage) before(ctx context.Context, c fake.Call) error {
	n, _ := ctx.Value(nodeKey{}).(*running)
	if n != nil && n.dead.Load() {
		return context.Canceled
	}
	st.called(c)
	if st.onCall != nil {
		st.onCall(c.Number, false)
		if n.dead.Load() {
			return context.Canceled
		}
	}
	h := st.hash("before ", c)
	arrived := wait(ctx, st.latency(h, 25))
	if c.Op == "pull" && arrived {
		arrived = wait(ctx, st.script.Pulls[c.Subject].Takes)
		if arrived {
			return st.pull(c.Subject)
		}
	}
	if !arrived && h&1024 == 0 {
		return ctx.Err() // it was never sent; else it goes on without its client
	}
	if st.around(callsFail, false, h/7) {
		return errUnavailable
	}
	return nil
}

// latency is the time that a call takes, more when calls are slow.
func (st *stage) latency(h uint64, most uint64) time.Duration {
	d := time.Millisecond + time.Duration(h%(most*1000))*time.Microsecond
	if st.around(callsSlow, false, h/11) {
		d += time.Duration(h % uint64(3*time.Second))
	}
	return d
}

func (st *stage) after(ctx context.Context, c fake.Call) error {
	if st.onCall != nil {
		st.onCall(c.Number, true)
	}
	h := st.hash("after ", c)
	if !wait(ctx, st.latency(h, 8)) {
		return ctx.Err()
	}
	if st.around(callsFail, true, h/7) {
		return errUnavailable
	}
	return nil
}

func (st *stage) called(c fake.Call) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.trace.calls = append(st.trace.calls, called{st.now(), c})
}

// pull is the registry's answer.
func (st *stage) pull(image string) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.pulls[image]++
	if _, known := st.script.Pulls[image]; !known {
		return nil
	}
	if st.pulls[image] <= st.script.Pulls[image].Fails {
		return fmt.Errorf("manifest for %s not found: %w", image, runtime.ErrNotFound)
	}
	st.engine.AddImage(fake.ShellImage(image))
	return nil
}

func (st *stage) drop(e runtime.Event) bool {
	return st.around(eventsLost, false, st.hash("event", fake.Call{Op: string(e.Kind), Subject: string(e.ID)}))
}

func (st *stage) refuse() error {
	if st.around(writesFail, false, st.hash("write", fake.Call{})) {
		return fmt.Errorf("no space left on device")
	}
	return nil
}

func (st *stage) moment(m fake.Moment) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.trace.moments = append(st.trace.moments, moment{st.now(), m})
}

func (st *stage) program(s runtime.ContainerSpec) fake.Program {
	return st.script.lives(s.Meta.Container, s.Meta.Attempt).program()
}

func (st *stage) exec(m runtime.Meta, o runtime.ExecOptions) fake.Program {
	started := st.started(m)
	age := func() time.Duration { return st.now() - started }
	e := &execution{from: st.now(), what: commandName(o), container: m.Container, attempt: m.Attempt}
	program := st.script.lives(m.Container, m.Attempt).command(e.what, age)
	st.mu.Lock()
	defer st.mu.Unlock()
	st.trace.execs = append(st.trace.execs, e)
	return func(p *fake.Proc) int {
		e.code = program(p)
		e.until = st.now()
		return e.code
	}
}

func (st *stage) started(m runtime.Meta) time.Duration {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, o := range slices.Backward(st.trace.moments) {
		if o.What == fake.Started && o.Container.Meta.Container == m.Container && o.Container.Meta.Attempt == m.Attempt {
			return o.at
		}
	}
	return 0
}

// spinning is how many decisions at one moment are too many.
const spinning = 500

func (st *stage) decide(s lifecycle.Snapshot) lifecycle.Plan {
	p := st.decideOr(s)
	text := strings.TrimSpace(p.String())
	st.mu.Lock()
	st.trace.decided = append(st.trace.decided, st.now())
	if len(p.Actions) > 0 {
		st.trace.lines = append(st.trace.lines, line{st.now(), "plan: " + text})
	}
	if st.same++; st.sameAt != s.Now {
		st.same, st.sameAt = 0, s.Now
	}
	spins := st.same > spinning
	if spins {
		st.trace.spun = append(st.trace.spun, st.now())
	}
	st.mu.Unlock()
	if spins {
		time.Sleep(time.Minute) // so that the bubble's time goes on
	}
	return p
}

func (st *stage) decideOr(s lifecycle.Snapshot) lifecycle.Plan {
	if st.plant.decide != nil {
		return st.plant.decide(s)
	}
	return lifecycle.Decide(s)
}

func (st *stage) wrote(s store.PodState) {
	if st.plant.status != nil {
		st.plant.status(&s.Status)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.trace.statuses = append(st.trace.statuses, published{st.now(), *s.Status.DeepCopy()})
}

func (st *stage) told(e v1.Event) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.trace.events = append(st.trace.events, told{store.Happened(&e).Sub(st.begun), e})
}
