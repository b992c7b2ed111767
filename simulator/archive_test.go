package simulator

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tarOf makes an archive of headers; a regular file holds its own name.
func tarOf(t *testing.T, headers ...tar.Header) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(h.Name))
		}
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(h.Name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// tree maps the files below a directory to their content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		data, err := os.ReadFile(p)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUnpackStaysInsideItsTarget(t *testing.T) {
	t.Parallel()
	file := func(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeReg} }
	dir := func(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755} }
	link := func(name, to string) tar.Header {
		return tar.Header{Name: name, Linkname: to, Typeflag: tar.TypeSymlink}
	}
	for _, test := range []struct {
		name     string
		archive  []tar.Header
		want     map[string]string // below the directory around the target
		warnings int
	}{
		{"a directory", []tar.Header{dir("d/"), file("d/a"), dir("d/e/"), file("d/e/b")}, map[string]string{"target/a": "d/a", "target/e/b": "d/e/b"}, 0},
		{"a file", []tar.Header{file("f")}, map[string]string{"target": "f"}, 0},
		{"the root", []tar.Header{dir("/"), file("/a")}, map[string]string{"target/a": "/a"}, 0},
		{"dots in names", []tar.Header{dir("d/"), file("d/../../evil"), file("d/..x")}, map[string]string{"target/..x": "d/..x"}, 1},
		{"names of elsewhere", []tar.Header{dir("d/"), file("/etc/passwd"), file("dd/x")}, map[string]string{}, 2},
		{"a link and a file through it", []tar.Header{dir("d/"), link("d/l", "/tmp"), file("d/l/evil")}, map[string]string{"target/l/evil": "d/l/evil"}, 1},
		{"a hard link", []tar.Header{dir("d/"), {Name: "d/h", Linkname: "/etc/passwd", Typeflag: tar.TypeLink}}, map[string]string{}, 1},
		{"a device", []tar.Header{dir("d/"), {Name: "d/dev", Typeflag: tar.TypeChar}}, map[string]string{}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			around := t.TempDir()
			warnings := 0
			err := unpack(tarOf(t, test.archive...), filepath.Join(around, "target"), CopyOptions{Warn: func(string) { warnings++ }})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, tree(t, around)); diff != "" || warnings != test.warnings {
				t.Errorf("%d warnings; files -want +got:\n%s", warnings, diff)
			}
		})
	}
}

func TestUnpackWritesThroughNoLinkThatWasThere(t *testing.T) {
	t.Parallel()
	around := t.TempDir()
	outside := filepath.Join(around, "outside")
	target := filepath.Join(around, "target")
	for _, dir := range []string{outside, target} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(target, "sub")); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink(filepath.Join(outside, "f"), filepath.Join(target, "f")); err != nil {
		t.Fatal(err)
	}
	h := []tar.Header{{Name: "d/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: "d/f", Typeflag: tar.TypeReg}, {Name: "d/sub/evil", Typeflag: tar.TypeReg}}
	err := unpack(tarOf(t, h...), target, CopyOptions{})
	if err == nil {
		t.Error("a link out of the target was followed without an error")
	}
	if got := tree(t, outside); len(got) > 0 {
		t.Errorf("written outside: %v", got)
	}
}

func TestPackedTreeUnpacksToTheSame(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	if err := os.MkdirAll(filepath.Join(from, "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(from, "a", "b", "run.sh"), []byte("echo\n"), 0o750); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := packTree(&b, from, "name", CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := unpack(&b, to, CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a/b/run.sh": "echo\n"}, tree(t, to)); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(filepath.Join(to, "a", "b", "run.sh")); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
}

func TestCopyRefusesEmptyPaths(t *testing.T) {
	t.Parallel()
	s := &Simulator{}
	if err := s.CopyFrom(t.Context(), "", "p", "", "x", CopyOptions{}); err == nil || !strings.Contains(err.Error(), "filepath can not be empty") {
		t.Errorf("got %v", err)
	}
}
