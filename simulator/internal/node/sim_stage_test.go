package node

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/store"
)

// stage plays one script in a bubble and watches.
type stage struct {
	*world
	script script
	plant  plant
	begun  time.Time

	mu    sync.Mutex
	trace *trace
	count map[fake.Call]int
	pulls map[string]int
	// same counts decisions at one moment of time.
	same   int
	sameAt time.Time
	// downs counts the crashes that the engine has not come back from.
	downs int
	// onCall is told of each engine call, before and after its work; nil is
	// fine.
	onCall func(number int, after bool)
}

// plant is a bug that is planted to see whether it is found. The zero plant is
// none.
type plant struct {
	// decide is in place of lifecycle.Decide.
	decide func(s lifecycle.Snapshot) lifecycle.Plan
	// status changes what is published.
	status func(s *v1.PodStatus)
	// engine is what the node is given.
	engine func(e *fake.Engine) runtime.Engine
	// timing changes the node's intervals.
	timing Timing
	// fits says in what scripts the bug may show; nil is in all.
	fits func(s script) bool
}

// perform plays a script to its end.
func perform(t *testing.T, s script, p plant, prepare func(*stage)) *trace {
	t.Helper()
	var tr *trace
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, s, p)
		if prepare != nil {
			prepare(st)
		}
		st.play()
		tr = st.trace
	})
	return tr
}

func newStage(t *testing.T, s script, p plant) *stage {
	st := &stage{
		script: s, plant: p, begun: time.Now(), count: map[fake.Call]int{}, pulls: map[string]int{},
		trace: &trace{script: s, begun: time.Now()},
	}
	st.world = newWorld(t, fake.Hooks{
		Before: st.before, After: st.after, Drop: st.drop, Moment: st.moment, Program: st.program, Exec: st.exec,
	})
	st.engine.AddImage(fake.ShellImage(imageAfter))
	st.world.config = func(c *Config) {
		c.decide, c.Timing = st.decide, p.timing
		if p.engine != nil {
			c.Engine = p.engine(st.engine)
		}
	}
	st.store.wrote, st.store.refuse, st.store.told = st.wrote, st.refuse, st.told
	st.store.gone = func() { st.trace.gone = st.now() }
	return st
}

func (st *stage) now() time.Duration { return time.Since(st.begun) }

// play lets everything happen that the script says.
func (st *stage) play() {
	p := st.script.Pod.DeepCopy()
	p.CreationTimestamp = metav1.Now()
	st.store.put(p)
	st.up()
	st.befallAll()
	time.Sleep(st.script.Settle)
	st.trace.quiet = quiet{st.now(), st.engine.Left(runtime.Filter{})}
	st.delete(st.script.Grace)
	for range 300 {
		time.Sleep(time.Second)
		if !st.store.has(podName) {
			break
		}
	}
	st.trace.left = st.left()
	st.close()
}

func (st *stage) up() {
	if st.node != nil && !st.node.dead.Load() {
		return
	}
	st.start()
	st.mu.Lock()
	defer st.mu.Unlock()
	st.trace.nodes = append(st.trace.nodes, change{st.now(), true})
}

func (st *stage) down() {
	if st.node.dead.Load() {
		return
	}
	st.node.kill()
	st.mu.Lock()
	defer st.mu.Unlock()
	st.trace.nodes = append(st.trace.nodes, change{st.now(), false})
}

// befallAll carries out the steps and what undoes them.
func (st *stage) befallAll() {
	type turn struct {
		at time.Duration
		do func()
	}
	var turns []turn
	for _, s := range st.script.Steps {
		turns = append(turns, turn{s.At, func() { st.befall(s) }}, turn{s.until(), func() { st.undo(s) }})
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return int(a.at - b.at) })
	for _, t := range turns {
		time.Sleep(t.at - st.now())
		t.do()
	}
}

func (st *stage) befall(s step) {
	st.note("step: %s %s", s.What, s.Who)
	switch s.What {
	case sandboxDies, sandboxGoes:
		st.hit(s.What == sandboxGoes, func(c runtime.Container) bool { return c.Meta.Kind == runtime.KindSandbox })
	case killed, removed:
		st.hit(s.What == removed, func(c runtime.Container) bool { return c.Meta.Container == s.Who })
	case pruned:
		st.engine.Prune()
	case engineCrashes:
		st.downs++
		st.engine.Crash(s.Live)
		st.trace.engine = append(st.trace.engine, change{st.now(), false})
	case nodeDies:
		st.down()
	case imageChanges:
		st.store.change(podName, func(p *v1.Pod) {
			p.Generation++
			for _, list := range [][]v1.Container{p.Spec.InitContainers, p.Spec.Containers} {
				for i := range list {
					if list[i].Name == s.Who {
						list[i].Image = imageAfter
					}
				}
			}
		})
	case deleted:
		st.delete(s.Grace)
	}
}

func (st *stage) undo(s step) {
	switch s.What {
	case engineCrashes:
		if st.downs--; st.downs == 0 {
			st.engine.Start()
			st.trace.engine = append(st.trace.engine, change{st.now(), true})
		}
	case nodeDies:
		st.up()
	}
}

// hit kills or removes what runs and matches.
func (st *stage) hit(remove bool, match func(runtime.Container) bool) {
	for _, c := range st.engine.Left(runtime.Filter{}) {
		if c.State != runtime.StateRunning || !match(c) {
			continue
		}
		if remove {
			st.engine.Drop(c.ID)
		} else {
			st.engine.Kill(c.ID)
		}
	}
}

// delete asks for the deletion, unless that was done with less grace before.
func (st *stage) delete(grace int64) {
	d := deletion{st.now(), time.Duration(grace) * time.Second}
	if n := len(st.trace.deletions); n > 0 && st.trace.deletions[n-1].grace < d.grace || !st.store.has(podName) {
		return
	}
	st.note("step: deletion within %s", d.grace)
	st.trace.deletions = append(st.trace.deletions, d)
	st.store.del(podName, grace)
}

func (st *stage) note(format string, args ...any) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.trace.lines = append(st.trace.lines, line{st.now(), fmt.Sprintf(format, args...)})
}

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
	st.trace.events = append(st.trace.events, told{e.LastTimestamp.Sub(st.begun), e})
}
