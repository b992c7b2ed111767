package node

import (
	"io"
	"sync"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/probe"
)

// outputMax bounds what is kept of a command's output: the rest is read and
// thrown away.
const outputMax = 16 << 10

// output keeps the beginning of what a command writes.
type output struct {
	mu          sync.Mutex
	all, stderr []byte
}

// read reads both streams to their end, side by side.
func (o *output) read(p runtime.Process) {
	var g sync.WaitGroup
	g.Go(func() { io.Copy(keep{o, false}, p.Stdout()) })
	g.Go(func() { io.Copy(keep{o, true}, p.Stderr()) })
	g.Wait()
}

func (o *output) taken() probe.Output {
	o.mu.Lock()
	defer o.mu.Unlock()
	return probe.Output{All: o.all, Stderr: o.stderr}
}

// keep is one of the streams.
type keep struct {
	o      *output
	stderr bool
}

func (k keep) Write(p []byte) (int, error) {
	k.o.mu.Lock()
	defer k.o.mu.Unlock()
	k.o.all = bounded(k.o.all, p)
	if k.stderr {
		k.o.stderr = bounded(k.o.stderr, p)
	}
	return len(p), nil
}

func bounded(kept, p []byte) []byte {
	return append(kept, p[:min(len(p), outputMax-len(kept))]...)
}
