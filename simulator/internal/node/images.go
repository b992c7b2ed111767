package node

import (
	"context"
	"slices"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// imageOf is the image that a volume of the pod is, "" of every other volume.
func imageOf(pod *v1.Pod, volume string) string {
	for _, v := range pod.Spec.Volumes {
		if v.Name == volume && v.Image != nil {
			return v.Image.Reference
		}
	}
	return ""
}

// emptyImages are the volumes that c mounts and that are yet to be filled with
// the files of an image, which the engine cannot mount. One that a container of
// this sandbox was started with is filled; before that none sees it.
func (w *worker) emptyImages(c *container) []config.Volume {
	var list []config.Volume
	for _, spec := range lifecycle.ImageVolumes(w.pod.Object, c.spec) {
		for _, v := range w.volumes.list {
			if v.Name == spec.Name && v.Path != "" && !w.mounted(spec) {
				list = append(list, v)
			}
		}
	}
	return list
}

// mounted says whether a container with the image volume was started in this
// sandbox.
func (w *worker) mounted(v *v1.Volume) bool {
	for _, c := range w.containers {
		i := c.newest()
		if i != nil && i.SandboxAttempt == w.sandbox.attempt && slices.Contains(lifecycle.ImageVolumes(w.pod.Object, c.spec), v) {
			return true
		}
	}
	return false
}

func (w *worker) copyImage(ctx context.Context, in config.Input, sandbox runtime.ContainerID, v config.Volume) error {
	ref, e := v.Image.Reference, w.n.Engine
	meta := runtime.Meta{Home: in.Home, Pod: w.podRef(), Kind: runtime.KindHelper, Container: v.Name}
	spec := runtime.ContainerSpec{
		Meta: meta, Name: config.VolumeName(in.Pod, v.Name) + "_image", Image: ref, Entrypoint: []string{"never-started"},
	}
	id, err := createContainer(ctx, e, spec)
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
