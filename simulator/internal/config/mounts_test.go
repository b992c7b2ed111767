package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime"
)

// mountsOf are the mounts of a container with these volumeMounts of an emptyDir
// e, a ConfigMap cm, a host path h, a read-only claim ro and an image img.
func mountsOf(t *testing.T, mounts string) ([]runtime.Mount, error) {
	t.Helper()
	in := inputOf(t, `
volumes:
- {name: e, emptyDir: {}}
- {name: cm, configMap: {name: x, optional: true}}
- {name: h, hostPath: {path: /srv, type: DirectoryOrCreate}}
- {name: hd, hostPath: {path: /srv, type: Directory}}
- {name: ro, persistentVolumeClaim: {claimName: c, readOnly: true}}
- {name: img, image: {reference: "i:1"}}
containers: [{name: c, image: i, env: [{name: X, value: x/y}, {name: EMPTY}], volumeMounts: [`+mounts+`]}]`)
	in.Node.RecursiveReadOnly = true
	spec, err := specOf(t, in, "c")
	return spec.Mounts, err
}

func TestMounts(t *testing.T) {
	t.Parallel()
	vol := func(name, target string) runtime.Mount {
		return runtime.Mount{Kind: runtime.MountVolume, Source: "podsim_u1_" + name, Target: target}
	}
	with := func(m runtime.Mount, change func(m *runtime.Mount)) runtime.Mount {
		change(&m)
		return m
	}
	readOnly := func(m *runtime.Mount) { m.ReadOnly = true }
	host := runtime.Mount{Kind: runtime.MountBind, Source: "/srv", Target: "/h", CreateHostPath: true}
	tests := map[string]struct {
		mounts string
		want   []runtime.Mount
	}{
		"a volume":                   {`{name: e, mountPath: /e}`, []runtime.Mount{vol("e", "/e")}},
		"read-only":                  {`{name: e, mountPath: /e, readOnly: true}`, []runtime.Mount{with(vol("e", "/e"), readOnly)}},
		"config is always read-only": {`{name: cm, mountPath: /e, readOnly: false}`, []runtime.Mount{with(vol("cm", "/e"), readOnly)}},
		"so is a read-only claim": {`{name: ro, mountPath: /e}`,
			[]runtime.Mount{{Kind: runtime.MountVolume, Source: "podsim_ns_c_h", Target: "/e", ReadOnly: true}}},
		"depth decides, not the order": {`{name: e, mountPath: /a/b/c}, {name: cm, mountPath: /a}`,
			[]runtime.Mount{with(vol("cm", "/a"), readOnly), vol("e", "/a/b/c")}},
		"the later of one path": {`{name: cm, mountPath: /x}, {name: e, mountPath: /x/}`, []runtime.Mount{vol("e", "/x")}},
		"relative is from /":    {`{name: e, mountPath: rel/path}`, []runtime.Mount{vol("e", "/rel/path")}},
		"a host path":           {`{name: h, mountPath: /h}`, []runtime.Mount{host}},
		"one that has to exist": {`{name: hd, mountPath: /h}`, []runtime.Mount{with(host, func(m *runtime.Mount) { m.CreateHostPath = false })}},
		"propagation": {`{name: h, mountPath: /h, mountPropagation: HostToContainer}, {name: h, mountPath: /i, mountPropagation: Bidirectional}, {name: h, mountPath: /j, mountPropagation: None}`,
			[]runtime.Mount{
				with(host, func(m *runtime.Mount) { m.Propagation = "rslave" }),
				with(host, func(m *runtime.Mount) { m.Propagation, m.Target = "rshared", "/i" }),
				with(host, func(m *runtime.Mount) { m.Target = "/j" }),
			}},
		"recursively read-only": {`{name: h, mountPath: /h, readOnly: true, recursiveReadOnly: IfPossible}`,
			[]runtime.Mount{with(host, func(m *runtime.Mount) { m.ReadOnly, m.RecursiveReadOnly = true, true })}},
		"an image": {`{name: img, mountPath: /i, subPath: bin}`,
			[]runtime.Mount{{Kind: runtime.MountImage, Source: "i:1", Subpath: "bin", Target: "/i", ReadOnly: true}}},
		"a path inside": {`{name: e, mountPath: /e, subPath: a/b}`,
			[]runtime.Mount{with(vol("e", "/e"), func(m *runtime.Mount) { m.Subpath = "a/b" })}},
		"a path of variables": {`{name: e, mountPath: /e, subPathExpr: "$(X)-$$(X)"}`,
			[]runtime.Mount{with(vol("e", "/e"), func(m *runtime.Mount) { m.Subpath = "x/y-$(X)" })}},
		"a path of the host": {`{name: h, mountPath: /h, subPath: a}`,
			[]runtime.Mount{with(host, func(m *runtime.Mount) { m.Subpath, m.CreateHostPath = "a", false })}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mountsOf(t, test.mounts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMountRefusals(t *testing.T) {
	t.Parallel()
	for mounts, want := range map[string]string{
		`{name: x, mountPath: /e}`:                                                                                `cannot find volume "x" to mount into container "c"`,
		`{name: e, mountPath: /e, subPathExpr: "$(NOPE)/$(EMPTY)/$(X)"}`:                                          `missing value for EMPTY, NOPE`,
		`{name: e, mountPath: /e, subPath: /x}`:                                                                   "error SubPath `/x` must not be an absolute path",
		`{name: e, mountPath: /e, subPath: a/../..}`:                                                              "unable to provision SubPath `a/../..`: must not contain '..'",
		`{name: h, mountPath: /e, recursiveReadOnly: Enabled}`:                                                    `failed to resolve recursive read-only mode: volume "h" requested recursive read-only mode, but it is not read-only`,
		`{name: h, mountPath: /e, readOnly: true, recursiveReadOnly: Enabled, mountPropagation: HostToContainer}`: `failed to resolve recursive read-only mode: volume "h" requested recursive read-only mode, but it is not compatible with propagation "HostToContainer"`,
	} {
		_, err := mountsOf(t, mounts)
		wantError(t, err, "CreateContainerConfigError", want)
	}
}

func TestRecordedSubpaths(t *testing.T) {
	t.Parallel()
	in := recorded(t, "subpath-expr-abs")
	_, err := specOf(t, in, "a")
	wantError(t, err, "CreateContainerConfigError", "error SubPath `/abs` must not be an absolute path")
	_, err = specOf(t, in, "b")
	wantError(t, err, "CreateContainerConfigError", "unable to provision SubPath `../up`: must not contain '..'")
}

func TestRecordedMountOrder(t *testing.T) {
	t.Parallel()
	var got []string
	for _, m := range mustSpec(t, recorded(t, "nested-mounts"), "a").Mounts {
		got = append(got, m.Target)
	}
	if diff := cmp.Diff([]string{"/a", "/dev/termination-log", "/a/b/c", "/a/b/cm"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSubpathsAreResolvedBeforeTheyAreMounted(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: e, emptyDir: {}}, {name: img, image: {reference: r}}]
containers:
- name: c
  image: i
  volumeMounts:
  - {name: e, mountPath: /1, subPath: link}
  - {name: e, mountPath: /2, subPath: link}
  - {name: e, mountPath: /3, subPath: other/}
  - {name: e, mountPath: /4}
  - {name: img, mountPath: /5, subPath: x}`)
	ci := ContainerInput{Name: "c", Image: busybox, Volumes: mustVolumes(t, in)}
	subs, err := Subpaths(in, ci)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Subpath{{"e", "link"}, {"e", "other/"}}, subs); diff != "" {
		t.Error(diff)
	}
	if subs[0].Dir() != "/podsim/volumes/e" {
		t.Error(subs[0].Dir())
	}
	ci.Subpaths = map[Subpath]string{subs[0]: "real/one", subs[1]: "other"}
	spec, err := Container(in, ci)
	if err != nil {
		t.Fatal(err)
	}
	if spec.Mounts[0].Subpath != "real/one" || spec.Mounts[2].Subpath != "other" {
		t.Errorf("%+v", spec.Mounts)
	}
	delete(ci.Subpaths, subs[1])
	_, err = Container(in, ci)
	wantError(t, err, "CreateContainerConfigError", `failed to prepare subPath for volumeMount "e" of container "c"`)
}

func TestMountAtTheMessagePathWins(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: e, emptyDir: {}}]
containers: [{name: c, image: i, terminationMessagePath: m, volumeMounts: [{name: e, mountPath: /m}]}]`)
	got := mustSpec(t, in, "c").Mounts
	if len(got) != 1 || got[0].Source != "podsim_u1_e" {
		t.Errorf("%+v", got)
	}
}

func TestRecursiveReadOnlyNeedsTheEngine(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: h, hostPath: {path: /}}]
containers:
- {name: a, image: i, volumeMounts: [{name: h, mountPath: /h, readOnly: true, recursiveReadOnly: IfPossible}]}
- {name: b, image: i, volumeMounts: [{name: h, mountPath: /h, readOnly: true, recursiveReadOnly: Enabled}]}`)
	if m := mustSpec(t, in, "a").Mounts[0]; m.RecursiveReadOnly {
		t.Errorf("%+v", m)
	}
	_, err := specOf(t, in, "b")
	wantError(t, err, "CreateContainerConfigError",
		`failed to resolve recursive read-only mode: volume "h" requested recursive read-only mode, but it is not supported by the runtime`)
}

func TestDeletedObjectsStayMounted(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: s, secret: {secretName: gone}}]
containers: [{name: c, image: i, volumeMounts: [{name: s, mountPath: /s, subPath: k}]}]`)
	got := mustSpec(t, in, "c").Mounts
	want := []runtime.Mount{{Kind: runtime.MountVolume, Source: "podsim_u1_s", Subpath: "k", Target: "/s", ReadOnly: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestImagesAreCopiedForEnginesThatCannotMountThem(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: img, image: {reference: "r:1"}}]
containers: [{name: c, image: i, volumeMounts: [{name: img, mountPath: /i, subPath: bin}]}]`)
	in.CopyImages = true
	v := mustVolumes(t, in)[0]
	if v.Engine.Name != "podsim_u1_img" || v.Path != "/podsim/volumes/img" || v.Image.Reference != "r:1" {
		t.Errorf("%+v", v)
	}
	want := []runtime.Mount{{Kind: runtime.MountVolume, Source: "podsim_u1_img", Subpath: "bin", Target: "/i", ReadOnly: true}}
	if diff := cmp.Diff(want, mustSpec(t, in, "c").Mounts); diff != "" {
		t.Error(diff)
	}
}
