package node

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
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
