package store

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watch tells every change made after it returned, by whichever process. A
// reader that is slow gets several changes of one object as one; writers never
// wait. The channel is closed when ctx ends.
func (s *Store) Watch(ctx context.Context) (<-chan Change, error) {
	var r *reader
	wake, remove := s.subs.add()
	notify := s.notifier()
	err := s.locked(func() (err error) {
		r, err = s.follow()
		return err
	})
	if err != nil {
		remove()
		notify.close()
		return nil, fmt.Errorf("watch store: %w", err)
	}
	out := make(chan Change)
	go func() {
		defer close(out)
		defer remove()
		defer notify.close()
		defer r.close()
		w := watch{reader: r, notify: notify, wake: wake, poll: s.opts.Poll, out: out}
		w.run(ctx)
	}()
	return out, nil
}

// watch is one running Watch; its goroutine alone touches it.
type watch struct {
	reader  *reader
	notify  notifier
	wake    <-chan struct{}
	poll    time.Duration
	out     chan<- Change
	pending []Change
}

func (w *watch) run(ctx context.Context) {
	tick := time.NewTicker(w.poll)
	defer tick.Stop()
	var lagging bool
	for {
		var send chan<- Change
		var first Change
		if len(w.pending) > 0 {
			send, first = w.out, w.pending[0]
		}
		select {
		case <-ctx.Done():
			return
		case send <- first:
			w.pending = w.pending[1:]
			continue
		case <-w.wake:
		case <-w.notify.events():
		case <-w.notify.errors():
		case <-tick.C:
			w.add(w.reader.changes())
			// A writer between version and journal is not one that died: only a
			// lag that lasts from one tick to the next is.
			if lagging {
				w.add(w.reader.missed())
			}
			v, err := w.reader.store.Version()
			lagging = err == nil && v > w.reader.last
			continue
		}
		w.add(w.reader.changes())
	}
}

// add queues changes, merging those of one object.
func (w *watch) add(changes []Change) {
	for _, c := range changes {
		at := -1
		for i, p := range w.pending {
			if p.Kind == c.Kind && p.Namespace == c.Namespace && p.Name == c.Name {
				at = i
				break
			}
		}
		if at < 0 {
			w.pending = append(w.pending, c)
			continue
		}
		w.pending[at] = c
	}
}

// notifier is the file system's word that the journal grew; the zero value
// never says anything.
type notifier struct{ w *fsnotify.Watcher }

// notifier watches the journal's directory. Where that cannot be done (limits
// of the machine, a network file system) polling remains.
func (s *Store) notifier() notifier {
	if s.opts.NoNotify {
		return notifier{}
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return notifier{}
	}
	if err := w.Add(filepath.Join(s.dir, "changes")); err != nil {
		_ = w.Close()
		return notifier{}
	}
	return notifier{w: w}
}

func (n notifier) events() <-chan fsnotify.Event {
	if n.w == nil {
		return nil
	}
	return n.w.Events
}

func (n notifier) errors() <-chan error {
	if n.w == nil {
		return nil
	}
	return n.w.Errors
}

func (n notifier) close() {
	if n.w != nil {
		_ = n.w.Close()
	}
}
