package simulator

import "context"

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
	Labels          map[string]string
	Containers      []ContainerUsage
	Total           Usage
}

// ContainerUsage is one container's.
type ContainerUsage struct {
	Name string
	Usage
}

// Top samples what running pods use. CPU is measured over about a second.
func (s *Simulator) Top(ctx context.Context, o ListOptions) ([]PodUsage, error) { return nil, errTODO }
