package node

import (
	"bytes"
	"sync"
)

// outputMax bounds what is kept of a command's output: the rest is read and
// thrown away.
const outputMax = 16 << 10

// lockedWriter keeps the beginning of what several goroutines write.
type lockedWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if room := outputMax - l.w.Len(); room > 0 {
		l.w.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
