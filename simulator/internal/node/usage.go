package node

import (
	"context"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// measured says what of the pod's local storage has a limit: only that is
// measured, since measuring walks directories.
type measured struct {
	volumes    map[string]string // pod volume name -> path in the sandbox
	containers map[string]runtime.ContainerID
}

func (w *worker) limited() measured {
	m := measured{volumes: map[string]string{}, containers: map[string]runtime.ContainerID{}}
	spec := &w.pod.Object.Spec
	podLimit := false
	for _, c := range spec.Containers {
		if _, ok := c.Resources.Limits[v1.ResourceEphemeralStorage]; !ok {
			continue
		}
		podLimit = true
		if i := w.containers[c.Name].newest(); i != nil && i.State == lifecycle.Running {
			m.containers[c.Name] = i.id
		}
	}
	for _, v := range w.volumes.list {
		if v.Source != config.SourceEmptyDir || v.Engine.Memory {
			continue
		}
		if v.SizeLimit > 0 || podLimit {
			m.volumes[v.Name] = v.Path
		}
	}
	return m
}

// measure reads how much local storage is used, in the rhythm of the node,
// for pods that limit it. It returns when it wants to be called again.
func (w *worker) measure() time.Time {
	if w.sandbox.state != lifecycle.SandboxReady || w.measuring {
		return time.Time{}
	}
	m := w.limited()
	if len(m.volumes)+len(m.containers) == 0 {
		return time.Time{}
	}
	if time.Now().Before(w.measureAt) {
		return w.measureAt
	}
	w.measuring = true
	tunnel := w.tunnel()
	w.task(func(ctx context.Context) func() {
		u := lifecycle.Usage{Volumes: map[string]int64{}, Containers: map[string]int64{}}
		for name, path := range m.volumes {
			if n, err := tunnel.Measure(ctx, path); err == nil {
				u.Volumes[name] = n.Bytes
			}
		}
		for name, id := range m.containers {
			if n, err := w.n.Engine.DiskUsage(ctx, id); err == nil {
				u.Containers[name] = n
			}
		}
		return func() {
			w.usage, w.measuring = u, false
			w.measureAt = time.Now().Add(w.n.Timing.Measure)
		}
	})
	return time.Time{}
}
