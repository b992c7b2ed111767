package node

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/simulator/internal/config"
)

func TestWhatCannotBeMadeForAHostPathIsToldAsTheSystemTellsIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path string
		kind v1.HostPathType
		want string
	}{
		{filepath.Join(dir, "no", "file"), v1.HostPathFileOrCreate, "open " + filepath.Join(dir, "no", "file") + ": no such file or directory"},
		{filepath.Join(file, "dir"), v1.HostPathDirectoryOrCreate, "mkdir " + file + ": not a directory"},
	}
	for _, tt := range tests {
		err := prepareHostPath(config.HostPath{Path: tt.path, Type: tt.kind})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s %s: %v", tt.kind, tt.path, err)
		}
	}
}

func TestASubpathIsMissingOnlyWhereNothingIs(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		fs.ErrNotExist: true, fs.ErrPermission: true,
		agent.ErrEscape: false, syscall.ENOTDIR: false, syscall.ELOOP: false,
	} {
		if got := missingSubpath(fmt.Errorf("resolve a/b: %w", err)); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}
