package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/podsim/podsim/runtime"
)

// ImageEngine is what Ensure needs of an engine.
type ImageEngine interface {
	Info(ctx context.Context) (runtime.Info, error)
	runtime.Images
}

// Ensure returns the reference of the pause image once the engine has it: the
// embedded one, loaded when missing, or override, pulled when missing. The
// override must hold the agent as its entrypoint /pause.
func Ensure(ctx context.Context, engine ImageEngine, override string) (ref string, err error) {
	if override != "" {
		return override, ensureOverride(ctx, engine, override)
	}
	info, err := engine.Info(ctx)
	if err != nil {
		return "", err
	}
	img, err := embedded(info.Arch)
	if err != nil {
		return "", err
	}
	ref = img.ref()
	if _, err := engine.Image(ctx, ref); !errors.Is(err, runtime.ErrNotFound) {
		return ref, err
	}
	archive, err := img.archive()
	if err != nil {
		return "", fmt.Errorf("build pause image: %w", err)
	}
	if err := engine.LoadImage(ctx, bytes.NewReader(archive)); err != nil {
		return "", fmt.Errorf("load pause image %q: %w", ref, err)
	}
	return ref, nil
}

func ensureOverride(ctx context.Context, engine ImageEngine, ref string) error {
	_, err := engine.Image(ctx, ref)
	if errors.Is(err, runtime.ErrNotFound) {
		err = engine.PullImage(ctx, ref, runtime.PullOptions{})
	}
	if err != nil {
		return fmt.Errorf("pause image %q: %w", ref, err)
	}
	return nil
}
