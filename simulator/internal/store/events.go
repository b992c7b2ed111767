package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
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

// Event is something to tell about a pod.
type Event struct {
	Warning bool
	// FieldPath is the container it is about, e.g. "spec.containers{app}";
	// empty for the pod.
	FieldPath string
	Reason    string
	Message   string
	// Component is the source; "" is the kubelet.
	Component string
	// Host is the node's name.
	Host string
	At   time.Time
}

// AppendEvents adds events about a pod. One that says the same of the same
// object as an earlier one counts on it, as the kubelet's recorder does; the
// API server's dropping of too many events is not imitated.
func (s *Store) AppendEvents(pod *v1.Pod, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	path, err := s.eventFile(pod.Namespace, pod.UID)
	if err != nil {
		return err
	}
	return s.locked(func() error {
		list, err := readEvents(path)
		if err != nil {
			list = nil // a damaged history is no reason to lose the present
		}
		list = fresh(list, events[len(events)-1].at())
		v, err := s.next()
		if err != nil {
			return err
		}
		for _, e := range events {
			list = record(list, pod, e, formatVersion(v))
		}
		if n := len(list) - maxEvents; n > 0 {
			list = list[n:]
		}
		if err := s.writeJSON(path, list, false); err != nil {
			return err
		}
		s.journal(Change{Version: v, Op: "modified", Kind: Events, Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID})
		return nil
	})
}

func (e Event) at() time.Time {
	if e.At.IsZero() {
		return time.Now()
	}
	return e.At
}

// record counts e on the event of the list that says the same, or appends it.
func record(list []v1.Event, pod *v1.Pod, e Event, version string) []v1.Event {
	fresh := e.event(pod)
	for i := range list {
		old := &list[i]
		if old.Type == fresh.Type && old.Reason == fresh.Reason && old.Message == fresh.Message &&
			old.Source == fresh.Source && old.InvolvedObject.FieldPath == fresh.InvolvedObject.FieldPath {
			old.Count++
			if fresh.LastTimestamp.After(old.LastTimestamp.Time) {
				old.LastTimestamp = fresh.LastTimestamp
			}
			old.ResourceVersion = version
			counted := *old
			return append(append(list[:i:i], list[i+1:]...), counted)
		}
	}
	fresh.ResourceVersion = version
	for n := 0; taken(list, fresh.Name); n++ {
		fresh.Name = fmt.Sprintf("%s.%x", pod.Name, e.at().UnixNano()+int64(n))
	}
	return append(list, fresh)
}

func taken(list []v1.Event, name string) bool {
	for i := range list {
		if list[i].Name == name {
			return true
		}
	}
	return false
}

// event makes the API's record of e.
func (e Event) event(pod *v1.Pod) v1.Event {
	at := metav1.NewTime(e.at().UTC().Truncate(time.Second))
	kind, component := v1.EventTypeNormal, e.Component
	if e.Warning {
		kind = v1.EventTypeWarning
	}
	if component == "" {
		component = "kubelet"
	}
	return v1.Event{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Event"},
		ObjectMeta: metav1.ObjectMeta{
			Name:              fmt.Sprintf("%s.%x", pod.Name, e.at().UnixNano()),
			Namespace:         pod.Namespace,
			UID:               types.UID(newUID()),
			CreationTimestamp: at,
		},
		InvolvedObject: v1.ObjectReference{
			Kind: "Pod", APIVersion: "v1", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID,
			ResourceVersion: pod.ResourceVersion, FieldPath: e.FieldPath,
		},
		Type: kind, Reason: e.Reason, Message: e.Message,
		Source:              v1.EventSource{Component: component, Host: e.Host},
		ReportingController: component,
		ReportingInstance:   e.Host,
		FirstTimestamp:      at, LastTimestamp: at, Count: 1,
	}
}

// EventFilter selects events; empty fields match everything.
type EventFilter struct {
	Namespace string
	// Pod and UID are the pod's that they are about.
	Pod string
	UID types.UID
}

// Events reads events, the oldest first (by when they happened last). With an
// error it still returns those that could be read.
func (s *Store) Events(f EventFilter) ([]v1.Event, error) {
	var out []v1.Event
	err := s.each(Events, f.Namespace, func(ns, uid string) error {
		if f.UID != "" && uid != string(f.UID) {
			return nil
		}
		list, err := readEvents(filepath.Join(s.folder(Events, ns), uid))
		for _, e := range fresh(list, time.Now()) {
			if f.Pod == "" || e.InvolvedObject.Name == f.Pod {
				out = append(out, e)
			}
		}
		return err
	})
	sort.SliceStable(out, func(i, j int) bool { return out[i].LastTimestamp.Before(&out[j].LastTimestamp) })
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
		if now.Sub(e.LastTimestamp.Time) < eventLife {
			out = append(out, e)
		}
	}
	return out
}

func (s *Store) eventFile(ns string, uid types.UID) (string, error) {
	if !safeName(ns) || !safeName(string(uid)) {
		return "", fmt.Errorf("keep events: no pod %q of namespace %q", string(uid), ns)
	}
	return filepath.Join(s.folder(Events, ns), string(uid)), nil
}

// pruneEvents removes the files nothing was added to for so long that all in
// them is too old; the store is locked.
func (s *Store) pruneEvents(now time.Time) {
	_ = s.each(Events, "", func(ns, uid string) error {
		path := filepath.Join(s.folder(Events, ns), uid)
		if info, err := os.Stat(path); err == nil && now.Sub(info.ModTime()) > eventLife {
			_ = os.Remove(path)
		}
		return nil
	})
}
