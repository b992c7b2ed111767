package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator"
)

// lastLinesTime is how long the end of a container is held back for its log.
const lastLinesTime = time.Second

// logFollower shows the log of one container, run after run.
type logFollower struct {
	s         *session
	pod       *v1.Pod
	container string
	options   simulator.LogOptions
	// out and err are apart, so that an unfinished line of one is not the beginning of the other's.
	out, err io.WriteCloser

	mu sync.Mutex
	// seen are the runs (container ids) that were shown or are being shown.
	seen map[string]bool
	// queue are runs to show; done is closed when it is empty and nobody works.
	queue []run
	work  bool
	done  chan struct{}

	// written counts the bytes that came.
	written atomic.Int64
}

// count is a writer of the log that counts.
type count struct {
	*logFollower
	w io.Writer
}

func (c count) Write(p []byte) (int, error) {
	c.written.Add(int64(len(p)))
	return c.w.Write(p)
}

// run is one run of a container: previous when another has followed it already.
type run struct {
	id       string
	previous bool
}

// followLogs lets the followers of a pod know of new runs.
func (f *foreground) followLogs(ctx context.Context, pod *v1.Pod, statuses []v1.ContainerStatus) {
	for _, status := range statuses {
		key := logKey(pod, status.Name)
		follower := f.logs[key]
		if follower == nil {
			follower = &logFollower{
				s: f.s, pod: pod, container: status.Name, seen: map[string]bool{},
				out: f.screen.logOf(pod.Name, status.Name), err: f.screen.logOf(pod.Name, status.Name),
				options: simulator.LogOptions{Container: status.Name, Follow: true, Timestamps: f.o.look.timestamps},
			}
			f.logs[key] = follower
		}
		follower.update(ctx, &f.watches, status)
	}
}

func logKey(pod *v1.Pod, container string) string { return string(pod.UID) + "/" + container }

// lastLines waits a moment for the last lines of containers that ended, so that they are told before the end is.
func (f *foreground) lastLines(pod *v1.Pod, statuses []v1.ContainerStatus) {
	timer := time.NewTimer(lastLinesTime)
	defer timer.Stop()
	for _, status := range statuses {
		end := cmp.Or(status.State.Terminated, status.LastTerminationState.Terminated)
		if end == nil || status.State.Running != nil || f.screen.ends[end.ContainerID] {
			continue
		}
		select {
		case <-f.logs[logKey(pod, status.Name)].idle():
		case <-timer.C:
			return
		}
	}
}

// update queues the runs of a status that are new.
func (l *logFollower) update(ctx context.Context, wg *sync.WaitGroup, status v1.ContainerStatus) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := status.LastTerminationState.Terminated; t != nil {
		l.add(run{id: t.ContainerID, previous: true})
	}
	switch {
	case status.State.Running != nil:
		l.add(run{id: status.ContainerID})
	case status.State.Terminated != nil:
		l.add(run{id: status.State.Terminated.ContainerID})
	}
	if len(l.queue) > 0 && !l.work {
		l.work, l.done = true, make(chan struct{})
		wg.Go(func() { l.show(ctx) })
	}
}

func (l *logFollower) add(r run) {
	if r.id != "" && !l.seen[r.id] {
		l.seen[r.id] = true
		l.queue = append(l.queue, r)
	}
}

// show writes the runs of the queue until it is empty.
func (l *logFollower) show(ctx context.Context) {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.work = false
			close(l.done)
			l.mu.Unlock()
			return
		}
		next := l.queue[0]
		l.queue = l.queue[1:]
		l.mu.Unlock()
		o := l.options
		o.Previous = next.previous
		o.Follow = !next.previous
		err := l.s.LogStreams(ctx, l.pod.Namespace, l.pod.Name, o, count{l, l.out}, count{l, l.err})
		if err != nil && !errors.Is(err, context.Canceled) {
			l.s.log.Debug("follow log", "container", l.container, "err", err)
		}
		_, _ = l.out.Close(), l.err.Close() // a last line without an end
	}
}

// idle is closed when everything known was shown.
func (l *logFollower) idle() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == nil {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return l.done
}

// drained waits until everything known was shown, for as long as more of it comes, and tells whether it was. stop ends the
// wait.
func (l *logFollower) drained(stop <-chan struct{}) bool {
	ticker := time.NewTicker(drainTime)
	defer ticker.Stop()
	for before := l.written.Load(); ; {
		select {
		case <-l.idle():
			return true
		case <-stop:
			return false
		case <-ticker.C:
			now := l.written.Load()
			if now == before {
				return false
			}
			before = now
		}
	}
}
