package docker

import (
	"context"
	"fmt"
	"strings"

	"github.com/docker/docker/api/types/volume"

	"github.com/podsim/podsim/runtime"
)

// CreateVolume makes a volume of the local driver. The engine answers an
// existing one of that name as if it had made it; its labels tell.
func (e *Engine) CreateVolume(ctx context.Context, s runtime.VolumeSpec) (runtime.Volume, error) {
	l, err := labels(s.Meta)
	if err != nil {
		return runtime.Volume{}, err
	}
	answer, err := e.cli.VolumeCreate(ctx, volume.CreateOptions{
		Name: s.Name, Driver: "local", Labels: l, DriverOpts: driverOptions(s),
	})
	if err != nil {
		return runtime.Volume{}, classify(err)
	}
	v := toVolume(answer)
	if v.Meta.Kind == "" {
		// An engine that was restarted leaves the labels of what it had out here.
		if v, err = e.Volume(ctx, s.Name); err != nil {
			return runtime.Volume{}, err
		}
	}
	if v.Meta.Kind == "" || v.Meta.Home != s.Meta.Home {
		return runtime.Volume{}, &engineError{
			class: runtime.ErrConflict,
			text:  fmt.Sprintf("volume %q exists and belongs to somebody else", s.Name),
		}
	}
	return v, nil
}

// driverOptions make a volume a tmpfs. It is left swappable, for noswap needs
// kernel 6.4.
func driverOptions(s runtime.VolumeSpec) map[string]string {
	if !s.Memory {
		return nil
	}
	var o []string
	if s.Size > 0 {
		o = append(o, fmt.Sprintf("size=%d", s.Size))
	}
	o = append(o, "mode=1777")
	return map[string]string{"type": "tmpfs", "device": "tmpfs", "o": strings.Join(o, ",")}
}

// Volume looks a volume up by its name.
func (e *Engine) Volume(ctx context.Context, name string) (runtime.Volume, error) {
	answer, err := e.cli.VolumeInspect(ctx, name)
	if err != nil {
		return runtime.Volume{}, classify(err)
	}
	return toVolume(answer), nil
}

// ListVolumes lists podsim's volumes.
func (e *Engine) ListVolumes(ctx context.Context, f runtime.Filter) ([]runtime.Volume, error) {
	answer, err := e.cli.VolumeList(ctx, volume.ListOptions{Filters: labelFilter(f)})
	if err != nil {
		return nil, classify(err)
	}
	list := make([]runtime.Volume, 0, len(answer.Volumes))
	for _, v := range answer.Volumes {
		list = append(list, toVolume(*v))
	}
	return list, nil
}

// RemoveVolume removes a volume that no container has.
func (e *Engine) RemoveVolume(ctx context.Context, name string) error {
	return ignoreGone(classify(e.cli.VolumeRemove(ctx, name, false)))
}

func toVolume(v volume.Volume) runtime.Volume {
	return runtime.Volume{
		Name:       v.Name,
		Meta:       meta(v.Labels),
		Mountpoint: v.Mountpoint,
		Memory:     v.Options["type"] == "tmpfs",
		CreatedAt:  toTime(v.CreatedAt),
	}
}
