package docker

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/docker/docker/api/types/mount"
	"golang.org/x/sync/errgroup"

	"github.com/podsim/podsim/runtime"
)

// mounts translates mounts. Volumes are looked up first, all at once: Docker
// would make a missing one, and nobody would ever remove it.
func (e *Engine) mounts(ctx context.Context, specs []runtime.Mount) ([]mount.Mount, error) {
	mountpoints, err := e.mountpoints(ctx, specs)
	if err != nil {
		return nil, err
	}
	out := make([]mount.Mount, 0, len(specs))
	for _, s := range specs {
		m, err := toMount(s, mountpoints[s.Source], e.has)
		if err != nil {
			return nil, fmt.Errorf("mount at %q: %w", s.Target, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// mountpoints are the paths of the volumes among specs, by name.
func (e *Engine) mountpoints(ctx context.Context, specs []runtime.Mount) (map[string]string, error) {
	found := map[string]string{}
	var names []string
	for _, s := range specs {
		if _, seen := found[s.Source]; s.Kind == runtime.MountVolume && !seen {
			found[s.Source] = ""
			names = append(names, s.Source)
		}
	}
	paths := make([]string, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, name := range names {
		g.Go(func() error {
			v, err := e.cli.VolumeInspect(ctx, name)
			paths[i] = v.Mountpoint
			return classify(err)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i, name := range names {
		found[name] = paths[i]
	}
	return found, nil
}

// toMount translates one mount for an engine that has(version). mountpoint is
// the volume's path on the engine's machine.
func toMount(s runtime.Mount, mountpoint string, has func(string) bool) (mount.Mount, error) {
	switch s.Kind {
	case runtime.MountVolume:
		return volumeMount(s, mountpoint, has)
	case runtime.MountBind:
		return bindMount(s, filepath.Join(s.Source, s.Subpath), has)
	case runtime.MountImage:
		if !has(apiImageMount) {
			return mount.Mount{}, unsupported("image volumes need engine API %s", apiImageMount)
		}
		return mount.Mount{
			Type: mount.TypeImage, Source: s.Source, Target: s.Target,
			ReadOnly: true, ImageOptions: &mount.ImageOptions{Subpath: s.Subpath},
		}, nil
	}
	return mount.Mount{}, fmt.Errorf("unknown kind %q: %w", s.Kind, runtime.ErrInvalid)
}

// volumeMount mounts a volume, never filled from the image. Options that only
// binds have, and a path inside on an engine that cannot, make it a bind.
func volumeMount(s runtime.Mount, mountpoint string, has func(string) bool) (mount.Mount, error) {
	if (s.Subpath != "" && !has(apiVolumeSubpath)) || s.Propagation != "" && s.Propagation != "rprivate" {
		return bindMount(s, path.Join(mountpoint, s.Subpath), has)
	}
	return mount.Mount{
		Type: mount.TypeVolume, Source: s.Source, Target: s.Target, ReadOnly: s.ReadOnly,
		VolumeOptions: &mount.VolumeOptions{NoCopy: true, Subpath: s.Subpath},
	}, nil
}

// oldBinds moves the binds whose source is to be made into the older form,
// which always makes it, for an engine that does not know the wish. A path
// with a colon has no such form.
func oldBinds(mounts []mount.Mount, has func(string) bool) (rest []mount.Mount, binds []string) {
	for _, m := range mounts {
		wish := m.Type == mount.TypeBind && m.BindOptions != nil && m.BindOptions.CreateMountpoint
		if !wish || has(apiMakeSource) || strings.Contains(m.Source+m.Target, ":") {
			rest = append(rest, m)
			continue
		}
		options := "rw"
		if m.ReadOnly {
			options = "ro"
		}
		if m.BindOptions.Propagation != "" {
			options += "," + string(m.BindOptions.Propagation)
		}
		binds = append(binds, m.Source+":"+m.Target+":"+options)
	}
	return rest, binds
}

// bindMount binds source. From API 1.44 on Docker makes a read-only bind
// recursively so where the kernel can; a pod asks for that by another field.
func bindMount(s runtime.Mount, source string, has func(string) bool) (mount.Mount, error) {
	options := &mount.BindOptions{
		Propagation:      mount.Propagation(s.Propagation),
		CreateMountpoint: s.CreateHostPath,
	}
	if s.ReadOnly {
		switch {
		case has(apiReadOnly):
			options.ReadOnlyNonRecursive = !s.RecursiveReadOnly
			options.ReadOnlyForceRecursive = s.RecursiveReadOnly
			if s.RecursiveReadOnly && s.Propagation == "" {
				options.Propagation = mount.PropagationRPrivate // the engine wants it said
			}
		case s.RecursiveReadOnly:
			return mount.Mount{}, unsupported("recursive read-only mounts need engine API %s", apiReadOnly)
		}
	}
	return mount.Mount{
		Type: mount.TypeBind, Source: source, Target: s.Target, ReadOnly: s.ReadOnly, BindOptions: options,
	}, nil
}
