package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

const (
	dirMode  = 0o700
	fileMode = 0o600
)

// Store is one directory of objects. Any number of processes may use it at the
// same time, and any number of goroutines one Store.
type Store struct {
	dir  string
	home string
	opts Options

	// mu and lock together are the store's write lock: flock does not hold
	// goroutines of one process apart.
	mu   sync.Mutex
	lock *flock.Flock

	subs subscribers
}

// Options of a store; the zero value is right for everybody but tests.
type Options struct {
	// Poll is how often Watch looks by itself, for file systems that tell
	// nothing: 0 is one second.
	Poll time.Duration
	// NoNotify makes Watch rely on Poll and on changes through the same Store:
	// nothing then waits in the kernel, as virtual time needs it.
	NoNotify bool
}

// Open opens the store in dir and makes it if it is not there. dir belongs to
// one engine.
func Open(dir string) (*Store, error) { return Options{}.Open(dir) }

// Open is Open with options.
func (o Options) Open(dir string) (*Store, error) {
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", dir, err)
	}
	s := &Store{dir: dir, opts: o, lock: flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(fileMode))}
	for _, sub := range []string{"", "changes", "tmp", "owners", "namespaces", "cluster"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), dirMode); err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
	}
	if err := os.Chmod(dir, dirMode); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := s.locked(s.prepare); err != nil {
		return nil, fmt.Errorf("open store %q: %w", dir, err)
	}
	return s, nil
}

// prepare finds or makes the home id and throws rubbish away. Nobody else is
// writing, so whatever lies in tmp belongs to a process that died.
func (s *Store) prepare() error {
	if err := s.clearTmp(); err != nil {
		return err
	}
	s.pruneEvents(time.Now())
	if path := filepath.Join(s.dir, "version"); !exists(path) {
		if err := s.replace(path, fmt.Appendf(nil, "%0*d\n%0*d\n", versionDigits, 0, versionDigits, 0), true); err != nil {
			return err
		}
	}
	path := filepath.Join(s.dir, "home")
	data, err := os.ReadFile(path)
	if err == nil {
		if s.home = strings.TrimSpace(string(data)); s.home != "" {
			return nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.home = randomHex(8)
	return s.replace(path, []byte(s.home+"\n"), true)
}

// Home is the id of this store, for runtime.Meta.Home. It never changes.
func (s *Store) Home() string { return s.home }

// Dir is the directory of this store.
func (s *Store) Dir() string { return s.dir }

// locked runs change while no other process or goroutine changes the store.
func (s *Store) locked(change func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.lock.Lock(); err != nil {
		return fmt.Errorf("lock store: %w", err)
	}
	err := change()
	if unlockErr := s.lock.Unlock(); err == nil && unlockErr != nil {
		return fmt.Errorf("unlock store: %w", unlockErr)
	}
	return err
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand, Go 1.24)
	return hex.EncodeToString(b)
}

func newUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}
