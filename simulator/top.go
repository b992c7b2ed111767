package simulator

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// Usage is what a container uses now.
type Usage struct {
	// CPU in thousandths of a core, over the sample's window.
	MilliCPU int64
	// Memory is the working set in bytes.
	Memory int64
	// MemoryLimit, 0 without one; MemoryPeak when the engine knows it.
	MemoryLimit, MemoryPeak int64
	PIDs                    int64
}

// PodUsage is what a pod's running containers use.
type PodUsage struct {
	Namespace, Name string
	Containers      []ContainerUsage
	Total           Usage
}

// ContainerUsage is one container's.
type ContainerUsage struct {
	Name string
	Usage
}

// topWindow is the time over which CPU is measured.
const topWindow = time.Second

// Top samples what running pods use. CPU is measured over about a second. Pods
// without a running container are left out.
func (s *Simulator) Top(ctx context.Context, o ListOptions) ([]PodUsage, error) {
	pods, err := s.PodList(ctx, o)
	if err != nil {
		return nil, err
	}
	all, err := s.engine.ListContainers(ctx, runtime.Filter{Home: s.store.Home()})
	if err != nil {
		return nil, err
	}
	running := map[string][]runtime.Container{}
	for _, c := range all {
		if c.State == runtime.StateRunning && c.Meta.Container != "" {
			running[c.Meta.Pod.UID] = append(running[c.Meta.Pod.UID], c)
		}
	}
	usages := make([]*PodUsage, len(pods))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for i, pod := range pods {
		group.Go(func() error {
			u, err := s.usage(ctx, pod, running[string(pod.UID)])
			usages[i] = u
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var out []PodUsage
	for _, u := range usages {
		if u != nil {
			out = append(out, *u)
		}
	}
	return out, nil
}

// usage measures one pod; nil when none of its containers runs.
func (s *Simulator) usage(ctx context.Context, pod *v1.Pod, containers []runtime.Container) (*PodUsage, error) {
	u := &PodUsage{Namespace: pod.Namespace, Name: pod.Name}
	found := make([]*ContainerUsage, len(containers))
	group, ctx := errgroup.WithContext(ctx)
	for i, c := range containers {
		group.Go(func() error {
			one, err := s.sample(ctx, c.ID)
			if errors.Is(err, runtime.ErrNotFound) || errors.Is(err, runtime.ErrConflict) {
				return nil // it ended meanwhile
			}
			found[i] = &ContainerUsage{Name: c.Meta.Container, Usage: one}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, name := range ContainerNames(pod) {
		for _, c := range found {
			if c == nil || c.Name != name {
				continue
			}
			u.Containers = append(u.Containers, *c)
			u.Total.add(c.Usage)
		}
	}
	if len(u.Containers) == 0 {
		return nil, nil
	}
	return u, nil
}

func (u *Usage) add(v Usage) {
	u.MilliCPU += v.MilliCPU
	u.Memory += v.Memory
	u.MemoryLimit += v.MemoryLimit
	u.MemoryPeak += v.MemoryPeak
	u.PIDs += v.PIDs
}

// sample measures one container.
func (s *Simulator) sample(ctx context.Context, id runtime.ContainerID) (Usage, error) {
	first, err := s.engine.Stats(ctx, id)
	if err != nil {
		return Usage{}, err
	}
	timer := time.NewTimer(topWindow)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return Usage{}, ctx.Err()
	}
	second, err := s.engine.Stats(ctx, id)
	if err != nil {
		return Usage{}, err
	}
	u := Usage{Memory: second.Memory, MemoryLimit: second.MemoryLimit, MemoryPeak: second.MemoryPeak, PIDs: second.PIDs}
	if window := second.Time.Sub(first.Time); window > 0 && second.CPU > first.CPU {
		u.MilliCPU = int64((second.CPU - first.CPU) * 1000 / window)
	}
	return u, nil
}
