package fake

import (
	"io"
	"sync"
)

// buffer is a pipe whose writer never waits.
type buffer struct {
	mu     sync.Mutex
	data   []byte
	closed bool
	more   *sync.Cond
}

func newBuffer() *buffer {
	b := &buffer{}
	b.more = sync.NewCond(&b.mu)
	return b
}

// Write after close goes nowhere, as into the output of a process that nobody
// reads any more.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.data = append(b.data, p...)
		b.more.Broadcast()
	}
	return len(p), nil
}

// Read waits for data or the end.
func (b *buffer) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.data) == 0 {
		if b.closed {
			return 0, io.EOF
		}
		b.more.Wait()
	}
	n := copy(p, b.data)
	b.data = b.data[n:]
	return n, nil
}

func (b *buffer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.more.Broadcast()
}

// Close ends what the reader sees.
func (b *buffer) Close() error {
	b.close()
	return nil
}
