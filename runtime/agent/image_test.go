package agent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"testing"

	"github.com/podsim/podsim/runtime"
)

func TestTheImageIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	refs := map[string]bool{}
	for _, arch := range []string{"amd64", "arm64", "x86_64", "aarch64"} {
		img, err := embedded(arch)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^podsim/pause:[0-9a-f]{12}$`).MatchString(img.ref()) {
			t.Error(img.ref())
		}
		refs[img.ref()] = true
		a, err := img.archive()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := img.archive(); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs, %v", arch, err)
		}
		const most = 5 << 19 // 2.5 MiB; every pod's sandbox runs it
		if len(a) > most {
			t.Errorf("%s: %d bytes", arch, len(a))
		}
	}
	if len(refs) != 2 {
		t.Errorf("%d references for two architectures", len(refs))
	}
	if _, err := embedded("riscv64"); err == nil {
		t.Error("an image for an unknown architecture")
	}
}

// TestTheArtefactsAreBuiltFromThisSource builds the program again.
func TestTheArtefactsAreBuiltFromThisSource(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for two architectures")
	}
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	if out, err := exec.CommandContext(t.Context(), "./build.sh", "-check").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// imageEngine is an engine that has some images.
type imageEngine struct {
	has            map[string]bool
	loaded, pulled int
	err            error
}

func (e *imageEngine) Info(context.Context) (runtime.Info, error) {
	return runtime.Info{Arch: "x86_64"}, e.err
}

func (e *imageEngine) Image(_ context.Context, ref string) (runtime.Image, error) {
	if e.has[ref] {
		return runtime.Image{}, nil
	}
	return runtime.Image{}, runtime.ErrNotFound
}

func (e *imageEngine) PullImage(_ context.Context, ref string, _ runtime.PullOptions) error {
	e.pulled++
	return nil
}

func (e *imageEngine) LoadImage(_ context.Context, r io.Reader) error {
	e.loaded++
	_, err := io.Copy(io.Discard, r)
	return err
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	img, err := embedded("amd64")
	if err != nil {
		t.Fatal(err)
	}
	own := img.ref()
	down := errors.New("engine unavailable")
	tests := []struct {
		name           string
		engine         imageEngine
		override, want string
		loaded, pulled int
		err            error
	}{
		{"a missing image is loaded", imageEngine{}, "", own, 1, 0, nil},
		{"one that is there is not", imageEngine{has: map[string]bool{own: true}}, "", own, 0, 0, nil},
		{"another is pulled when missing", imageEngine{}, "r.test/pause:1", "r.test/pause:1", 0, 1, nil},
		{"and left alone when there", imageEngine{has: map[string]bool{"r.test/pause:1": true}}, "r.test/pause:1", "r.test/pause:1", 0, 0, nil},
		{"an engine that is down", imageEngine{err: down}, "", "", 0, 0, down},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ref, err := Ensure(t.Context(), &tt.engine, tt.override)
			if ref != tt.want || !errors.Is(err, tt.err) || tt.engine.loaded != tt.loaded || tt.engine.pulled != tt.pulled {
				t.Errorf("%q, %v, loaded %d, pulled %d", ref, err, tt.engine.loaded, tt.engine.pulled)
			}
		})
	}
}
