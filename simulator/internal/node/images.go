package node

import (
	"context"
	"errors"
	"fmt"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
)

// copyImages fills the volumes that stand for images which the engine cannot
// mount, before any container of the pod runs.
func (w *worker) copyImages(ctx context.Context, in config.Input, sandbox runtime.ContainerID, vols []config.Volume) error {
	for _, v := range vols {
		if v.Source != config.SourceImage || v.Path == "" {
			continue
		}
		if err := w.copyImage(ctx, in, sandbox, v); err != nil {
			return fmt.Errorf("copy image of volume %q: %w", v.Name, err)
		}
	}
	return nil
}

func (w *worker) copyImage(ctx context.Context, in config.Input, sandbox runtime.ContainerID, v config.Volume) error {
	ref, e := v.Image.Reference, w.n.Engine
	_, err := e.Image(ctx, ref)
	if errors.Is(err, runtime.ErrNotFound) && v.Image.PullPolicy != v1.PullNever || v.Image.PullPolicy == v1.PullAlways {
		_, err = w.pull(ctx, imageWant{ref: ref})
	}
	if err != nil {
		return err
	}
	meta := runtime.Meta{Home: in.Home, Pod: w.podRef(), Kind: runtime.KindHelper, Container: v.Name}
	spec := runtime.ContainerSpec{
		Meta: meta, Name: config.VolumeName(in.Pod, v.Name) + "_image", Image: ref, Entrypoint: []string{"never-started"},
	}
	id, err := createOwn(ctx, e, meta, spec.Name, func() (runtime.ContainerID, error) { return e.CreateContainer(ctx, spec) })
	if err != nil {
		return err
	}
	defer w.removeQuietly(id)
	files, err := e.CopyFrom(ctx, id, "/.")
	if err != nil {
		return err
	}
	defer files.Close()
	return e.CopyTo(ctx, sandbox, v.Path, files)
}
