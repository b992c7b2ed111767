package docker

import (
	"context"

	"github.com/podsim/podsim/runtime"
)

// What the tests on a real engine look at beside the interface.

func Pause(ctx context.Context, e *Engine, id runtime.ContainerID) error {
	return e.cli.ContainerPause(ctx, string(id))
}

func HealthcheckOf(ctx context.Context, e *Engine, id runtime.ContainerID) ([]string, error) {
	c, err := e.cli.ContainerInspect(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return c.Config.Healthcheck.Test, nil
}

func VolumesOf(ctx context.Context, e *Engine, id runtime.ContainerID) ([]string, error) {
	c, err := e.cli.ContainerInspect(ctx, string(id))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range c.Mounts {
		if m.Name != "" {
			names = append(names, m.Name)
		}
	}
	return names, nil
}
