package docker

import (
	"context"
	"io"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// CopyTo unpacks tar below path, which must be a directory. Owners are those
// of the archive: CopyUIDGID would make the container's user own all of it.
func (e *Engine) CopyTo(ctx context.Context, id runtime.ContainerID, path string, tar io.Reader) error {
	return classify(e.cli.CopyToContainer(ctx, string(id), path, tar, container.CopyToContainerOptions{}))
}

// CopyFrom returns path as a tar.
func (e *Engine) CopyFrom(ctx context.Context, id runtime.ContainerID, path string) (io.ReadCloser, error) {
	body, _, err := e.cli.CopyFromContainer(ctx, string(id), path)
	return body, classify(err)
}
