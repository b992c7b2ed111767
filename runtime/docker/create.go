package docker

import (
	"context"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// createRequest is a container to be, in the engine's words.
type createRequest struct {
	name   string
	config *container.Config
	host   *container.HostConfig
}

// CreateSandbox makes the pause container.
func (e *Engine) CreateSandbox(ctx context.Context, s runtime.SandboxSpec) (runtime.ContainerID, error) {
	mounts, err := e.mounts(ctx, s.Mounts)
	if err != nil {
		return "", err
	}
	req, err := sandboxRequest(s)
	if err != nil {
		return "", err
	}
	req.host.Mounts, req.host.Binds = oldBinds(mounts, e.has)
	return e.create(ctx, req)
}

// CreateContainer makes one instance of a container.
func (e *Engine) CreateContainer(ctx context.Context, s runtime.ContainerSpec) (runtime.ContainerID, error) {
	mounts, err := e.mounts(ctx, s.Mounts)
	if err != nil {
		return "", err
	}
	if s.Cmd != nil && len(s.Cmd) == 0 && s.Entrypoint == nil {
		img, err := e.Image(ctx, s.Image)
		if err != nil {
			return "", err
		}
		s.Entrypoint = img.Entrypoint
	}
	req, err := containerRequest(s)
	if err != nil {
		return "", err
	}
	req.host.Mounts, req.host.Binds = oldBinds(mounts, e.has)
	return e.create(ctx, req)
}

func (e *Engine) create(ctx context.Context, r createRequest) (runtime.ContainerID, error) {
	answer, err := e.cli.ContainerCreate(ctx, r.config, r.host, nil, nil, r.name)
	if err != nil {
		return "", classify(err)
	}
	return runtime.ContainerID(answer.ID), nil
}

// ownHost is what every container of podsim's has in common: no life of its
// own, and a log that can be read.
func ownHost() *container.HostConfig {
	noInit := false
	return &container.HostConfig{
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyDisabled},
		LogConfig:     container.LogConfig{Type: "json-file"},
		Init:          &noInit,
	}
}

// noHealthcheck turns off what the image asks for: Kubernetes knows probes
// only.
func noHealthcheck() *container.HealthConfig {
	return &container.HealthConfig{Test: []string{"NONE"}}
}
