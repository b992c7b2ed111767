package docker

import (
	"errors"
	"testing"

	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/versions"
	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime"
)

func TestMounts(t *testing.T) {
	t.Parallel()
	volume := runtime.Mount{Kind: runtime.MountVolume, Source: "v", Target: "/t"}
	bind := runtime.Mount{Kind: runtime.MountBind, Source: "/h", Target: "/t"}
	image := runtime.Mount{Kind: runtime.MountImage, Source: "i", Subpath: "d", Target: "/t"}
	with := func(m runtime.Mount, change func(*runtime.Mount)) runtime.Mount {
		change(&m)
		return m
	}
	readOnly := with(bind, func(m *runtime.Mount) { m.ReadOnly = true })
	recursive := with(readOnly, func(m *runtime.Mount) { m.RecursiveReadOnly = true })
	below := with(volume, func(m *runtime.Mount) { m.Subpath = "a/b"; m.ReadOnly = true })
	for _, c := range []struct {
		name string
		api  string
		spec runtime.Mount
		want mount.Mount
		err  error
	}{
		{
			"a volume is never filled from the image", "1.41", volume,
			mount.Mount{Type: "volume", Source: "v", Target: "/t", VolumeOptions: &mount.VolumeOptions{NoCopy: true}}, nil,
		},
		{
			"a path below a volume", "1.45", below,
			mount.Mount{
				Type: "volume", Source: "v", Target: "/t", ReadOnly: true,
				VolumeOptions: &mount.VolumeOptions{NoCopy: true, Subpath: "a/b"},
			}, nil,
		},
		{
			"a path below a volume is bound by an old engine", "1.41", below,
			mount.Mount{Type: "bind", Source: "/volumes/v/_data/a/b", Target: "/t", ReadOnly: true, BindOptions: &mount.BindOptions{}}, nil,
		},
		{
			"a volume with propagation is bound", "1.45",
			with(volume, func(m *runtime.Mount) { m.Propagation = "rslave" }),
			mount.Mount{Type: "bind", Source: "/volumes/v/_data", Target: "/t", BindOptions: &mount.BindOptions{Propagation: "rslave"}}, nil,
		},
		{
			"a bind", "1.41", with(bind, func(m *runtime.Mount) { m.CreateHostPath = true; m.Subpath = "x"; m.Propagation = "rshared" }),
			mount.Mount{Type: "bind", Source: "/h/x", Target: "/t", BindOptions: &mount.BindOptions{CreateMountpoint: true, Propagation: "rshared"}}, nil,
		},
		{
			"read-only is not recursive on an old engine", "1.41", readOnly,
			mount.Mount{Type: "bind", Source: "/h", Target: "/t", ReadOnly: true, BindOptions: &mount.BindOptions{}}, nil,
		},
		{
			"read-only is not recursive on a new engine", "1.44", readOnly,
			mount.Mount{Type: "bind", Source: "/h", Target: "/t", ReadOnly: true, BindOptions: &mount.BindOptions{ReadOnlyNonRecursive: true}}, nil,
		},
		{
			"recursively read-only", "1.44", recursive,
			mount.Mount{
				Type: "bind", Source: "/h", Target: "/t", ReadOnly: true,
				BindOptions: &mount.BindOptions{ReadOnlyForceRecursive: true, Propagation: "rprivate"},
			}, nil,
		},
		{"an old engine cannot be recursively read-only", "1.43", recursive, mount.Mount{}, runtime.ErrUnsupported},
		{
			"an image", "1.48", image,
			mount.Mount{Type: "image", Source: "i", Target: "/t", ReadOnly: true, ImageOptions: &mount.ImageOptions{Subpath: "d"}}, nil,
		},
		{"an old engine cannot mount an image", "1.47", image, mount.Mount{}, runtime.ErrUnsupported},
		{"what nobody knows", "1.50", runtime.Mount{Kind: "odd"}, mount.Mount{}, runtime.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			has := func(v string) bool { return versions.GreaterThanOrEqualTo(c.api, v) }
			got, err := toMount(c.spec, "/volumes/v/_data", has)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAVolumeInMemoryIsATmpfsOfTheLocalDriver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spec runtime.VolumeSpec
		want map[string]string
	}{
		{runtime.VolumeSpec{}, nil},
		{runtime.VolumeSpec{Memory: true}, map[string]string{"type": "tmpfs", "device": "tmpfs", "o": "mode=1777"}},
		{runtime.VolumeSpec{Memory: true, Size: 4096}, map[string]string{"type": "tmpfs", "device": "tmpfs", "o": "size=4096,mode=1777"}},
	} {
		if diff := cmp.Diff(c.want, driverOptions(c.spec)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.spec, diff)
		}
	}
}

func TestOldBindsMakeTheirSourceOnAnOldEngine(t *testing.T) {
	t.Parallel()
	made := mount.Mount{Type: "bind", Source: "/h", Target: "/t", ReadOnly: true, BindOptions: &mount.BindOptions{CreateMountpoint: true, Propagation: "rslave"}}
	plain := mount.Mount{Type: "bind", Source: "/h", Target: "/t", BindOptions: &mount.BindOptions{}}
	for _, tc := range []struct {
		name, version string
		rest          []mount.Mount
		binds         []string
	}{
		{"an old engine", "1.41", []mount.Mount{plain}, []string{"/h:/t:ro,rslave"}},
		{"a new engine", "1.42", []mount.Mount{made, plain}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			has := func(v string) bool { return versions.GreaterThanOrEqualTo(tc.version, v) }
			rest, binds := oldBinds([]mount.Mount{made, plain}, has)
			if diff := cmp.Diff(tc.rest, rest) + cmp.Diff(tc.binds, binds); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
