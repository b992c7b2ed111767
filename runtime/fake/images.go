package fake

import (
	"context"
	"fmt"
	"io"

	"github.com/podsim/podsim/runtime"
)

// AddImage puts an image into the engine under its id and its tags.
func (e *Engine) AddImage(i runtime.Image) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.images[i.ID] = i
	for _, t := range i.Tags {
		e.images[t] = i
	}
}

// Image finds an image by id or tag; a name without a tag is ":latest".
func (e *Engine) Image(ctx context.Context, ref string) (runtime.Image, error) {
	var out runtime.Image
	err := e.locked(ctx, "image", ref, func() error {
		for _, name := range []string{ref, ref + ":latest"} {
			if i, ok := e.images[name]; ok {
				out = i
				return nil
			}
		}
		return notFound("image", ref)
	})
	return out, err
}

// PullImage fails unless the Before hook of "pull" added the image: there is
// no registry.
func (e *Engine) PullImage(ctx context.Context, ref string, o runtime.PullOptions) error {
	err := e.locked(ctx, "pull", ref, func() error {
		if _, ok := e.images[ref]; !ok {
			return fmt.Errorf("pull access denied for %s, repository does not exist: %w", ref, runtime.ErrNotFound)
		}
		return nil
	})
	if err == nil && o.Progress != nil {
		o.Progress(runtime.PullProgress{Layer: "fake", Status: "Pull complete"})
	}
	return err
}

// LoadImage reads the archive and keeps nothing of it: AddImage is the way to
// give the engine an image.
func (e *Engine) LoadImage(ctx context.Context, tar io.Reader) error {
	return e.call(ctx, "load", "", func() error {
		_, err := io.Copy(io.Discard, tar)
		return err
	})
}
