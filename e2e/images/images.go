package images

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"

	"github.com/podsim/podsim/runtime"
)

// Engine is what making images needs of a container engine.
type Engine interface {
	Image(ctx context.Context, ref string) (runtime.Image, error)
	LoadImage(ctx context.Context, tar io.Reader) error
}

// EnsureAll makes every test image the engine does not have yet, and
// returns the names of all. IPTables is among them where it can be made.
func EnsureAll(ctx context.Context, e Engine) ([]string, error) {
	tags := append(slices.Sorted(maps.Keys(all())), Busybox, Server, TLSProxy)
	if _, err := exec.LookPath("iptables"); err == nil {
		tags = append(tags, IPTables)
	}
	return tags, EnsureSome(ctx, e, tags...)
}

// EnsureSome makes those of the test images the engine does not have yet.
func EnsureSome(ctx context.Context, e Engine, tags ...string) error {
	base, err := busybox()
	if err != nil {
		return err
	}
	for _, tag := range tags {
		img, err := build(ctx, base, tag)
		if err != nil {
			return fmt.Errorf("make image %q: %w", tag, err)
		}
		if err := Ensure(ctx, e, img); err != nil {
			return err
		}
	}
	return nil
}

// build makes the image of a name. The server is compiled for that.
func build(ctx context.Context, base Image, tag string) (Image, error) {
	if tag == Busybox {
		return base, nil
	}
	switch tag {
	case Server:
		return compiled(ctx, Server, "server")
	case TLSProxy:
		return compiled(ctx, TLSProxy, "tlsproxy")
	}
	if tag == IPTables {
		return iptables(tagged(base, tag))
	}
	change, ok := all()[tag]
	if !ok {
		return Image{}, errors.New("no such test image")
	}
	img := tagged(base, tag)
	change(&img)
	return img, nil
}

// tagged is a copy of an image under another name.
func tagged(img Image, tag string) Image {
	img.Tags = []string{tag}
	img.Files = slices.Clone(img.Files)
	img.Config.Env = slices.Clone(img.Config.Env)
	return img
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
