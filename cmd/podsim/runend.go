package main

import (
	"context"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
	"github.com/podsim/podsim/simulator"
)

// exitCodeOf is that of the first container, in the order of the spec, that failed. Sidecars do not count. A pod that
// failed for another reason gives 1.
func exitCodeOf(pod *v1.Pod) int {
	if pod.Status.Phase == v1.PodSucceeded {
		return 0
	}
	if _, t := culprit(pod); t != nil {
		return int(t.ExitCode)
	}
	return 1
}

// culprit is the first container, in the order of the spec, that failed; nil: none of them. Sidecars do not count.
func culprit(pod *v1.Pod) (string, *v1.ContainerStateTerminated) {
	sidecar := map[string]bool{}
	for _, c := range pod.Spec.InitContainers {
		sidecar[c.Name] = podspec.IsSidecar(&c)
	}
	for _, name := range simulator.ContainerNames(pod) {
		if t := terminated(pod, name); t != nil && !sidecar[name] && t.ExitCode != 0 {
			return name, t
		}
	}
	return "", nil
}

// terminated is how a container ended, nil while it has not.
func terminated(pod *v1.Pod, container string) *v1.ContainerStateTerminated {
	for _, list := range [][]v1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for _, status := range list {
			if status.Name == container {
				return status.State.Terminated
			}
		}
	}
	return nil
}

// awaitDetached waits until pods of the background node are ready or complete. A pod that completed before it was seen
// ready is as good.
func (a *app) awaitDetached(ctx context.Context, s *session, pods []*v1.Pod, o runOptions) error {
	whole := ctx
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	for _, pod := range pods {
		last, err := awaitPod(ctx, s, pod, o.wait)
		if errors.Is(err, context.DeadlineExceeded) {
			a.tellState(last)
			a.tellHints(whole, s, last)
			return &exitError{code: exitTimeout, err: fmt.Errorf("timed out after %s: pod %q is not %s", o.timeout, pod.Name, o.wait)}
		}
		if err != nil {
			return &exitError{code: exitFailed, err: err}
		}
		if last.Status.Phase == v1.PodFailed {
			a.tellState(last)
			a.tellHints(whole, s, last)
			return exitWith(exitCodeOf(last))
		}
	}
	return nil
}

func awaitPod(ctx context.Context, s *session, pod *v1.Pod, until string) (*v1.Pod, error) {
	changes, err := s.Watch(ctx, simulator.Pods, simulator.ListOptions{Namespace: pod.Namespace, Name: pod.Name})
	if err != nil {
		return pod, err
	}
	for change := range changes {
		now, ok := change.Object.(*v1.Pod)
		if !ok || now.UID != pod.UID {
			continue
		}
		pod = now
		switch {
		case change.Op == simulator.Deleted:
			return pod, fmt.Errorf("pod %q was deleted", pod.Name)
		case simulator.Ended(pod), until == "ready" && simulator.Ready(pod):
			return pod, nil
		}
	}
	return pod, context.Cause(ctx)
}
