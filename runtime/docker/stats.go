package docker

import (
	"context"
	"encoding/json"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// Stats reads one sample, without the second that the engine would take to
// compare two.
func (e *Engine) Stats(ctx context.Context, id runtime.ContainerID) (runtime.Stats, error) {
	answer, err := e.cli.ContainerStatsOneShot(ctx, string(id))
	if err != nil {
		return runtime.Stats{}, classify(err)
	}
	defer answer.Body.Close()
	var s container.StatsResponse
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		return runtime.Stats{}, classify(err)
	}
	if s.Read.Year() <= 1 {
		return runtime.Stats{}, &engineError{class: runtime.ErrConflict, text: "container " + string(id) + " is not running"}
	}
	return toStats(s), nil
}

func toStats(s container.StatsResponse) runtime.Stats {
	return runtime.Stats{
		Time:        s.Read,
		CPU:         time.Duration(s.CPUStats.CPUUsage.TotalUsage),
		Memory:      workingSet(s.MemoryStats),
		MemoryPeak:  int64(s.MemoryStats.MaxUsage),
		MemoryLimit: int64(s.MemoryStats.Limit),
		PIDs:        int64(s.PidsStats.Current),
		Throttled:   time.Duration(s.CPUStats.ThrottlingData.ThrottledTime),
	}
}

// workingSet is the usage less the cache the kernel would drop first, as the
// kubelet counts it. The name differs between cgroup v1 and v2.
func workingSet(m container.MemoryStats) int64 {
	inactive, ok := m.Stats["total_inactive_file"]
	if !ok {
		inactive = m.Stats["inactive_file"]
	}
	if inactive > m.Usage {
		return 0
	}
	return int64(m.Usage - inactive)
}

// DiskUsage walks the writable layer, which may take a while.
func (e *Engine) DiskUsage(ctx context.Context, id runtime.ContainerID) (int64, error) {
	answer, _, err := e.cli.ContainerInspectWithRaw(ctx, string(id), true)
	if err != nil {
		return 0, classify(err)
	}
	if answer.SizeRw == nil {
		return 0, nil
	}
	return *answer.SizeRw, nil
}
