package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// journalSize is how long the journal grows before a new one is begun. Readers
// finish the old one first.
const journalSize = 256 << 10

// Change says that something in the store changed.
type Change struct {
	// Version is the resourceVersion of the change.
	Version uint64 `json:"v"`
	// Op is "added", "modified", "status" or "deleted"; of several changes that
	// were merged, the last.
	Op string `json:"op"`
	// Kind is empty when changes were missed: look at everything again.
	Kind      Kind      `json:"kind"`
	Namespace string    `json:"ns,omitempty"`
	Name      string    `json:"name"`
	UID       types.UID `json:"uid,omitempty"`
}

func (s *Store) journalFile() string { return filepath.Join(s.dir, "changes", "journal") }

// journal tells watchers of a change that was made; the store is locked. A
// line that cannot be written is no failure of the change: watchers notice by
// the version that they missed one.
func (s *Store) journal(c Change) {
	defer s.subs.wake()
	_ = s.made(c.Version) // the line below tells it too
	line, err := json.Marshal(c)
	if err != nil {
		return
	}
	f, err := os.OpenFile(s.journalFile(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, fileMode)
	if err != nil {
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > journalSize {
		_ = os.Rename(s.journalFile(), s.journalFile()+".old")
		if fresh, err := os.OpenFile(s.journalFile(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, fileMode); err == nil {
			defer fresh.Close()
			f = fresh
		}
	}
	_, _ = f.Write(append(line, '\n'))
}

// reader follows the journal.
type reader struct {
	store *Store
	file  *os.File
	last  uint64 // the version of the last change seen
	part  []byte // a line whose end was not there yet
}

// follow opens the journal at its end; the store is locked, so that nothing
// falls between.
func (s *Store) follow() (*reader, error) {
	f, err := os.OpenFile(s.journalFile(), os.O_RDONLY|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekEnd); err != nil {
		_ = f.Close()
		return nil, err
	}
	v, err := s.Version()
	var corrupt *CorruptError
	if err != nil && !errors.As(err, &corrupt) {
		_ = f.Close()
		return nil, err
	}
	return &reader{store: s, file: f, last: v}, nil
}

func (r *reader) close() { _ = r.file.Close() }

// changes reads what is new, in order. A gap in the versions becomes a Change
// without a kind.
func (r *reader) changes() []Change {
	out := r.drain()
	for range 4 {
		if r.newest() {
			return out
		}
		out = append(out, r.drain()...) // what came before the journal was put aside
		f, err := os.Open(r.store.journalFile())
		if err != nil {
			return out
		}
		r.close()
		r.file, r.part = f, nil
		out = append(out, r.drain()...)
	}
	return out
}

// newest tells whether the open file still is the journal.
func (r *reader) newest() bool {
	mine, err := r.file.Stat()
	if err != nil {
		return true
	}
	there, err := os.Stat(r.store.journalFile())
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	return err != nil || os.SameFile(mine, there)
}

func (r *reader) drain() []Change {
	data, err := io.ReadAll(bufio.NewReader(r.file))
	if err != nil && len(data) == 0 {
		return nil
	}
	data = append(r.part, data...)
	var out []Change
	for {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			break
		}
		data = rest
		var c Change
		if json.Unmarshal(line, &c) != nil {
			continue // the gap that it leaves is noticed
		}
		if c.Version > r.last+1 {
			out = append(out, Change{Version: c.Version})
		}
		r.last = max(r.last, c.Version)
		out = append(out, c)
	}
	r.part = bytes.Clone(data)
	return out
}

// missed tells of changes that the version knows and the journal does not: a
// writer died, or its disk is full.
func (r *reader) missed() []Change {
	v, err := r.store.Version()
	if err != nil || v <= r.last {
		return nil
	}
	r.last = v
	return []Change{{Version: v}}
}

// subscribers are the watches of this Store.
type subscribers struct {
	mu   sync.Mutex
	next int
	all  map[int]chan struct{}
}

func (s *subscribers) add() (wake <-chan struct{}, remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = make(map[int]chan struct{})
	}
	id := s.next
	s.next++
	ch := make(chan struct{}, 1)
	s.all[id] = ch
	return ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, id)
	}
}

func (s *subscribers) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ch := range s.all {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
