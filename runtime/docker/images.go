package docker

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"github.com/podsim/podsim/runtime"
)

// Image looks an image up by reference or id.
func (e *Engine) Image(ctx context.Context, ref string) (runtime.Image, error) {
	answer, err := e.cli.ImageInspect(ctx, ref)
	if err != nil {
		return runtime.Image{}, classify(err)
	}
	return toImage(answer), nil
}

func toImage(a image.InspectResponse) runtime.Image {
	img := runtime.Image{
		ID:      a.ID,
		Tags:    a.RepoTags,
		Digests: a.RepoDigests,
		Size:    a.Size,
		Arch:    a.Architecture,
	}
	if c := a.Config; c != nil {
		img.Entrypoint = c.Entrypoint
		img.Cmd = c.Cmd
		img.Env = c.Env
		img.User = c.User
		img.WorkingDir = c.WorkingDir
		img.StopSignal = c.StopSignal
	}
	return img
}

// LoadImage loads an archive as "docker save" writes it.
func (e *Engine) LoadImage(ctx context.Context, tar io.Reader) error {
	answer, err := e.cli.ImageLoad(ctx, tar, client.ImageLoadWithQuiet(true))
	if err != nil {
		return classify(err)
	}
	defer answer.Body.Close()
	return e.messages(ctx, answer.Body, nil)
}

// message is one line of the engine's report on a pull or a load.
type message struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Progress struct {
		Current int64 `json:"current"`
		Total   int64 `json:"total"`
	} `json:"progressDetail"`
	Error string `json:"error"`
}

// messages reads a report to its end. An error in it is the call's error, for
// the status code was sent before.
func (e *Engine) messages(ctx context.Context, body io.Reader, tell func(runtime.PullProgress)) error {
	decoder := json.NewDecoder(body)
	for {
		var m message
		err := decoder.Decode(&m)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return classify(err)
		case m.Error != "":
			return failure(m.Error)
		}
		if tell != nil {
			tell(runtime.PullProgress{
				Layer: m.ID, Status: m.Status, Current: m.Progress.Current, Total: m.Progress.Total,
			})
		}
	}
}
