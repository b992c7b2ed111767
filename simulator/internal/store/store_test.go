package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pod(ns, name string) *Pod {
	return &Pod{Object: &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name},
		Spec:       v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "i"}}},
	}}
}

func mustCreate(t *testing.T, s *Store, p *Pod) *v1.Pod {
	t.Helper()
	if err := s.CreatePod(p); err != nil {
		t.Fatal(err)
	}
	return p.Object
}

func TestPodIsCreatedOnceAndReadBackPending(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := mustCreate(t, s, pod("default", "p"))
	if o.UID == "" || o.Generation != 1 || o.ResourceVersion == "" || o.CreationTimestamp.IsZero() {
		t.Errorf("metadata is not filled in: %+v", o.ObjectMeta)
	}
	got, err := s.Pod("default", "p")
	if err != nil {
		t.Fatal(err)
	}
	if got.Object.Status.Phase != v1.PodPending || got.Object.Kind != "Pod" {
		t.Errorf("got phase %q kind %q", got.Object.Status.Phase, got.Object.Kind)
	}
	err = s.CreatePod(pod("default", "p"))
	if !apierrors.IsAlreadyExists(err) || err.Error() != `pods "p" already exists` {
		t.Errorf("second create: %v", err)
	}
	_, err = s.UpdatePod("default", "p", func(p *Pod) error {
		at := metav1.Now()
		p.Object.DeletionTimestamp = &at
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreatePod(pod("default", "p")); err == nil || err.Error() != `object is being deleted: pods "p" already exists` {
		t.Errorf("create while deleted: %v", err)
	}
	if _, err := s.Pod("default", "q"); !apierrors.IsNotFound(err) || err.Error() != `pods "q" not found` {
		t.Errorf("missing pod: %v", err)
	}
	if _, err := s.Pod("..", "../p"); !apierrors.IsNotFound(err) {
		t.Errorf("a name that leads out of the store: %v", err)
	}
}

func TestUpdatePodCountsGenerations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		change     func(*Pod)
		generation int64
		written    bool
	}{
		{"nothing changed", func(*Pod) {}, 1, false},
		{"a status is not the wish's", func(p *Pod) { p.Object.Status.Phase = v1.PodRunning }, 1, false},
		{"a label is no change of the spec", func(p *Pod) { p.Object.Labels = map[string]string{"a": "b"} }, 1, true},
		{"an option", func(p *Pod) { p.Options.BackoffScale = 0.1 }, 1, true},
		{"the image", func(p *Pod) { p.Object.Spec.Containers[0].Image = "j" }, 2, true},
		{"deletion", func(p *Pod) { at := metav1.Now(); p.Object.DeletionTimestamp = &at }, 2, true},
		{"identity cannot be changed", func(p *Pod) { p.Object.UID, p.Object.Name = "x", "y" }, 1, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			o := mustCreate(t, s, pod("default", "p"))
			got, err := s.UpdatePod("default", "p", func(p *Pod) error { test.change(p); return nil })
			if err != nil {
				t.Fatal(err)
			}
			if got.Object.Generation != test.generation {
				t.Errorf("generation %d, want %d", got.Object.Generation, test.generation)
			}
			if written := got.Object.ResourceVersion != o.ResourceVersion; written != test.written {
				t.Errorf("written: %v, want %v", written, test.written)
			}
			if got.Object.UID != o.UID || got.Object.Name != "p" {
				t.Errorf("identity changed: %+v", got.Object.ObjectMeta)
			}
		})
	}
}

func TestUpdatePodKeepsTheStatus(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := mustCreate(t, s, pod("default", "p"))
	state := PodState{Status: v1.PodStatus{Phase: v1.PodRunning}, Memory: lifecycle.Memory{Sandboxes: 2}}
	if err := s.SetState("default", "p", string(o.UID), state); err != nil {
		t.Fatal(err)
	}
	p, err := s.UpdatePod("default", "p", func(p *Pod) error { p.Object.Labels = map[string]string{"a": "b"}; return nil })
	if err != nil || p.Object.Status.Phase != v1.PodRunning {
		t.Errorf("after update: %v, %v", p, err)
	}
	got, err := s.State("default", "p", string(o.UID))
	if err != nil || cmp.Diff(state, got) != "" {
		t.Errorf("state: %v %s", err, cmp.Diff(state, got))
	}
	if err := s.SetState("default", "p", "another", state); !apierrors.IsNotFound(err) {
		t.Errorf("state of another pod: %v", err)
	}
}

func TestVersionGrowsWithTheStatusAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := mustCreate(t, s, pod("default", "p"))
	version := func(state PodState) string {
		if err := s.SetState("default", "p", string(o.UID), state); err != nil {
			t.Fatal(err)
		}
		p, err := s.Pod("default", "p")
		if err != nil {
			t.Fatal(err)
		}
		return p.Version
	}
	state := PodState{Status: v1.PodStatus{Phase: v1.PodPending}}
	first := version(state)
	state.Memory.Sandboxes = 1
	if v := version(state); v != first {
		t.Errorf("memory alone made version %s of %s", v, first)
	}
	state.Status.Phase = v1.PodRunning
	if v := version(state); v == first {
		t.Errorf("another status left version %s", v)
	}
}

func TestStateOfAnOlderPodOfTheNameDoesNotCount(t *testing.T) {
	t.Parallel()
	s := open(t)
	o := mustCreate(t, s, pod("default", "p"))
	if err := s.RemovePod("default", "p", "somebody-else"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pod("default", "p"); err != nil {
		t.Fatalf("removed by another's uid: %v", err)
	}
	if err := s.SetState("default", "p", string(o.UID), PodState{Status: v1.PodStatus{Phase: v1.PodFailed}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.RemovePod("default", "p", string(o.UID)); err != nil {
			t.Fatal(err)
		}
	}
	n := mustCreate(t, s, pod("default", "p"))
	got, err := s.Pod("default", "p")
	if err != nil || n.UID == o.UID || got.Object.Status.Phase != v1.PodPending {
		t.Errorf("new pod: %+v %v", got, err)
	}
}

func TestPodsOfAStoreThatWasTakenAwayAreGone(t *testing.T) {
	t.Parallel()
	s := open(t)
	uid := string(mustCreate(t, s, pod("default", "p")).UID)
	if err := os.RemoveAll(s.Dir()); err != nil {
		t.Fatal(err)
	}
	if err := s.SetState("default", "p", uid, PodState{Writer: 1}); !apierrors.IsNotFound(err) {
		t.Errorf("write a state: %v", err)
	}
	if err := s.RemovePod("default", "p", uid); err != nil {
		t.Errorf("remove the pod: %v", err)
	}
	if _, err := os.Stat(s.Dir()); err == nil {
		t.Error("the store was made again")
	}
}

func TestEverythingIsPrivate(t *testing.T) {
	t.Parallel()
	s := open(t)
	mustCreate(t, s, pod("default", "p"))
	if err := s.Create(&v1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "s"}}); err != nil {
		t.Fatal(err)
	}
	release, _, err := s.Own("default", "p", "u")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	err = filepath.WalkDir(s.Dir(), func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWatchTellsEveryChangeOnceItWasMade(t *testing.T) {
	t.Parallel()
	s := open(t)
	other, err := Open(s.Dir()) // another process, as far as the store can tell
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes, err := s.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const n = 40
	go func() {
		for i := range n {
			if err := other.CreatePod(pod("later", fmt.Sprint("p", i))); err != nil {
				t.Error(err)
			}
		}
	}()
	seen := map[string]bool{}
	timeout := time.After(20 * time.Second)
	for len(seen) < n {
		select {
		case c := <-changes:
			if c.Kind == KindPod && c.Namespace == "later" && c.Op == "added" {
				seen[c.Name] = true
			}
		case <-timeout:
			t.Fatalf("saw %d of %d", len(seen), n)
		}
	}
	cancel()
	for range changes {
	}
}

func TestWatchGoesOnInANewJournal(t *testing.T) {
	t.Parallel()
	s := open(t)
	r, err := s.follow()
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	var want, got []string
	for i := range 3000 {
		name := fmt.Sprintf("%s-%d", strings.Repeat("x", 180), i)
		want = append(want, name)
		if v, err := s.next(); err != nil || v != uint64(i+1) {
			t.Fatal(v, err)
		}
		s.journal(Change{Version: uint64(i + 1), Op: "added", Kind: KindConfigMap, Name: name})
		if i%700 == 0 {
			for _, c := range r.changes() {
				got = append(got, c.Name)
			}
		}
	}
	for _, c := range r.changes() {
		got = append(got, c.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes lost or doubled: %.500s", diff)
	}
}

func TestWhoeverSeesAVersionSeesItsChange(t *testing.T) {
	t.Parallel()
	s := open(t)
	const n = 300
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range n {
			if err := s.CreatePod(pod("default", fmt.Sprint("p", i))); err != nil {
				t.Error(err)
			}
		}
	}()
	defer func() { <-written }()
	deadline := time.Now().Add(30 * time.Second)
	for v := uint64(0); v < n && time.Now().Before(deadline); {
		var err error
		if v, err = s.Version(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Pod("default", fmt.Sprint("p", int(v)-1)); v > 0 && err != nil {
			t.Fatalf("version %d is there, its pod is not: %v", v, err)
		}
	}
}
