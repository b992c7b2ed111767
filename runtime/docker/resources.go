package docker

import (
	"context"
	"math"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// UpdateResources changes the limits of a running container. Docker takes a
// zero for "as before", so that a limit that goes is lifted by its word for
// "none".
func (e *Engine) UpdateResources(ctx context.Context, id runtime.ContainerID, r runtime.Resources) error {
	res := toResources(r)
	res.DeviceRequests = nil
	if res.Memory == 0 {
		res.Memory, res.MemorySwap = noMemoryLimit, noMemoryLimit
	}
	if res.CPUQuota == 0 {
		res.CPUQuota, res.CPUPeriod = -1, 0
	}
	if res.CPUShares == 0 {
		res.CPUShares = defaultShares
	}
	if res.PidsLimit == nil {
		unlimited := int64(-1)
		res.PidsLimit = &unlimited
	}
	_, err := e.cli.ContainerUpdate(ctx, string(id), container.UpdateConfig{Resources: res})
	return classify(err)
}

// noMemoryLimit is the most a cgroup can have. The engine takes -1 for too
// little memory, and does not pass it on for swap.
const noMemoryLimit = math.MaxInt64 &^ 4095

// defaultShares is what a cgroup has of itself.
const defaultShares = 1024

func toResources(r runtime.Resources) container.Resources {
	out := container.Resources{
		CPUShares:  r.CPUShares,
		CPUQuota:   r.CPUQuota,
		CPUPeriod:  r.CPUPeriod,
		Memory:     r.Memory,
		MemorySwap: r.MemorySwap,
	}
	if r.PIDs != 0 {
		pids := r.PIDs
		out.PidsLimit = &pids
	}
	if r.GPUs != 0 {
		out.DeviceRequests = []container.DeviceRequest{{Count: r.GPUs, Capabilities: [][]string{{"gpu"}}}}
	}
	return out
}

func fromResources(r container.Resources) runtime.Resources {
	out := runtime.Resources{
		CPUShares:  r.CPUShares,
		CPUQuota:   max(r.CPUQuota, 0),
		CPUPeriod:  r.CPUPeriod,
		Memory:     max(r.Memory, 0),
		MemorySwap: max(r.MemorySwap, 0),
	}
	if out.Memory >= noMemoryLimit {
		out.Memory, out.MemorySwap = 0, 0
	}
	if r.PidsLimit != nil {
		out.PIDs = max(*r.PidsLimit, 0)
	}
	for _, d := range r.DeviceRequests {
		out.GPUs += d.Count
	}
	return out
}
