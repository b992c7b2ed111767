package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Version is the resourceVersion of the newest change. It costs one small
// read; as long as it stays the same nothing changed.
func (s *Store) Version() (uint64, error) {
	data, err := os.ReadFile(filepath.Join(s.dir, "version"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read version: %w", err)
	}
	v, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
	if err != nil {
		return 0, &CorruptError{Path: filepath.Join(s.dir, "version"), Err: err}
	}
	return v, nil
}

// next gives the next resourceVersion; the store is locked. The file is
// overwritten in place (20 digits in one page), which needs no room on a full
// disk. After damage the time in nanoseconds is larger than whatever was.
func (s *Store) next() (uint64, error) {
	v, err := s.Version()
	var corrupt *CorruptError
	switch {
	case errors.As(err, &corrupt):
		v = uint64(time.Now().UnixNano())
	case err != nil:
		return 0, err
	}
	v++
	f, err := os.OpenFile(filepath.Join(s.dir, "version"), os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return 0, fmt.Errorf("write version: %w", err)
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%020d\n", v), 0)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return 0, fmt.Errorf("write version: %w", err)
	}
	return v, nil
}

func formatVersion(v uint64) string { return strconv.FormatUint(v, 10) }

// newest is the larger of two resourceVersions.
func newest(a, b string) string {
	if parseVersion(a) > parseVersion(b) {
		return a
	}
	return b
}

func parseVersion(s string) uint64 {
	v, _ := strconv.ParseUint(s, 10, 64)
	return v
}
