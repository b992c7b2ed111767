package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"syscall"
	"time"
)

// replace puts data into path so that a reader sees all of it or what was
// there before. With durable it is on the disk when replace returns.
func (s *Store) replace(path string, data []byte, durable bool) error {
	tmp := filepath.Join(s.dir, "tmp", randomHex(8))
	if err := writeNew(tmp, data, durable); err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := rename(tmp, path); err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("write %s: %w", path, err)
	}
	if durable {
		syncDir(filepath.Dir(path))
	}
	return nil
}

func writeNew(path string, data []byte, durable bool) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil && durable {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// rename moves a file over another. Windows refuses while somebody reads the
// old one, which takes no longer than a moment.
func rename(from, to string) error {
	err := os.Rename(from, to)
	for range 50 {
		if err == nil || goruntime.GOOS != "windows" || !errors.Is(err, fs.ErrPermission) {
			return err
		}
		time.Sleep(2 * time.Millisecond)
		err = os.Rename(from, to)
	}
	return err
}

// syncDir makes a rename last. Not every system can, and none needs it for
// atomicity.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// writeJSON replaces path by value.
func (s *Store) writeJSON(path string, value any, durable bool) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return err
	}
	if err := s.replace(path, append(data, '\n'), durable); err != nil {
		_ = os.Remove(filepath.Dir(path)) // no empty directory stays for what was not written
		return err
	}
	return nil
}

// readJSON fills value from path. A missing file is fs.ErrNotExist; one that
// is no JSON is an error that names it.
func readJSON(path string, value any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, syscall.ENOTDIR) {
			return fs.ErrNotExist
		}
		return err
	}
	if err := json.Unmarshal(data, value); err != nil {
		return &CorruptError{Path: path, Err: err, empty: len(data) == 0}
	}
	return nil
}

// CorruptError is a file of the store that cannot be understood.
type CorruptError struct {
	Path string
	Err  error
	// empty: what a power cut may leave of a file that was not synced.
	empty bool
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("file %s of the store is damaged (%v); remove it to go on without it", e.Path, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// vanish removes a file or directory in one step, whatever is in it.
func (s *Store) vanish(path string) error {
	tmp := filepath.Join(s.dir, "tmp", randomHex(8))
	if err := rename(path, tmp); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("remove %s: %w", path, err)
	}
	_ = os.RemoveAll(tmp) // what stays goes with the next Open
	return nil
}

func (s *Store) clearTmp() error {
	entries, err := os.ReadDir(filepath.Join(s.dir, "tmp"))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(s.dir, "tmp", e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// names lists what lies in a directory; a directory that is not there is
// empty.
func names(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(entries))
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, nil
}

// safeName tells whether a name may be a part of a path. Kubernetes' names all
// are; whatever else a user types must not lead out of the store.
func safeName(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) <= 253 && !strings.ContainsAny(name, "/\\\x00:")
}
