package images

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/podsim/podsim/runtime"
)

// Engine is what making images needs of a container engine.
type Engine interface {
	Image(ctx context.Context, ref string) (runtime.Image, error)
	LoadImage(ctx context.Context, tar io.Reader) error
}

// EnsureAll makes every test image the engine does not have yet, and returns
// the names of all.
func EnsureAll(ctx context.Context, e Engine) ([]string, error) {
	var tags []string
	for _, build := range []func() (Image, error){busybox, pause} {
		img, err := build()
		if err != nil {
			return tags, err
		}
		if err := Ensure(ctx, e, img); err != nil {
			return tags, err
		}
		tags = append(tags, img.Tags...)
	}
	return tags, nil
}

// Ensure makes img unless each of its tags already has exactly its content.
func Ensure(ctx context.Context, e Engine, img Image) error {
	a, err := pack(img)
	if err != nil {
		return fmt.Errorf("pack image %q: %w", img.Tags[0], err)
	}
	present, err := has(ctx, e, img, a)
	if err != nil {
		return fmt.Errorf("look up image %q: %w", img.Tags[0], err)
	}
	if present {
		return nil
	}
	if err := e.LoadImage(ctx, bytes.NewReader(a.tar)); err != nil {
		return fmt.Errorf("load image %q: %w", img.Tags[0], err)
	}
	return nil
}

func has(ctx context.Context, e Engine, img Image, a archive) (bool, error) {
	want, err := e.Image(ctx, contentTag(a.content))
	if errors.Is(err, runtime.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, tag := range img.Tags {
		got, err := e.Image(ctx, tag)
		if errors.Is(err, runtime.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if got.ID != want.ID {
			return false, nil
		}
	}
	return true, nil
}
