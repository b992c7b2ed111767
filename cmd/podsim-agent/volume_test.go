//go:build linux

package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime/agent/wire"
)

func ptr[T any](v T) *T { return &v }

// plant makes files and links: "name" a directory if it ends in "/", else a
// file, "name -> target" a link.
func plant(t *testing.T, root string, entries ...string) {
	t.Helper()
	for _, e := range entries {
		name, target, link := strings.Cut(e, " -> ")
		path := filepath.Join(root, name)
		var err error
		switch {
		case link:
			err = os.Symlink(target, path)
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(path, 0o755)
		default:
			err = os.WriteFile(path, []byte(name), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func modeOf(t *testing.T, path string) (mode uint32, gid uint32) {
	t.Helper()
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st.Mode & 0o7777, st.Gid
}

func TestFSGroupGivesEverythingButWhatLinksPointTo(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	t.Parallel()
	root, outside := t.TempDir(), t.TempDir()
	plant(t, outside, "secret")
	plant(t, root, "sub/", "sub/file", "link -> "+outside+"/secret")
	v := wire.Volume{Path: root, Mode: ptr(uint32(0o777)), FSGroup: ptr(2000)}
	if err := setOwnership(v); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]uint32{root: 0o2777, root + "/sub": 0o2775, root + "/sub/file": 0o660} {
		if mode, gid := modeOf(t, path); mode != want || gid != 2000 {
			t.Errorf("%s: %o %d, want %o 2000", path, mode, gid, want)
		}
	}
	if mode, gid := modeOf(t, outside+"/secret"); mode != 0o600 || gid != 0 {
		t.Errorf("the link's target: %o %d", mode, gid)
	}

	os.Chmod(root+"/sub/file", 0o600)
	v.OnRootMismatch = true
	v.Mode = nil
	if err := setOwnership(v); err != nil {
		t.Fatal(err)
	}
	if mode, _ := modeOf(t, root+"/sub/file"); mode != 0o600 {
		t.Errorf("a matching root was walked: %o", mode)
	}
}

func TestMakeFilesFollowsNoLink(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), t.TempDir()
	plant(t, outside, "victim")
	plant(t, root, "a -> "+outside, "b -> "+outside+"/victim")
	if err := makeFiles([]wire.File{{Path: root + "/x/y/log", Mode: 0o666}}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"/a/new", "/b"} {
		if err := makeFiles([]wire.File{{Path: root + p, Mode: 0o666}}); err == nil {
			t.Errorf("%s was followed", p)
		}
	}
	if b, _ := os.ReadFile(outside + "/victim"); string(b) != "victim" {
		t.Errorf("victim: %q", b)
	}
}

func TestResolveSubpath(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	plant(t, root, "d/", "d/e/", "f", "in -> d/e", "up -> d/../f", "out -> ../../etc", "abs -> /etc", "loop -> loop", "d/back -> ../f")
	tests := []struct {
		name, path string
		create     bool
		want       wire.SubpathResult
		err        string
	}{
		{"the root itself", "", false, wire.SubpathResult{Dir: true}, ""},
		{"a directory", "d//e/", false, wire.SubpathResult{Path: "d/e", Dir: true}, ""},
		{"a file", "f", false, wire.SubpathResult{Path: "f"}, ""},
		{"a link inside", "in", false, wire.SubpathResult{Path: "d/e", Dir: true}, ""},
		{"a link with dots inside", "up", false, wire.SubpathResult{Path: "f"}, ""},
		{"a link to a parent inside", "d/back", false, wire.SubpathResult{Path: "f"}, ""},
		{"missing ones are made", "in/new/er", true, wire.SubpathResult{Path: "d/e/new/er", Dir: true}, ""},
		{"missing", "nope", false, wire.SubpathResult{}, "resolve nope: open nope: no such file or directory"},
		{"a relative link out", "out", true, wire.SubpathResult{}, "resolve out: leads out of the volume"},
		{"an absolute link", "abs/passwd", true, wire.SubpathResult{}, "resolve abs/passwd: leads out of the volume"},
		{"dots out", "../x", true, wire.SubpathResult{}, "resolve ../x: leads out of the volume"},
		{"a loop", "loop", true, wire.SubpathResult{}, "resolve loop: too many levels of symbolic links"},
		{"below a file", "f/x", true, wire.SubpathResult{}, "resolve f/x: open x: not a directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := resolveSubpath(wire.Subpath{Volume: root, Path: tt.path, Create: tt.create})
			if err != nil && err.Error() != tt.err || err == nil && tt.err != "" {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if tt.err == "" && !cmp.Equal(tt.want, got) {
				t.Error(cmp.Diff(tt.want, got))
			}
		})
	}
}

func TestResolveSubpathMakesDirectoriesWithTheRootsMode(t *testing.T) {
	root := t.TempDir()
	if err := os.Chmod(root, 0o777|os.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	if _, err := resolveSubpath(wire.Subpath{Volume: root, Path: "a/b", Create: true}); err != nil {
		t.Fatal(err)
	}
	if mode, _ := modeOf(t, root+"/a/b"); mode != 0o2777 {
		t.Errorf("mode %o", mode)
	}
}

// payload is the stream that swap reads.
func payload(t *testing.T, files map[string]string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	for name, data := range files {
		wire.WriteMessage(&b, wire.SwapFile{Name: name, Mode: 0o640, UID: os.Getuid(), GID: os.Getgid(), Size: int64(len(data))})
		b.WriteString(data)
	}
	wire.WriteMessage(&b, wire.SwapFile{})
	return &b
}

// tree reads a volume: links as "-> target", files as their content; the
// timestamped directory is called TS.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	data, _ := os.Readlink(root + "/..data")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		content := ""
		if d.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			content = "-> " + target
		} else if b, err := os.ReadFile(path); err == nil {
			content = string(b)
		}
		if data != "" {
			rel, content = strings.ReplaceAll(rel, data, "TS"), strings.ReplaceAll(content, data, "TS")
		}
		out[rel] = content
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func swapIn(t *testing.T, root string, files map[string]string) bool {
	t.Helper()
	s := wire.Swap{Volume: root, UID: os.Getuid(), GID: os.Getgid()}
	res, err := swap(s, payload(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return res.Changed
}

func TestSwapReplacesThePayloadAtOnce(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if !swapIn(t, root, map[string]string{"a": "1", "b": "2", "dir/c": "3"}) {
		t.Error("first swap changed nothing")
	}
	want := map[string]string{
		"..data": "-> TS", "a": "-> ..data/a", "b": "-> ..data/b", "dir": "-> ..data/dir",
		"TS/a": "1", "TS/b": "2", "TS/dir/c": "3",
	}
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
	before, _ := os.Readlink(root + "/..data")
	if swapIn(t, root, map[string]string{"a": "1", "b": "2", "dir/c": "3"}) {
		t.Error("an equal payload was swapped")
	}
	if after, _ := os.Readlink(root + "/..data"); after != before {
		t.Error("..data moved")
	}
	os.Remove(root + "/b") // as if the swap had been broken off
	swapIn(t, root, map[string]string{"a": "1", "b": "2", "dir/c": "3"})
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
	swapIn(t, root, map[string]string{"a": "new"})
	want = map[string]string{"..data": "-> TS", "a": "-> ..data/a", "TS/a": "new"}
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
	if mode, _ := modeOf(t, root+"/..data/a"); mode != 0o640 {
		t.Errorf("mode %o", mode)
	}
}

func TestSwapFollowsNoPlantedLink(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), t.TempDir()
	plant(t, outside, "victim", "dir/", "dir/victim")
	plant(t, root,
		"..data -> "+outside,
		"..data_tmp -> "+outside+"/victim",
		"..2020_01_01_00_00_00.1 -> "+outside+"/dir",
		"a -> "+outside+"/victim",
		"dir -> "+outside+"/dir",
		"foreign -> "+outside+"/victim")
	swapIn(t, root, map[string]string{"a": "1", "dir/b": "2"})
	want := map[string]string{
		"..data": "-> TS", "a": "-> ..data/a", "dir": "-> ..data/dir", "TS/a": "1", "TS/dir/b": "2",
		"foreign": "-> " + outside + "/victim",
	}
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
	wantOutside := map[string]string{"victim": "victim", "dir/victim": "dir/victim"}
	if diff := cmp.Diff(wantOutside, tree(t, outside)); diff != "" {
		t.Error(diff)
	}
}

func TestSwapRefusesNamesThatLeaveTheVolume(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../x", "/x", "a/../../x", "..x", "a//b", "."} {
		root := t.TempDir()
		swapIn(t, root, map[string]string{"a": "old"})
		if _, err := swap(wire.Swap{Volume: root}, payload(t, map[string]string{name: "x"})); err == nil {
			t.Errorf("%q was taken", name)
		}
		want := map[string]string{"..data": "-> TS", "a": "-> ..data/a", "TS/a": "old"}
		if diff := cmp.Diff(want, tree(t, root)); diff != "" {
			t.Errorf("after %q: %s", name, diff)
		}
	}
}

func TestSwapThatBreaksOffLeavesTheOldPayload(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	swapIn(t, root, map[string]string{"a": "old"})
	var b bytes.Buffer
	wire.WriteMessage(&b, wire.SwapFile{Name: "a", Size: 100})
	b.WriteString("half")
	if _, err := swap(wire.Swap{Volume: root}, &b); !errors.Is(err, io.EOF) {
		t.Errorf("error %v", err)
	}
	want := map[string]string{"..data": "-> TS", "a": "-> ..data/a", "TS/a": "old"}
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestMeasureCountsAnInodeOnceAndFollowsNothing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	plant(t, root, "loop -> .", "sub/")
	if err := os.WriteFile(root+"/sub/big", make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(root+"/sub/big", root+"/again"); err != nil {
		t.Fatal(err)
	}
	u, err := measure(root)
	if err != nil || u.Inodes != 4 || u.Bytes < 1<<20 || u.Bytes > 1<<20+64<<10 {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestReadPart(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	plant(t, root, "file", "link -> file")
	if err := syscall.Mkfifo(root+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		r    wire.ReadFile
		want string
		fail bool
	}{
		{"the first bytes", wire.ReadFile{Path: root + "/file", Limit: 2}, "fi", false},
		{"the last bytes", wire.ReadFile{Path: root + "/file", Limit: 2, Tail: true}, "le", false},
		{"all of it", wire.ReadFile{Path: root + "/file", Limit: 100, Tail: true}, "file", false},
		{"no link", wire.ReadFile{Path: root + "/link", Limit: 100}, "", true},
		{"no fifo", wire.ReadFile{Path: root + "/fifo", Limit: 100}, "", true},
		{"no directory", wire.ReadFile{Path: root, Limit: 100}, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readPart(tt.r)
			if string(got.Data) != tt.want || tt.fail != (err != nil) {
				t.Errorf("%q, %v", got.Data, err)
			}
		})
	}
}
