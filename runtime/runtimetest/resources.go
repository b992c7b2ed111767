package runtimetest

import "github.com/podsim/podsim/runtime"

func resourceCases() []testCase {
	return []testCase{
		{"limits of a running container change", resourcesChange},
		{"a running container has usage", statsRunning},
		{"a container that does not run has no usage", statsIdle},
		{"the writable layer has a size", diskUsage},
	}
}

func resourcesChange(w *world) {
	s := w.spec("app", Program{Wait: true})
	s.Resources = runtime.Resources{CPUShares: 512, CPUQuota: 20000, CPUPeriod: 100000, Memory: 64 << 20, MemorySwap: 64 << 20}
	id := w.start(s)
	want := runtime.Resources{CPUShares: 256, CPUQuota: 50000, CPUPeriod: 100000, Memory: 128 << 20, MemorySwap: 128 << 20}
	w.must(w.Engine.UpdateResources(w.ctx, id, want), "update")
	w.same("resources", want, w.container(id).Resources)
	w.must(w.Engine.UpdateResources(w.ctx, id, runtime.Resources{}), "lift all limits")
	if got := w.container(id).Resources; got.Memory != 0 || got.MemorySwap != 0 || got.CPUQuota != 0 || got.PIDs != 0 {
		w.Errorf("limits left: %+v", got)
	}
}

func statsRunning(w *world) {
	s := w.spec("app", Program{Wait: true})
	s.Resources = runtime.Resources{Memory: 64 << 20, MemorySwap: 64 << 20}
	id := w.start(s)
	got, err := w.Engine.Stats(w.ctx, id)
	w.must(err, "stats")
	if got.Time.IsZero() || got.Memory <= 0 || got.MemoryLimit != 64<<20 || got.PIDs < 1 {
		w.Errorf("stats %+v", got)
	}
}

func statsIdle(w *world) {
	id := w.create(w.spec("app", Program{}))
	_, err := w.Engine.Stats(w.ctx, id)
	w.wantClass("stats of a created container", err, runtime.ErrConflict)
}

func diskUsage(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	body := string(make([]byte, 100<<10))
	w.must(w.Engine.CopyTo(w.ctx, id, "/tmp", w.tar(map[string]archived{"big": {Mode: 0o644, Body: body}}, "big")), "copy to")
	size, err := w.Engine.DiskUsage(w.ctx, id)
	w.must(err, "disk usage")
	if size < 100<<10 || size > 10<<20 {
		w.Errorf("writable layer of %d bytes", size)
	}
}
