package images

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime"
)

// store is an engine that only holds images.
type store struct {
	byTag map[string]string
	loads int
}

func (s *store) Image(_ context.Context, ref string) (runtime.Image, error) {
	id, ok := s.byTag[ref]
	if !ok {
		return runtime.Image{}, runtime.ErrNotFound
	}
	return runtime.Image{ID: id}, nil
}

func (s *store) LoadImage(_ context.Context, r io.Reader) error {
	s.loads++
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if err != nil {
			return errors.Join(errors.New("no manifest"), err)
		}
		if h.Name != "manifest.json" {
			continue
		}
		var manifest []manifestJSON
		if err := json.NewDecoder(tr).Decode(&manifest); err != nil {
			return err
		}
		for _, tag := range manifest[0].RepoTags {
			s.byTag[tag] = manifest[0].Config
		}
		return nil
	}
}

func small() Image {
	return Image{Tags: []string{"small:1", "small:latest"}, Files: []File{text("b", "2"), text("a", "1")}}
}

func TestAnImageIsLoadedOnlyWhenItsContentIsNotThere(t *testing.T) {
	t.Parallel()
	s := &store{byTag: map[string]string{}}
	ensure := func(img Image, loads int) {
		t.Helper()
		if err := Ensure(t.Context(), s, img); err != nil {
			t.Fatal(err)
		}
		if s.loads != loads {
			t.Errorf("%d loads, want %d", s.loads, loads)
		}
	}
	ensure(small(), 1)
	ensure(small(), 1)
	delete(s.byTag, "small:latest")
	ensure(small(), 2)
	changed := small()
	changed.Config.User = "1000"
	ensure(changed, 3)
}

func TestAnArchiveIsTheSameWhateverTheOrderOfItsFiles(t *testing.T) {
	t.Parallel()
	first, err := pack(small())
	if err != nil {
		t.Fatal(err)
	}
	other := small()
	other.Files[0], other.Files[1] = other.Files[1], other.Files[0]
	second, err := pack(other)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.tar, second.tar) {
		t.Error("the archives differ")
	}
}

func TestEveryVariantDiffersFromBusybox(t *testing.T) {
	t.Parallel()
	for tag, change := range variants() {
		img := Image{Config: Config{Env: []string{searchPath}, Cmd: []string{"sh"}}}
		change(&img)
		plain := Image{Config: Config{Env: []string{searchPath}, Cmd: []string{"sh"}}}
		if cmp.Equal(plain, img) {
			t.Errorf("%s is plain busybox", tag)
		}
	}
}
