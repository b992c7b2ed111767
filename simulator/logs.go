package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/runtime"
)

// LogOptions select a part of a container's log.
type LogOptions struct {
	// Container "" is the only one, or that of ChooseContainer.
	Container string
	Previous  bool
	Follow    bool
	// Timestamps begins each line with its RFC3339Nano time.
	Timestamps bool
	// Since is the beginning; zero: from the start.
	Since time.Time
	// Tail is the number of last lines; nil: all.
	Tail *int64
	// LimitBytes ends the log after so many bytes, in the middle of a line if
	// need be; nil: no limit.
	LimitBytes *int64
}

// Logs writes a container's log, standard output and error as they came, and
// returns at its end: with Follow when the container ended. A container that
// never ran fails with the kubelet's text.
func (s *Simulator) Logs(ctx context.Context, ns, name string, o LogOptions, w io.Writer) error {
	return s.LogStreams(ctx, ns, name, o, w, w)
}

// LogStreams is Logs with standard output and error apart. Both are written
// from one goroutine.
func (s *Simulator) LogStreams(ctx context.Context, ns, name string, o LogOptions, stdout, stderr io.Writer) error {
	pod, err := s.Pod(ctx, ns, name)
	if err != nil {
		if apierrors.IsNotFound(err) {
			return fmt.Errorf("error from server (NotFound): %w in namespace %q", err, s.ns(ns))
		}
		return err
	}
	choice, err := ChooseContainer(pod, o.Container)
	if err != nil {
		return errors.New(err.Error()) // kubectl says this one itself
	}
	id, err := loggedContainer(pod, choice.Name, o.Previous)
	if err != nil {
		return err
	}
	return s.readLog(ctx, runtime.ContainerID(id), o, stdout, stderr)
}

// readLog copies a log, up to the limit.
func (s *Simulator) readLog(ctx context.Context, id runtime.ContainerID, o LogOptions, stdout, stderr io.Writer) error {
	if o.Tail != nil && *o.Tail == 0 && !o.Follow {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if stderr == nil {
		stderr = io.Discard
	}
	var limited *limit
	if o.LimitBytes != nil {
		limited = &limit{left: *o.LimitBytes, full: cancel}
		stdout, stderr = limited.writer(stdout), limited.writer(stderr)
	}
	err := s.engine.Logs(ctx, id, runtime.LogOptions{
		Follow: o.Follow, Timestamps: o.Timestamps, Since: o.Since, Tail: int(ptr.Deref(o.Tail, -1)),
	}, stdout, stderr)
	switch {
	case limited != nil && limited.left <= 0:
		return nil
	case errors.Is(err, runtime.ErrNotFound):
		return fmt.Errorf("unable to retrieve container logs for docker://%s", id)
	}
	return err
}

// loggedContainer is the id of the instance whose log is meant (pkg/kubelet,
// validateContainerLogStatus).
func loggedContainer(pod *v1.Pod, container string, previous bool) (string, error) {
	st := containerStatus(pod, container)
	if st == nil {
		if c := findContainer(pod, container); c != nil && len(pod.Status.ContainerStatuses) == 0 {
			return "", waitingToStart(pod, container, "ContainerCreating") // nobody has looked at the pod yet
		}
		return "", logError("container %q in pod %q is not available", container, pod.Name)
	}
	last := ""
	if t := st.LastTerminationState.Terminated; t != nil {
		last = bareID(t.ContainerID)
	}
	state := st.State
	switch {
	case previous:
		if last == "" {
			return "", logError("previous terminated container %q in pod %q not found", container, pod.Name)
		}
		return last, nil
	case state.Running != nil:
		return bareID(st.ContainerID), nil
	case state.Terminated != nil && bareID(state.Terminated.ContainerID) != "":
		return bareID(state.Terminated.ContainerID), nil
	case last != "":
		return last, nil
	case state.Terminated != nil, st.LastTerminationState.Terminated != nil:
		return "", logError("container %q in pod %q is terminated", container, pod.Name)
	case state.Waiting != nil:
		return "", waitingToStart(pod, container, state.Waiting.Reason)
	}
	return "", logError("container %q in pod %q is waiting to start - no logs yet", container, pod.Name)
}

func waitingToStart(pod *v1.Pod, container, reason string) error {
	switch reason {
	case "ErrImagePull":
		reason = "image can't be pulled"
	case "ImagePullBackOff":
		reason = "trying and failing to pull image"
	}
	return logError("container %q in pod %q is waiting to start: %v", container, pod.Name, reason)
}

func logError(format string, args ...any) error {
	return apierrors.NewBadRequest(fmt.Sprintf(format, args...))
}

// bareID is a container id without the runtime's name.
func bareID(id string) string {
	if _, bare, ok := strings.Cut(id, "://"); ok {
		return bare
	}
	return id
}

// limit lets so many bytes pass, of all its writers together.
type limit struct {
	left int64
	full func()
}

func (l *limit) writer(w io.Writer) io.Writer { return limitWriter{l, w} }

type limitWriter struct {
	*limit
	w io.Writer
}

func (l limitWriter) Write(p []byte) (int, error) {
	part := p
	if int64(len(part)) > l.left {
		part = part[:max(l.left, 0)]
	}
	n, err := l.w.Write(part)
	l.left -= int64(n)
	if err == nil && l.left <= 0 {
		l.full()
		if len(part) < len(p) {
			return n, io.ErrShortWrite
		}
	}
	return n, err
}
