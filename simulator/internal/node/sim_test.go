package node

import (
	"testing"
	"time"
)

func TestSimTmp(t *testing.T) {
	begun := time.Now()
	for n := range 3 {
		s := scripts.Example(n)
		b := time.Now()
		tr := perform(t, s, plant{}, nil)
		t.Logf("%d: %s calls %d decides %d statuses %d moments %d execs %d gone %s left %v", n, time.Since(b), len(tr.calls), len(tr.decided), len(tr.statuses), len(tr.moments), len(tr.execs), tr.gone, tr.left)
	}
	t.Logf("%s\n%s\n%s",time.Since(begun), scripts.Example(2), perform(t, scripts.Example(2), plant{}, nil))
}
