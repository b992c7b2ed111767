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

	"github.com/gofrs/flock"
)

// Own tries to become the owner of a pod. ok is false while another process
// (or another holder in this one) owns it. The kernel ends the ownership with
// the process; release ends it before. Ask whether the pod is still there
// after owning it: it may have gone just before.
func (s *Store) Own(ns, name, uid string) (release func(), ok bool, err error) {
	if !safeName(uid) {
		return nil, false, fmt.Errorf("own pod %q: no uid", ns+"/"+name)
	}
	release, ok, err = hold(s.ownerFile(uid), true)
	if err != nil {
		return nil, false, fmt.Errorf("own pod %q: %w", ns+"/"+name, err)
	}
	return release, ok, nil
}

// Owned tells whether some process owns the pod now.
func (s *Store) Owned(uid string) (bool, error) { return held(s.ownerFile(uid)) }

// Owner is the process that owns the pod, or 0.
func (s *Store) Owner(uid string) int {
	if owned, err := s.Owned(uid); err != nil || !owned {
		return 0
	}
	return holder(s.ownerFile(uid))
}

func (s *Store) ownerFile(uid string) string { return filepath.Join(s.dir, "owners", uid) }

// OwnNode tries to become the background node of this store; only one process
// is.
func (s *Store) OwnNode() (release func(), ok bool, err error) { return hold(s.nodeFile(), false) }

// StartNode tries to become the one process that starts the background node;
// release says that it runs, or that it could not be started.
func (s *Store) StartNode() (release func(), ok bool, err error) {
	return hold(filepath.Join(s.dir, "start.lock"), false)
}

// NodeRunning tells whether a background node holds this store, and its pid.
func (s *Store) NodeRunning() (pid int, running bool, err error) {
	running, err = held(s.nodeFile())
	if running {
		pid = holder(s.nodeFile())
	}
	return pid, running, err
}

func (s *Store) nodeFile() string { return filepath.Join(s.dir, "node.lock") }

// NodeLog is the file for the background node's log.
func (s *Store) NodeLog() string { return filepath.Join(s.dir, "node.log") }

// hold takes the lock of a file and writes the pid into it. Somebody who only
// asks holds it for an instant, so a first refusal is not the last word. With
// once the file goes away on release, and a file that went away between open
// and lock is not the one to hold.
func hold(path string, once bool) (release func(), ok bool, err error) {
	for attempt := 0; attempt < 20; attempt++ {
		l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(fileMode))
		locked, err := l.TryLock()
		if err != nil {
			return nil, false, err
		}
		if !locked {
			_ = l.Close()
			if attempt >= 3 {
				return nil, false, nil
			}
			time.Sleep(2 * time.Millisecond)
			continue
		}
		if !current(l, path) {
			_ = l.Close()
			continue
		}
		_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), fileMode)
		return func() {
			if once {
				_ = os.Remove(path)
			}
			_ = l.Close()
		}, true, nil
	}
	return nil, false, nil
}

// current tells whether a locked file is still the one its path names.
func current(l *flock.Flock, path string) bool {
	mine, err := l.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(mine, there)
}

// held tells whether a file is locked. It never makes the file.
func held(path string) (bool, error) {
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := l.TryRLock()
	defer l.Close()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at lock %s: %w", path, err)
	}
	return !free, nil
}

func holder(path string) int {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(data)))
	return pid
}
