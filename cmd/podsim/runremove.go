package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/simulator"
)

// drainTime is how long a log may stay silent before its last lines are given up.
const drainTime = 10 * time.Second

// lastChangesTime is how long the news of a pod's end may take once it is gone.
const lastChangesTime = 500 * time.Millisecond

// finish removes what the run made, and waits for the last lines of the logs.
func (f *foreground) finish(ctx, user context.Context, end runEnd) error {
	if end.interrupted {
		f.screen.say(fmt.Sprintf("stopping, for up to %ds (press Ctrl-C again to stop at once)", f.grace()))
	}
	insist := f.insisting(user, end)
	if !end.interrupted && end.err == nil {
		f.drain(insist, f.hasEnded)
	}
	f.explain(ctx, user, end)
	f.screen.stop()
	var err error
	if f.o.keep {
		f.keep()
	} else {
		err = f.remove(ctx, insist)
		f.drain(insist, func(*logFollower) bool { return true })
	}
	if err != nil {
		return &exitError{code: exitFailed, err: errors.Join(end.err, err)}
	}
	if end.err != nil {
		return &exitError{code: end.code, err: end.err}
	}
	if end.code == 0 {
		return nil
	}
	return exitWith(end.code)
}

// grace is how many seconds the pods may take to stop.
func (f *foreground) grace() int64 {
	longest := int64(0)
	for _, pod := range f.made.pods {
		longest = max(longest, ptr.Deref(pod.Spec.TerminationGracePeriodSeconds, v1.DefaultTerminationGracePeriodSeconds))
	}
	return longest
}

// drain waits until the followers of some logs have written everything. stop ends the wait.
func (f *foreground) drain(stop <-chan struct{}, which func(*logFollower) bool) {
	for _, follower := range f.logs {
		if which(follower) && !follower.drained(stop) {
			return
		}
	}
}

// hasEnded tells whether a log belongs to a container that ended.
func (f *foreground) hasEnded(l *logFollower) bool {
	return terminated(f.pods[string(l.pod.UID)], l.container) != nil
}

// keep leaves the pods as they are.
func (f *foreground) keep() {
	for _, pod := range f.made.pods {
		f.screen.say(fmt.Sprintf("kept: %s describe pod %s, %s delete pod %s", f.app.program(), pod.Name, f.app.program(), pod.Name))
	}
}

// remove deletes the pods, and at once when the user insists.
func (f *foreground) remove(ctx context.Context, insist <-chan struct{}) error {
	results := make(chan error)
	for _, pod := range f.made.pods {
		go func() { results <- f.removePod(ctx, pod, insist) }()
	}
	var errs []error
	for len(errs) < len(f.made.pods) {
		select {
		case change := <-f.changes:
			f.changed(ctx, change)
		case event := <-f.events:
			f.happened(event)
		case err := <-results:
			errs = append(errs, err)
		}
	}
	f.lastChanges(ctx)
	f.made.removeTemporary(ctx, f.s)
	return errors.Join(errs...)
}

// lastChanges shows how the containers ended, which comes a moment before their pod is gone.
func (f *foreground) lastChanges(ctx context.Context) {
	timer := time.NewTimer(lastChangesTime)
	defer timer.Stop()
	for f.gone < len(f.made.pods) {
		select {
		case change := <-f.changes:
			f.changed(ctx, change)
		case event := <-f.events:
			f.happened(event)
		case <-timer.C:
			return
		}
	}
}

// insisting is closed when the user presses Ctrl-C once more: the first time when the run ended by itself, the second
// when Ctrl-C ended it.
func (f *foreground) insisting(user context.Context, end runEnd) <-chan struct{} {
	if !end.interrupted {
		return user.Done()
	}
	return f.app.force
}

// removePod deletes one pod gracefully, and hard when insist is closed meanwhile.
func (f *foreground) removePod(ctx context.Context, pod *v1.Pod, insist <-chan struct{}) error {
	ref := simulator.RefOf(pod)
	gentle, cancel := context.WithCancel(ctx)
	defer cancel()
	result := make(chan error, 1)
	go func() { result <- f.s.Delete(gentle, ref, simulator.DeleteOptions{Wait: true}) }()
	var err error
	select {
	case err = <-result:
	case <-insist:
		f.screen.say("stopping at once")
		cancel()
		<-result
		now := int64(0)
		err = f.s.Delete(ctx, ref, simulator.DeleteOptions{Grace: &now, Force: true, Wait: true})
	}
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
