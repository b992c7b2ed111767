package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// eventLife is how long an event is kept after it happened last, as an API
	// server's --event-ttl.
	eventLife = time.Hour
	// maxEvents bounds the events kept about one pod; the oldest go.
	maxEvents = 400
)

// AppendEvents adds events about a pod: type, reason, message, source, times
// and the involved object's field path are the caller's, the rest is filled
// in. One that says the same of the same object as an earlier one counts on it,
// as the kubelet's recorder does; its dropping of too many events is not
// imitated.
func (s *Store) AppendEvents(pod *v1.Pod, events ...v1.Event) error {
	if len(events) == 0 {
		return nil
	}
	path, err := s.eventFile(pod.Namespace, string(pod.UID))
	if err != nil {
		return err
	}
	return s.locked(func() error {
		list, err := readEvents(path)
		if err != nil {
			list = nil // a damaged history is no reason to lose the present
		}
		list = fresh(list, time.Now())
		v, err := s.next()
		if err != nil {
			return err
		}
		for _, e := range events {
			list = record(list, complete(e, pod, formatVersion(v)))
		}
		if n := len(list) - maxEvents; n > 0 {
			list = list[n:]
		}
		if err := s.writeJSON(path, list, false); err != nil {
			return err
		}
		s.journal(Change{Version: v, Op: "modified", Kind: KindEvent, Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID})
		return nil
	})
}

// record counts e on the event of the list that says the same, or appends it.
func record(list []v1.Event, e v1.Event) []v1.Event {
	for i := range list {
		if old := list[i]; says(&old, &e) {
			old.Count += e.Count
			old.Series = series(&old, &e)
			if e.LastTimestamp.After(old.LastTimestamp.Time) {
				old.LastTimestamp = e.LastTimestamp
			}
			old.ResourceVersion = e.ResourceVersion
			return append(append(list[:i:i], list[i+1:]...), old)
		}
	}
	at := Happened(&e)
	for n := int64(1); taken(list, e.Name); n++ {
		e.Name = fmt.Sprintf("%s.%x", e.InvolvedObject.Name, at.UnixNano()+n)
	}
	e.FirstTimestamp, e.LastTimestamp = seconds(e.FirstTimestamp), seconds(e.LastTimestamp)
	e.CreationTimestamp = seconds(metav1.NewTime(at))
	return append(list, e)
}

// Happened is when an event happened last. One of the newer API, as schedulers
// write them, has one time alone.
func Happened(e *v1.Event) time.Time {
	switch {
	case e.Series != nil:
		return e.Series.LastObservedTime.Time
	case e.LastTimestamp.IsZero():
		return e.EventTime.Time
	}
	return e.LastTimestamp.Time
}

// series counts another event of the newer API on an old one.
func series(old, e *v1.Event) *v1.EventSeries {
	switch {
	case e.EventTime.IsZero():
		return nil
	case old.Series == nil:
		return &v1.EventSeries{Count: 2, LastObservedTime: e.EventTime}
	}
	return &v1.EventSeries{Count: old.Series.Count + 1, LastObservedTime: e.EventTime}
}

// SortEvents puts events in the order of when they happened last, in whole
// seconds: not every event knows more.
func SortEvents(events []v1.Event) {
	slices.SortStableFunc(events, func(a, b v1.Event) int {
		return Happened(&a).Truncate(time.Second).Compare(Happened(&b).Truncate(time.Second))
	})
}

// says tells whether two events say the same of the same object.
func says(a, b *v1.Event) bool {
	return a.Type == b.Type && a.Reason == b.Reason && a.Message == b.Message && a.Source == b.Source &&
		a.InvolvedObject.FieldPath == b.InvolvedObject.FieldPath
}

func taken(list []v1.Event, name string) bool {
	for i := range list {
		if list[i].Name == name {
			return true
		}
	}
	return false
}

// complete gives an event what the recorder and the API server would.
func complete(e v1.Event, pod *v1.Pod, version string) v1.Event {
	e.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: string(KindEvent)}
	path := e.InvolvedObject.FieldPath
	e.InvolvedObject = v1.ObjectReference{
		APIVersion: "v1", Kind: string(KindPod), Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID,
		ResourceVersion: pod.ResourceVersion, FieldPath: path,
	}
	if e.EventTime.IsZero() {
		e = counted(e)
	}
	if e.Type == "" {
		e.Type = v1.EventTypeNormal
	}
	e.Namespace, e.ResourceVersion, e.UID = pod.Namespace, version, types.UID(newUID())
	e.Name = fmt.Sprintf("%s.%x", pod.Name, Happened(&e).UnixNano())
	return e
}

// counted fills in the times and the count of an event of the kubelet's kind.
func counted(e v1.Event) v1.Event {
	if e.LastTimestamp.IsZero() {
		e.LastTimestamp = metav1.Now()
	}
	if e.FirstTimestamp.IsZero() {
		e.FirstTimestamp = e.LastTimestamp
	}
	e.Count = max(e.Count, 1)
	return e
}

// seconds cuts a time as the API writes it.
func seconds(t metav1.Time) metav1.Time { return metav1.NewTime(t.UTC().Truncate(time.Second)) }

// Events reads the events of a namespace or of all (""), the oldest first (by
// when they happened last). With an error it still returns those that could be
// read.
func (s *Store) Events(ns string) ([]v1.Event, error) {
	var out []v1.Event
	err := s.each(KindEvent, ns, func(ns, uid string) error {
		list, err := readEvents(filepath.Join(s.folder(KindEvent, ns), uid))
		out = append(out, fresh(list, time.Now())...)
		return err
	})
	SortEvents(out)
	return out, err
}

func readEvents(path string) ([]v1.Event, error) {
	var list []v1.Event
	err := readJSON(path, &list)
	var corrupt *CorruptError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &corrupt) && corrupt.empty {
		return nil, nil
	}
	return list, err
}

// fresh leaves out what is too old.
func fresh(list []v1.Event, now time.Time) []v1.Event {
	out := list[:0:0]
	for _, e := range list {
		if now.Sub(Happened(&e)) < eventLife {
			out = append(out, e)
		}
	}
	return out
}

func (s *Store) eventFile(ns, uid string) (string, error) {
	if !safeName(ns) || !safeName(uid) {
		return "", fmt.Errorf("keep events: no pod %q of namespace %q", uid, ns)
	}
	return filepath.Join(s.folder(KindEvent, ns), uid), nil
}

// pruneEvents removes the files nothing was added to for so long that all in
// them is too old; the store is locked.
func (s *Store) pruneEvents(now time.Time) {
	_ = s.each(KindEvent, "", func(ns, uid string) error {
		path := filepath.Join(s.folder(KindEvent, ns), uid)
		if info, err := os.Stat(path); err == nil && now.Sub(info.ModTime()) > eventLife {
			_ = os.Remove(path)
		}
		return nil
	})
}
