package node

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/podsim/podsim/runtime"
)

// Leaving lets one sandbox at a time leave its network. Engines before 23 lock
// up for good when two do at the same moment (libnetwork: sbLeave against
// processEndpointDelete). Make one with capacity 1.
type Leaving chan struct{}

// alone does f while no other sandbox leaves.
func (l Leaving) alone(ctx context.Context, f func() error) error {
	select {
	case l <- struct{}{}:
		defer func() { <-l }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// RemovePod removes every container and every volume of a pod from the
// engine, the sandbox after the containers that live in its network. Claims
// stay. What is gone already is success; it returns the first error after
// having tried everything.
func RemovePod(ctx context.Context, e runtime.Engine, f runtime.Filter, leaving Leaving) error {
	all, err := e.ListContainers(ctx, f)
	if err != nil {
		return fmt.Errorf("list containers: %w", err)
	}
	var members, sandboxes []runtime.Container
	for _, c := range all {
		if c.Meta.Kind == runtime.KindSandbox {
			sandboxes = append(sandboxes, c)
		} else {
			members = append(members, c)
		}
	}
	err = removeContainers(ctx, e, members)
	if len(sandboxes) > 0 {
		err = errors.Join(err, leaving.alone(ctx, func() error { return removeContainers(ctx, e, sandboxes) }))
	}
	if volumes := removeVolumes(ctx, e, f); err == nil && volumes != nil {
		return &volumeError{volumes}
	} else if volumes != nil {
		return errors.Join(err, volumes)
	}
	return err
}

// volumeError says that all containers are gone, but not all volumes.
type volumeError struct{ err error }

func (e *volumeError) Error() string { return e.err.Error() }
func (e *volumeError) Unwrap() error { return e.err }

func removeContainers(ctx context.Context, e runtime.Engine, cs []runtime.Container) error {
	var g errgroup.Group
	for _, c := range cs {
		g.Go(func() error {
			if err := e.RemoveContainer(ctx, c.ID); err != nil {
				return fmt.Errorf("remove container %q: %w", c.Name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

func removeVolumes(ctx context.Context, e runtime.Engine, f runtime.Filter) error {
	f.Kind = runtime.KindVolume
	vols, err := e.ListVolumes(ctx, f)
	if err != nil {
		return fmt.Errorf("list volumes: %w", err)
	}
	var g errgroup.Group
	for _, v := range vols {
		g.Go(func() error {
			if err := e.RemoveVolume(ctx, v.Name); err != nil {
				return fmt.Errorf("remove volume %q: %w", v.Name, err)
			}
			return nil
		})
	}
	return g.Wait()
}
