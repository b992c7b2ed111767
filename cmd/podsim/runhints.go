package main

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator"
)

// hintTime is how long another command may take to explain an end.
const hintTime = 10 * time.Second

// quietTime is how long nothing may happen to a pod that is not ready before the run says why.
const quietTime = 15 * time.Second

// hints are the explanations that a run gives, each once.
type hints struct {
	mu sync.Mutex
	// told are lines without their numbers, some of which count on.
	told map[string]bool
	// asked are the pods and containers about whose first failure somebody asked.
	asked map[string]bool
}

// first tells whether key comes up in a set for the first time.
func (h *hints) first(set *map[string]bool, key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if *set == nil {
		*set = map[string]bool{}
	}
	was := (*set)[key]
	(*set)[key] = true
	return !was
}

var numbers = regexp.MustCompile(`\d+`)

// say prints lines that were not told before.
func (h *hints) say(s *screen, lines []string) {
	for _, line := range lines {
		if h.first(&h.told, numbers.ReplaceAllString(line, "")) {
			s.hint(line)
		}
	}
}

// beforeRun tells which ports the containers of a pod will probably quarrel about.
func (a *app) beforeRun(pod *v1.Pod) {
	for _, line := range simulator.PortHints(pod) {
		fmt.Fprintln(a.stderr, "hint: "+line)
	}
}

// failures looks, beside the run, for what made a container fail while the pod goes on: a port that another one has, or
// whatever it was if it is not started again.
func (f *foreground) failures(ctx context.Context, pod *v1.Pod) {
	if len(pod.Spec.Containers)+len(pod.Spec.InitContainers) < 2 || pod.DeletionTimestamp != nil || simulator.Ended(pod) || f.o.look.quiet {
		return
	}
	for _, c := range pod.Status.ContainerStatuses {
		failed := cmp.Or(c.State.Terminated, c.LastTerminationState.Terminated)
		if failed == nil || failed.ExitCode == 0 || !f.hints.first(&f.hints.asked, string(pod.UID)+"/"+c.Name) {
			continue
		}
		last := c.State.Terminated != nil && pod.Spec.RestartPolicy == v1.RestartPolicyNever
		f.watches.Go(func() { f.hints.say(f.screen, f.s.FailureHints(ctx, pod.Namespace, pod.Name, c.Name, last)) })
	}
}

// stuck says, beside the run, what keeps pods from being ready to which nothing happens any more, if something can be done
// about it.
func (f *foreground) stuck(ctx context.Context) {
	if f.o.look.quiet {
		return
	}
	for _, pod := range f.pods {
		if simulator.Ready(pod) || simulator.Ended(pod) || pod.DeletionTimestamp != nil {
			continue
		}
		f.watches.Go(func() { f.hints.say(f.screen, f.s.Remedies(ctx, pod.Namespace, pod.Name)) })
	}
}

// explain says why pods ended badly, or are not ready in time, before they are removed. Ctrl-C cuts it short.
func (f *foreground) explain(ctx, user context.Context, end runEnd) {
	if end.code == 0 || end.interrupted || end.nodeGone || f.o.look.quiet {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hintTime)
	defer cancel()
	defer context.AfterFunc(user, cancel)()
	for _, pod := range f.made.pods {
		for _, line := range f.s.Hints(ctx, pod.Namespace, pod.Name) {
			f.screen.hint(line) // the last word, though it may have been said before
		}
	}
}

// tellHints explains on stderr why a pod of the background node ended badly, or is not ready in time.
func (a *app) tellHints(ctx context.Context, s *session, pod *v1.Pod) {
	ctx, cancel := context.WithTimeout(ctx, hintTime)
	defer cancel()
	for _, line := range s.Hints(ctx, pod.Namespace, pod.Name) {
		fmt.Fprintln(a.stderr, "hint: "+line)
	}
}
