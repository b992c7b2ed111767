package node

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	v1 "k8s.io/api/core/v1"
)

// checkHostPath makes sure that a hostPath is what its type says, creating
// what the type wants created (pkg/volume/hostpath: checkType). The error is
// the text that FailedMount carries.
func checkHostPath(path string, t v1.HostPathType) error {
	switch t {
	case v1.HostPathUnset:
		return nil
	case v1.HostPathDirectoryOrCreate:
		if err := os.MkdirAll(path, 0o755); err != nil && !isDir(path) {
			return err
		}
		return need(path, t, "a directory", fs.FileMode.IsDir)
	case v1.HostPathFileOrCreate:
		if err := touch(path); err != nil {
			return err
		}
		return need(path, t, "a file", fs.FileMode.IsRegular)
	case v1.HostPathDirectory:
		return need(path, t, "a directory", fs.FileMode.IsDir)
	case v1.HostPathFile:
		return need(path, t, "a file", fs.FileMode.IsRegular)
	case v1.HostPathSocket:
		return need(path, t, "a socket file", func(m fs.FileMode) bool { return m&fs.ModeSocket != 0 })
	case v1.HostPathCharDev:
		return need(path, t, "a character device", func(m fs.FileMode) bool { return m&fs.ModeCharDevice != 0 })
	case v1.HostPathBlockDev:
		return need(path, t, "a block device", func(m fs.FileMode) bool {
			return m&fs.ModeDevice != 0 && m&fs.ModeCharDevice == 0
		})
	}
	return fmt.Errorf("%s is an invalid volume type", t)
}

func need(path string, _ v1.HostPathType, what string, is func(fs.FileMode) bool) error {
	info, err := os.Stat(path)
	if err != nil || !is(info.Mode()) {
		return fmt.Errorf("hostPath type check failed: %s is not %s", path, what)
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// touch makes an empty file when there is nothing; its directory must exist,
// as on a node.
func touch(path string) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_RDONLY, 0o644)
	if err != nil {
		if _, statErr := os.Stat(path); statErr == nil {
			return nil
		}
		return err
	}
	return f.Close()
}
