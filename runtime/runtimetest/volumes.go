package runtimetest

import (
	"slices"

	"github.com/podsim/podsim/runtime"
)

func volumeCases() []testCase {
	return []testCase{
		{"a volume is made once and found again", volumeOnce},
		{"a volume of another home is a conflict", volumeElsewhere},
		{"a volume in use cannot be removed", volumeInUse},
		{"volumes are listed by their labels", volumesListed},
		{"containers share a volume", volumeShared},
		{"a volume in memory lasts while a container holds it", volumeMemory},
		{"a path below a volume can be mounted", volumeSubpath},
	}
}

func (w *world) volumeSpec(name string) runtime.VolumeSpec {
	return runtime.VolumeSpec{Meta: w.meta(runtime.KindVolume, name), Name: w.home + "-" + name}
}

func (w *world) volume(s runtime.VolumeSpec) runtime.Volume {
	w.Helper()
	v, err := w.Engine.CreateVolume(w.ctx, s)
	w.must(err, "create volume "+s.Name)
	return v
}

func volumeOnce(w *world) {
	s := w.volumeSpec("cache")
	s.Meta.Extra = map[string]string{"note": "x"}
	first := w.volume(s)
	w.same("meta", s.Meta, first.Meta)
	if first.Name != s.Name || first.Mountpoint == "" || first.Memory || first.CreatedAt.IsZero() {
		w.Errorf("made %+v", first)
	}
	w.same("second", first, w.volume(s))
	found, err := w.Engine.Volume(w.ctx, s.Name)
	w.must(err, "look up")
	w.same("looked up", first, found)
	w.must(w.Engine.RemoveVolume(w.ctx, s.Name), "remove")
	_, err = w.Engine.Volume(w.ctx, s.Name)
	w.wantClass("look up after removal", err, runtime.ErrNotFound)
}

func volumeElsewhere(w *world) {
	s := w.volumeSpec("cache")
	w.volume(s)
	s.Meta.Home = w.home + "-2"
	_, err := w.Engine.CreateVolume(w.ctx, s)
	w.wantClass("create from another home", err, runtime.ErrConflict)
}

func volumeInUse(w *world) {
	s := w.volumeSpec("cache")
	w.volume(s)
	c := w.spec("app", Program{Wait: true})
	c.Mounts = []runtime.Mount{{Kind: runtime.MountVolume, Source: s.Name, Target: "/data"}}
	id := w.start(c)
	w.wantClass("remove a volume in use", w.Engine.RemoveVolume(w.ctx, s.Name), runtime.ErrConflict)
	w.must(w.Engine.RemoveContainer(w.ctx, id), "remove the container")
	w.must(w.Engine.RemoveVolume(w.ctx, s.Name), "remove the volume")
}

func volumesListed(w *world) {
	w.volume(w.volumeSpec("cache"))
	claim := w.volumeSpec("data")
	claim.Meta.Kind = runtime.KindClaim
	claim.Meta.Pod = runtime.PodRef{Namespace: "default"}
	w.volume(claim)
	for want, f := range map[string]runtime.Filter{
		"cache data": {Home: w.home},
		"cache":      {Home: w.home, PodUID: w.home + "-uid"},
		"data":       {Home: w.home, Kind: runtime.KindClaim},
	} {
		list, err := w.Engine.ListVolumes(w.ctx, f)
		w.must(err, "list volumes")
		var names []string
		for _, v := range list {
			names = append(names, v.Meta.Container)
		}
		slices.Sort(names)
		if joined(names) != want {
			w.Errorf("filter %+v finds %v, want %s", f, names, want)
		}
	}
}

// mounted is a container that does p with a mount.
func (w *world) mounted(name string, p Program, m runtime.Mount) runtime.Container {
	w.Helper()
	s := w.spec(name, p)
	s.Mounts = []runtime.Mount{m}
	return w.ended(w.start(s))
}

func volumeShared(w *world) {
	s := w.volumeSpec("cache")
	w.volume(s)
	m := runtime.Mount{Kind: runtime.MountVolume, Source: s.Name, Target: "/data"}
	if c := w.mounted("writer", Program{WriteFile: "/data/note"}, m); c.ExitCode != 0 {
		w.Errorf("writer: %+v", c)
	}
	m.ReadOnly = true
	reader := w.mounted("reader", Program{ReadFile: "/data/note"}, m)
	if out, _ := w.logs(reader.ID, runtime.LogOptions{Tail: -1}); out != "/data/note" {
		w.Errorf("reader saw %q", out)
	}
	if c := w.mounted("blocked", Program{WriteFile: "/data/more"}, m); c.ExitCode == 0 {
		w.Error("a read-only mount was written to")
	}
}

func volumeMemory(w *world) {
	s := w.volumeSpec("memory")
	s.Memory, s.Size = true, 1<<20
	if v := w.volume(s); !v.Memory {
		w.Errorf("made %+v", v)
	}
	m := runtime.Mount{Kind: runtime.MountVolume, Source: s.Name, Target: "/data"}
	holder := w.sandboxSpec()
	holder.Mounts = []runtime.Mount{m}
	w.startSandbox(holder)
	w.mounted("writer", Program{WriteFile: "/data/note"}, m)
	reader := w.mounted("reader", Program{ReadFile: "/data/note"}, m)
	if out, _ := w.logs(reader.ID, runtime.LogOptions{Tail: -1}); out != "/data/note" {
		w.Errorf("reader saw %q", out)
	}
}

func volumeSubpath(w *world) {
	s := w.volumeSpec("cache")
	w.volume(s)
	m := runtime.Mount{Kind: runtime.MountVolume, Source: s.Name, Target: "/data"}
	writer := w.spec("writer", Program{WriteFile: "/data/below/note"})
	writer.Mounts = []runtime.Mount{m}
	id := w.create(writer)
	w.must(w.Engine.CopyTo(w.ctx, id, "/data", w.tar(map[string]archived{"below/": {Mode: 0o755}}, "below/")), "copy to")
	w.must(w.Engine.StartContainer(w.ctx, id), "start")
	w.ended(id)
	m.Subpath = "below"
	reader := w.mounted("reader", Program{ReadFile: "/data/note"}, m)
	if out, _ := w.logs(reader.ID, runtime.LogOptions{Tail: -1}); out != "/data/below/note" {
		w.Errorf("reader saw %q", out)
	}
}
