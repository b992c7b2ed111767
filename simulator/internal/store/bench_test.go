package store

import (
	"fmt"
	"path/filepath"
	"testing"

	v1 "k8s.io/api/core/v1"
)

func BenchmarkStore(b *testing.B) {
	s, err := Open(filepath.Join(b.TempDir(), "store"))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 50 {
		if err := s.CreatePod(pod("default", fmt.Sprint("p", i))); err != nil {
			b.Fatal(err)
		}
	}
	p, err := s.Pod("default", "p0")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("create and remove a pod", func(b *testing.B) {
		for b.Loop() {
			n := pod("default", "new")
			if err := s.CreatePod(n); err != nil {
				b.Fatal(err)
			}
			if err := s.RemovePod("default", "new", string(n.Object.UID)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write a state", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			state := PodState{Status: v1.PodStatus{Phase: v1.PodRunning, Message: fmt.Sprint(i)}}
			if err := s.SetState("default", "p0", string(p.Object.UID), state); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("append an event", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if err := s.AppendEvents(p.Object, v1.Event{Reason: "R", Message: fmt.Sprint(i % 20)}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list 50 pods", func(b *testing.B) {
		for b.Loop() {
			if pods, err := s.Pods(""); err != nil || len(pods) != 50 {
				b.Fatal(err)
			}
		}
	})
	b.Run("look at the version", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Version(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
