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

// versionDigits is the width of a number in the version file, which holds two
// lines: the version given last, and the version of the last change that can be
// read. It is overwritten in place, which needs no room on a full disk.
const versionDigits = 20

// Version is the resourceVersion of the newest change that can be read. It
// costs one small read; as long as it stays the same nothing changed.
func (s *Store) Version() (uint64, error) {
	_, made, err := s.versions()
	return made, err
}

func (s *Store) versions() (given, made uint64, err error) {
	path := filepath.Join(s.dir, "version")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read version: %w", err)
	}
	first, second, _ := strings.Cut(string(data), "\n")
	if given, err = strconv.ParseUint(first, 10, 64); err != nil {
		return 0, 0, &CorruptError{Path: path, Err: err}
	}
	if second == "" {
		return given, 0, nil
	}
	if made, err = strconv.ParseUint(strings.TrimSpace(second), 10, 64); err != nil {
		return 0, 0, &CorruptError{Path: path, Err: err}
	}
	return given, made, nil
}

// next gives the next resourceVersion; the store is locked. After damage the
// time in nanoseconds is larger than whatever was.
func (s *Store) next() (uint64, error) {
	v, _, err := s.versions()
	var corrupt *CorruptError
	switch {
	case errors.As(err, &corrupt):
		v = uint64(time.Now().UnixNano())
	case err != nil:
		return 0, err
	}
	v++
	if err := s.writeVersion(v, 0); err != nil {
		return 0, fmt.Errorf("write version: %w", err)
	}
	return v, nil
}

// made tells everybody that the change of a version can be read now. It comes
// after the change: whoever saw a version has seen all that led to it.
func (s *Store) made(v uint64) error { return s.writeVersion(v, versionDigits+1) }

func (s *Store) writeVersion(v uint64, at int64) error {
	f, err := os.OpenFile(filepath.Join(s.dir, "version"), os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%0*d\n", versionDigits, v), at)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
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
