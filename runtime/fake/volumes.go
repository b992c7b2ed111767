package fake

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/podsim/podsim/runtime"
)

// volume is a volume with its files.
type volume struct {
	v     runtime.Volume
	files tree
}

// CreateVolume makes a volume or returns the same home's.
func (e *Engine) CreateVolume(ctx context.Context, s runtime.VolumeSpec) (runtime.Volume, error) {
	var out runtime.Volume
	err := e.locked(ctx, "create volume", s.Name, func() error {
		if old := e.volumes[s.Name]; old != nil {
			if old.v.Meta.Home != s.Meta.Home || old.v.Meta.Kind == "" {
				return conflict("the volume name %q is taken", s.Name)
			}
			out = old.v
			return nil
		}
		out = runtime.Volume{Name: s.Name, Meta: s.Meta, Mountpoint: "/fake/" + s.Name, Memory: s.Memory, CreatedAt: time.Now()}
		e.volumes[s.Name] = &volume{v: out, files: tree{}}
		return nil
	})
	return out, err
}

// Volume shows one volume.
func (e *Engine) Volume(ctx context.Context, name string) (runtime.Volume, error) {
	var out runtime.Volume
	err := e.locked(ctx, "volume", name, func() error {
		v := e.volumes[name]
		if v == nil {
			return notFound("volume", name)
		}
		out = v.v
		return nil
	})
	return out, err
}

// ListVolumes shows the volumes that match.
func (e *Engine) ListVolumes(ctx context.Context, f runtime.Filter) ([]runtime.Volume, error) {
	var out []runtime.Volume
	err := e.locked(ctx, "list volumes", f.PodUID, func() error {
		out = e.volumesOf(f)
		return nil
	})
	return out, err
}

func (e *Engine) volumesOf(f runtime.Filter) []runtime.Volume {
	var out []runtime.Volume
	for _, name := range slices.Sorted(maps.Keys(e.volumes)) {
		if v := e.volumes[name]; matches(f, v.v.Meta) {
			out = append(out, v.v)
		}
	}
	return out
}

// LeftVolumes lists the volumes that match, also while the engine is down.
func (e *Engine) LeftVolumes(f runtime.Filter) []runtime.Volume {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.volumesOf(f)
}

// RemoveVolume removes a volume that no container names.
func (e *Engine) RemoveVolume(ctx context.Context, name string) error {
	return e.locked(ctx, "remove volume", name, func() error {
		for _, c := range e.containers {
			if c.uses(name) {
				return conflict("volume %s is in use by %s", name, c.c.ID)
			}
		}
		delete(e.volumes, name)
		return nil
	})
}

func (c *container) uses(volume string) bool {
	return slices.ContainsFunc(c.mounts, func(m runtime.Mount) bool {
		return m.Kind == runtime.MountVolume && m.Source == volume
	})
}

// dropTmpfs empties the tmpfs volumes that no running container holds; e.mu
// is held.
func (e *Engine) dropTmpfs() {
	for name, v := range e.volumes {
		if !v.v.Memory || len(v.files) == 0 {
			continue
		}
		held := false
		for _, c := range e.containers {
			held = held || (c.c.State == runtime.StateRunning && c.uses(name))
		}
		if !held {
			v.files = tree{}
		}
	}
}
