package images

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

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
	all, err := All(ctx)
	if err != nil {
		return nil, err
	}
	var tags []string
	for _, img := range all {
		if err := Ensure(ctx, e, img); err != nil {
			return tags, err
		}
		tags = append(tags, img.Tags...)
	}
	return tags, nil
}

// All are the test images, ordered by name. The server is compiled for that.
func All(ctx context.Context) ([]Image, error) {
	base, err := busybox()
	if err != nil {
		return nil, err
	}
	srv, err := server(ctx)
	if err != nil {
		return nil, err
	}
	all := []Image{base, srv}
	for tag, change := range variants() {
		img := base
		img.Tags = []string{tag}
		img.Files = slices.Clone(base.Files)
		img.Config.Env = slices.Clone(base.Config.Env)
		change(&img)
		all = append(all, img)
	}
	slices.SortFunc(all, func(a, b Image) int { return strings.Compare(a.Tags[0], b.Tags[0]) })
	return all, nil
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
