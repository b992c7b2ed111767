//go:build linux

package crash

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/e2e/harness"
)

func TestFullDiskKeepsWhatWasThere(t *testing.T) {
	disk := smallDisk(t)
	h := harness.New(t)
	s := newSubject(h, "web", 1)
	other := newSubject(h, "other", 1)
	h.Must("apply", "-f", s.file)
	s.goesOn(t)
	before := s.pod(t)

	fill(t, disk)
	for _, args := range [][]string{{"apply", "-f", other.file}, {"label", "pod", "web", "more=" + strings.Repeat("x", 60)}, {"delete", "pod", "web"}} {
		r := h.Run(args...)
		if r.Code == 0 || !strings.Contains(r.Stderr, "no space left on device") || strings.Contains(r.Stderr, "panic") {
			t.Errorf("on a full disk: %s", r)
		}
	}
	if diff := cmp.Diff(before.Spec, s.pod(t).Spec); diff != "" {
		t.Errorf("spec (-before +after):\n%s", diff)
	}
	s.goesOn(t)
	h.KillNode()
	if out := h.Must("get", "pods"); !strings.Contains(out, "web") {
		t.Errorf("pods on a full disk after a crash:\n%s", out)
	}

	if err := os.Remove(filepath.Join(disk, "ballast")); err != nil {
		t.Fatal(err)
	}
	s.goesOn(t)
	h.Must("delete", "-f", s.file)
	s.goneWithoutTrace(t)
	h.Run("delete", "-f", other.file, "--ignore-not-found")
	other.goneWithoutTrace(t)
	h.NothingLeft()
}

// smallDisk makes a small file system where homes are made from now on.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "podsim-disk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		t.Skipf("no small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	t.Setenv("TMPDIR", dir)
	return dir
}

// fill leaves not a byte.
func fill(t *testing.T, disk string) {
	t.Helper()
	f, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{64 << 10, 4 << 10, 1} {
		block := make([]byte, size)
		for err = nil; err == nil; {
			_, err = f.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}
