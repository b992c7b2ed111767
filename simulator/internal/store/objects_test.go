package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func configMap(name string, data ...string) *v1.ConfigMap {
	cm := &v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Data: map[string]string{}}
	for i := 0; i+1 < len(data); i += 2 {
		cm.Data[data[i]] = data[i+1]
	}
	return cm
}

// put writes the content of a ConfigMap over that of its name.
func put(s *Store, cm *v1.ConfigMap) (*v1.ConfigMap, error) {
	o, err := s.Update(KindConfigMap, cm.Namespace, cm.Name, func(o Object) error {
		*o.(*v1.ConfigMap) = *cm
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o.(*v1.ConfigMap), nil
}

func TestObjectKeepsItsIdentityThroughAnUpdate(t *testing.T) {
	t.Parallel()
	s := open(t)
	long := strings.Repeat("a", 253)
	first := configMap(long, "k", "1")
	if err := s.Create(first); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(configMap(long)); !apierrors.IsAlreadyExists(err) {
		t.Errorf("created twice: %v", err)
	}
	second, err := put(s, configMap(long, "k", "2"))
	if err != nil {
		t.Fatal(err)
	}
	if second.UID != first.UID || !second.CreationTimestamp.Equal(&first.CreationTimestamp) || second.ResourceVersion == first.ResourceVersion {
		t.Errorf("first %+v, then %+v", first.ObjectMeta, second.ObjectMeta)
	}
	same, err := put(s, configMap(long, "k", "2"))
	if err != nil || same.ResourceVersion != second.ResourceVersion {
		t.Errorf("the same again was written: %v %v", same.ResourceVersion, err)
	}
	o, err := s.Get(KindConfigMap, "default", long)
	if got, ok := o.(*v1.ConfigMap); err != nil || !ok || got.Data["k"] != "2" || got.Kind != "ConfigMap" {
		t.Errorf("read %+v %v", o, err)
	}
}

func TestLostRacesAreConflicts(t *testing.T) {
	t.Parallel()
	s := open(t)
	cm := configMap("c")
	if err := s.Create(cm); err != nil {
		t.Fatal(err)
	}
	stale := cm.DeepCopy()
	cm.Data = map[string]string{"k": "v"}
	if _, err := put(s, cm); err != nil {
		t.Fatal(err)
	}
	stale.Data = map[string]string{"k": "other"}
	want := `Operation cannot be fulfilled on configmaps "c": the object has been modified; please apply your changes to the latest version and try again`
	if _, err := put(s, stale); !apierrors.IsConflict(err) || err.Error() != want {
		t.Errorf("stale: %v", err)
	}
	if err := s.Delete(KindConfigMap, "default", "c", "another"); !apierrors.IsConflict(err) {
		t.Errorf("delete of another's uid: %v", err)
	}
	if err := s.Delete(KindConfigMap, "default", "c", string(cm.UID)); err != nil {
		t.Error(err)
	}
	if err := s.Delete(KindConfigMap, "default", "c", ""); !apierrors.IsNotFound(err) || err.Error() != `configmaps "c" not found` {
		t.Errorf("delete again: %v", err)
	}
}

func TestListIsOrderedAndKnowsNamespaces(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, name := range []string{"b", "a"} {
		for _, ns := range []string{"two", "one"} {
			if err := s.Create(&v1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Create(&v1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "v"}}); err != nil {
		t.Fatal(err)
	}
	read := func(kind Kind, ns string) (out []string) {
		list, err := s.List(kind, ns)
		if err != nil {
			t.Error(err)
		}
		for _, o := range list {
			out = append(out, o.GetNamespace()+"/"+o.GetName())
		}
		return out
	}
	for _, test := range []struct {
		kind Kind
		ns   string
		want []string
	}{
		{KindSecret, "", []string{"one/a", "one/b", "two/a", "two/b"}},
		{KindSecret, "two", []string{"two/a", "two/b"}},
		{KindSecret, "three", nil},
		{KindSecret, "..", nil},
		{KindVolume, "one", []string{"/v"}},
	} {
		if diff := cmp.Diff(test.want, read(test.kind, test.ns)); diff != "" {
			t.Errorf("%s in %q: %s", test.kind, test.ns, diff)
		}
	}
}

func TestEventsOfTheSameWordsAreCounted(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := mustCreate(t, s, pod("default", "p"))
	start := time.Now().Add(-time.Minute).Truncate(time.Second)
	event := func(reason, container string, after int) v1.Event {
		at := metav1.NewTime(start.Add(time.Duration(after) * time.Second))
		return v1.Event{
			Reason: reason, Message: "m", Type: v1.EventTypeNormal, FirstTimestamp: at, LastTimestamp: at,
			InvolvedObject: v1.ObjectReference{FieldPath: "spec.containers{" + container + "}"},
			Source:         v1.EventSource{Component: "kubelet"},
		}
	}
	for _, e := range []v1.Event{event("Pulled", "a", 0), event("Started", "a", 1), event("Pulled", "b", 2), event("Pulled", "a", 3)} {
		if err := s.AppendEvents(o, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.RemovePod("default", "p", string(o.UID)); err != nil {
		t.Fatal(err)
	}
	events, err := s.Events("default")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	names := map[string]bool{}
	for _, e := range events {
		names[e.Name] = true
		got = append(got, fmt.Sprintf("%s %s x%d %v..%v", e.Reason, e.InvolvedObject.FieldPath, e.Count, e.FirstTimestamp.Sub(start), e.LastTimestamp.Sub(start)))
	}
	want := []string{"Started spec.containers{a} x1 1s..1s", "Pulled spec.containers{b} x1 2s..2s", "Pulled spec.containers{a} x2 0s..3s"}
	if diff := cmp.Diff(want, got); diff != "" || len(names) != 3 {
		t.Errorf("names %v\n%s", names, diff)
	}
}

func TestEventsAreBoundedAndGoWithTime(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := mustCreate(t, s, pod("default", "p"))
	var many []v1.Event
	for i := range maxEvents + 50 {
		many = append(many, v1.Event{Reason: "R", Message: fmt.Sprint(i)})
	}
	old := metav1.NewTime(time.Now().Add(-eventLife))
	if err := s.AppendEvents(o, v1.Event{Reason: "Old", FirstTimestamp: old, LastTimestamp: old}); err != nil {
		t.Fatal(err)
	}
	if events, err := s.Events(""); len(events) != 0 || err != nil {
		t.Errorf("old events: %v %v", events, err)
	}
	if err := s.AppendEvents(o, many...); err != nil {
		t.Fatal(err)
	}
	events, err := s.Events("default")
	if err != nil || len(events) != maxEvents || events[len(events)-1].Message != fmt.Sprint(maxEvents+49) {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func TestEventOfTheNewerAPIHasOneTimeAndNoCount(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := mustCreate(t, s, pod("default", "p"))
	at := metav1.NewMicroTime(time.Now())
	if err := s.AppendEvents(o, v1.Event{Reason: "Scheduled", EventTime: at}, v1.Event{Reason: "Started"}); err != nil {
		t.Fatal(err)
	}
	events, err := s.Events("default")
	if err != nil || len(events) != 2 {
		t.Fatalf("%v %v", events, err)
	}
	e := events[0]
	if e.Reason != "Scheduled" || e.Count != 0 || !e.FirstTimestamp.IsZero() || !e.LastTimestamp.IsZero() || !e.EventTime.Time.Equal(at.Truncate(time.Microsecond)) {
		t.Errorf("got %+v", e)
	}
}
