package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator"
)

// foreground is one run: its pods belong to this process.
type foreground struct {
	app    *app
	s      *session
	o      runOptions
	made   madeObjects
	screen *screen

	// pods are as they were seen last, by UID.
	pods  map[string]*v1.Pod
	logs  map[string]*logFollower
	hints hints

	// gone counts the pods whose end was seen.
	gone int

	changes chan simulator.WatchEvent
	events  chan v1.Event
	// watches are the goroutines that feed them, and the followers of logs.
	watches sync.WaitGroup
}

// runForeground runs pods until they end, the user interrupts or time is up, and removes what it made.
func (a *app) runForeground(ctx context.Context, s *session, plan runPlan, o runOptions) error {
	a.cleaning.Store(true)
	ctx, ignore := whileRead(ctx)
	defer ignore()
	live, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	f := &foreground{
		app: a, s: s, o: o, screen: newScreen(a, o.look, plan), pods: map[string]*v1.Pod{}, logs: map[string]*logFollower{},
		changes: make(chan simulator.WatchEvent), events: make(chan v1.Event),
	}
	var err error
	if f.made, err = a.make(live, s, plan, self()); err != nil {
		f.made.undo(live, s)
		return &exitError{code: exitFailed, err: err}
	}
	node := make(chan error, 1)
	go func() { node <- s.RunNode(live, f.nodeOptions()) }()
	end := f.watch(live, ctx, node)
	result := f.finish(live, ctx, end)
	stop()
	f.watches.Wait()
	if !end.nodeGone {
		<-node
	}
	return result
}

func (f *foreground) nodeOptions() simulator.NodeOptions {
	return simulator.NodeOptions{Only: f.made.uids(), Progress: f.screen.pull, Log: f.s.log}
}

// runEnd is why a run came to its end.
type runEnd struct {
	code        int
	err         error
	interrupted bool
	nodeGone    bool
}

// watch shows what happens until there is a reason to end. user is the context that Ctrl-C ends.
func (f *foreground) watch(ctx, user context.Context, node <-chan error) runEnd {
	for _, pod := range f.made.pods {
		f.pods[string(pod.UID)] = pod
		if err := f.subscribe(ctx, pod); err != nil {
			return runEnd{code: exitFailed, err: err}
		}
	}
	var timeUp <-chan time.Time
	if f.o.timeout > 0 {
		timer := time.NewTimer(f.o.timeout)
		defer timer.Stop()
		timeUp = timer.C
	}
	quiet := time.NewTimer(quietTime)
	defer quiet.Stop()
	for {
		select {
		case <-quiet.C:
			f.stuck(ctx)
		case change := <-f.changes:
			quiet.Reset(quietTime)
			if end, done := f.changed(ctx, change); done {
				return end
			}
		case event := <-f.events:
			f.happened(event)
		case err := <-node:
			if err == nil {
				err = errors.New("the node ended though its pods have not")
			}
			return runEnd{code: exitFailed, err: err, nodeGone: true}
		case <-user.Done():
			return runEnd{code: exitInterrupted, interrupted: true}
		case <-timeUp:
			for _, pod := range f.made.pods {
				f.app.tellState(f.pods[string(pod.UID)])
			}
			return runEnd{code: exitTimeout, err: fmt.Errorf("timed out after %s", f.o.timeout)}
		}
	}
}

// subscribe passes changes and events of one pod on.
func (f *foreground) subscribe(ctx context.Context, pod *v1.Pod) error {
	watch, err := f.s.Watch(ctx, simulator.Pods, simulator.ListOptions{Namespace: pod.Namespace, Name: pod.Name})
	if err != nil {
		return err
	}
	ref := simulator.RefOf(pod)
	happened, err := f.s.WatchEvents(ctx, simulator.EventOptions{Namespace: pod.Namespace, For: &ref})
	if err != nil {
		return err
	}
	f.watches.Go(func() { pass(ctx, watch, f.changes) })
	f.watches.Go(func() { pass(ctx, happened, f.events) })
	return nil
}

// pass hands on what comes until ctx ends.
func pass[T any](ctx context.Context, from <-chan T, to chan<- T) {
	for value := range from {
		select {
		case to <- value:
		case <-ctx.Done():
			return
		}
	}
}

// happened shows an event, unless it is about an earlier pod of the same name.
func (f *foreground) happened(event v1.Event) {
	if _, ours := f.pods[string(event.InvolvedObject.UID)]; ours {
		f.screen.event(event)
	}
}

// changed takes a new state of a pod in, and tells whether the run ends with it.
func (f *foreground) changed(ctx context.Context, change simulator.WatchEvent) (runEnd, bool) {
	pod, ok := change.Object.(*v1.Pod)
	if !ok {
		return runEnd{}, false
	}
	last, ours := f.pods[string(pod.UID)]
	if !ours {
		return runEnd{}, false
	}
	f.pods[string(pod.UID)] = pod
	for _, statuses := range rounds(pod) {
		f.screen.begun(pod, statuses)
		f.followLogs(ctx, pod, statuses)
		f.lastLines(pod, statuses)
		f.screen.over(last, pod, statuses)
	}
	f.screen.status(f.s, last, pod)
	f.failures(ctx, pod)
	if change.Op == simulator.Deleted {
		f.gone++
	}
	if change.Op == simulator.Deleted && !simulator.Ended(pod) {
		return runEnd{code: exitFailed, err: fmt.Errorf("pod %q was deleted", pod.Name)}, true
	}
	if name := f.o.exitCodeFrom; name != "" {
		if t := terminated(pod, name); t != nil {
			return runEnd{code: int(t.ExitCode)}, true
		}
	}
	return f.allEnded()
}

// allEnded ends the run when the last pod has.
func (f *foreground) allEnded() (runEnd, bool) {
	code := 0
	for _, made := range f.made.pods {
		pod := f.pods[string(made.UID)]
		if !simulator.Ended(pod) {
			return runEnd{}, false
		}
		if code == 0 {
			code = exitCodeOf(pod)
		}
	}
	return runEnd{code: code}, true
}
