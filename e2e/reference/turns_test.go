package reference

import "sync"

const (
	// atOnce is how many cases play at the same time: they wait much more than
	// they work.
	atOnce = 10
	// again is how many play at the same time when they play once more.
	again = 2
)

// turns lets a few cases play at a time, and those that play once more only
// when all others are done, so that the machine is quiet for them.
type turns struct {
	mu      sync.Mutex
	changed *sync.Cond
	first   int // cases that have not ended their first play
	playing int
}

func newTurns() *turns {
	t := &turns{}
	t.changed = sync.NewCond(&t.mu)
	return t
}

// join is said by a case before it plays.
func (t *turns) join() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.first++
}

// play runs f in its turn for the first time.
func (t *turns) play(f func()) {
	t.take(func() bool { return t.playing < atOnce })
	defer t.give(1)
	f()
}

// playAgain runs f when no first play is left.
func (t *turns) playAgain(f func()) {
	t.take(func() bool { return t.first == 0 && t.playing < again })
	defer t.give(0)
	f()
}

func (t *turns) take(free func() bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !free() {
		t.changed.Wait()
	}
	t.playing++
}

func (t *turns) give(first int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.playing--
	t.first -= first
	t.changed.Broadcast()
}
