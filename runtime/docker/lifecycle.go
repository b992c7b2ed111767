package docker

import (
	"context"
	"errors"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

const sigterm, sigkill = "SIGTERM", "SIGKILL"

// StopContainer waits by itself and does not leave it to the engine, whose
// grace counts in whole seconds.
func (e *Engine) StopContainer(ctx context.Context, id runtime.ContainerID, signal string, grace time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if signal == "" {
		own, err := e.stopSignal(ctx, id)
		if err != nil {
			return ignoreGone(err)
		}
		signal = own
	}
	ended := e.untilEnded(ctx, id)
	if grace > 0 {
		if err := e.signal(ctx, id, signal); err != nil {
			return ignoreNotRunning(err)
		}
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case err := <-ended:
			return ignoreGone(err)
		case <-timer.C:
		}
	}
	if err := e.signal(ctx, id, sigkill); err != nil {
		return ignoreNotRunning(err)
	}
	return ignoreGone(<-ended)
}

// stopSignal is the signal that the container or its image asks for.
func (e *Engine) stopSignal(ctx context.Context, id runtime.ContainerID) (string, error) {
	c, err := e.cli.ContainerInspect(ctx, string(id))
	if err != nil {
		return "", classify(err)
	}
	if c.Config.StopSignal == "" {
		return sigterm, nil
	}
	return c.Config.StopSignal, nil
}

// untilEnded tells once that the container does not run, or why that cannot
// be known. It registers with the engine before it returns.
func (e *Engine) untilEnded(ctx context.Context, id runtime.ContainerID) <-chan error {
	results, errs := e.cli.ContainerWait(ctx, string(id), container.WaitConditionNotRunning)
	ended := make(chan error, 1)
	go func() {
		select {
		case <-results:
			ended <- nil
		case err := <-errs:
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			ended <- classify(err)
		}
	}()
	return ended
}

func (e *Engine) signal(ctx context.Context, id runtime.ContainerID, signal string) error {
	return classify(e.cli.ContainerKill(ctx, string(id), signal))
}

// RemoveContainer removes with anonymous volumes. While somebody else removes
// the container it waits for that.
func (e *Engine) RemoveContainer(ctx context.Context, id runtime.ContainerID) error {
	e.ended.forget(id)
	err := classify(e.cli.ContainerRemove(ctx, string(id), container.RemoveOptions{Force: true, RemoveVolumes: true}))
	if errors.Is(err, runtime.ErrConflict) && containsFold(err.Error(), "already in progress") {
		err = e.untilRemoved(ctx, id)
	}
	if err = ignoreGone(err); err == nil {
		e.fails.forget(id)
	}
	return err
}

func (e *Engine) untilRemoved(ctx context.Context, id runtime.ContainerID) error {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		if _, err := e.cli.ContainerInspect(ctx, string(id)); err != nil {
			return classify(err)
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

// wait sleeps unless ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// ignoreGone takes what does not exist for done.
func ignoreGone(err error) error {
	if errors.Is(err, runtime.ErrNotFound) {
		return nil
	}
	return err
}

// ignoreNotRunning takes a container that does not run for stopped.
func ignoreNotRunning(err error) error {
	if errors.Is(err, runtime.ErrConflict) {
		return nil
	}
	return ignoreGone(err)
}
