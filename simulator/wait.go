package simulator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// WaitOptions of Wait.
type WaitOptions struct {
	// For is what to wait for, as kubectl takes it: "create", "delete",
	// "condition=Ready[=value]", "jsonpath={.status.phase}[=Running]".
	For string
	// Timeout: 0 looks once, negative is a week, as kubectl has it.
	Timeout time.Duration
}

// Wait blocks until an object is as asked for and returns it as it then was
// (deleted: as it was last, nil if it was not there). Too long is an error with kubectl's text: `timed
// out waiting for the condition on pods/web`.
func (s *Simulator) Wait(ctx context.Context, ref Ref, o WaitOptions) (Object, error) {
	cond, err := parseCondition(o.For)
	if err != nil {
		return nil, err
	}
	timeout := o.Timeout
	if timeout < 0 {
		timeout = 7 * 24 * time.Hour
	}
	waiting, cancel := context.WithTimeout(ctx, max(timeout, time.Nanosecond))
	defer cancel()
	w := waiter{sim: s, ref: ref, cond: cond}
	err = s.untilOf(waiting, ref, func() (bool, error) { return w.look(ctx) })
	switch {
	case !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
		return w.last, err
	case cond.creation:
		return nil, errors.New("timed out waiting for the condition")
	case o.Timeout == 0:
		return w.last, fmt.Errorf("condition not met for %s/%s", ref.Kind.Resource(), ref.Name)
	default:
		return w.last, fmt.Errorf("timed out waiting for the condition on %s/%s", ref.Kind.Resource(), ref.Name)
	}
}

// waiter is one running Wait.
type waiter struct {
	sim  *Simulator
	ref  Ref
	cond condition
	last Object
}

func (w *waiter) look(ctx context.Context) (bool, error) {
	o, err := w.sim.Get(ctx, w.ref)
	gone := apierrors.IsNotFound(err)
	if err != nil && !gone {
		return false, err
	}
	if w.cond.deletion {
		if gone || w.last != nil && w.last.GetUID() != o.GetUID() {
			return true, nil
		}
		w.last = o
		return false, nil
	}
	if gone {
		if w.cond.creation {
			return false, nil
		}
		return false, err
	}
	w.last = o
	return w.cond.met(o)
}

// condition is a parsed WaitOptions.For.
type condition struct {
	creation, deletion bool
	met                func(Object) (bool, error)
}

func parseCondition(text string) (condition, error) {
	switch {
	case strings.EqualFold(text, "create"):
		return condition{creation: true, met: func(Object) (bool, error) { return true, nil }}, nil
	case strings.EqualFold(text, "delete"):
		return condition{deletion: true}, nil
	case strings.HasPrefix(text, "condition="):
		name, value, given := strings.Cut(strings.TrimPrefix(text, "condition="), "=")
		if !given {
			value = "true"
		}
		return condition{met: conditionMet(name, value)}, nil
	case strings.HasPrefix(text, "jsonpath="):
		met, err := jsonpathMet(strings.TrimPrefix(text, "jsonpath="))
		return condition{met: met}, err
	}
	return condition{}, fmt.Errorf("unrecognized condition: %q", text)
}
