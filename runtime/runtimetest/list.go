package runtimetest

import (
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime"
	"net/netip"
)

func listCases() []testCase {
	return []testCase{
		{"a list has containers of every state and is complete", listComplete},
		{"a list is filtered by home, pod and kind", listFiltered},
		{"a list follows what happens", listFresh},
	}
}

func listComplete(w *world) {
	w.create(w.spec("created", Program{}))
	w.start(w.spec("running", Program{Wait: true}))
	w.ended(w.start(w.spec("exited", Program{Code: 1})))
	failed := w.spec("failed", Program{})
	failed.Entrypoint = []string{"/no/such/program"}
	if err := w.Engine.StartContainer(w.ctx, w.create(failed)); err == nil {
		w.Error("start of a missing program succeeds")
	}
	for range 2 { // the second list may come from a memory
		list := w.list(runtime.Filter{Home: w.home})
		if got := joined(sortedNames(list)); got != "created exited failed running" {
			w.Errorf("list has %s", got)
		}
		for _, c := range list {
			if diff := cmp.Diff(w.container(c.ID), c, cmpopts.EquateComparable(netip.Addr{}), cmpopts.EquateEmpty()); diff != "" {
				w.Errorf("listed differs from looked up (-want +got):\n%s", diff)
			}
		}
	}
}

func listFiltered(w *world) {
	w.create(w.spec("app", Program{}))
	init := w.spec("init", Program{})
	init.Meta.Kind = runtime.KindInit
	w.create(init)
	other := w.spec("other", Program{})
	other.Meta.Pod.UID = w.home + "-other"
	w.create(other)
	elsewhere := w.spec("elsewhere", Program{})
	elsewhere.Meta.Home = w.home + "-2"
	id := w.create(elsewhere)
	w.Cleanup(func() { w.check(w.Engine.RemoveContainer(w.ctx, id), "remove") })

	uid := w.home + "-uid"
	for _, c := range []struct {
		filter runtime.Filter
		want   string
	}{
		{runtime.Filter{Home: w.home}, "app init other"},
		{runtime.Filter{PodUID: uid}, "app elsewhere init"},
		{runtime.Filter{Home: w.home, PodUID: uid}, "app init"},
		{runtime.Filter{Home: w.home, Kind: runtime.KindInit}, "init"},
		{runtime.Filter{Home: w.home, Kind: runtime.KindSandbox}, ""},
	} {
		if got := joined(sortedNames(w.list(c.filter))); got != c.want {
			w.Errorf("filter %+v finds %q, want %q", c.filter, got, c.want)
		}
	}
	if all := w.list(runtime.Filter{}); len(all) < 4 {
		w.Errorf("no filter finds %d containers", len(all))
	}
}

func listFresh(w *world) {
	mine := runtime.Filter{Home: w.home}
	if list := w.list(mine); len(list) != 0 {
		w.Errorf("list has %d containers before any was made", len(list))
	}
	id := w.start(w.spec("app", Program{Wait: true}))
	if list := w.list(mine); len(list) != 1 || list[0].State != runtime.StateRunning {
		w.Errorf("list after start: %+v", list)
	}
	w.must(w.Engine.StopContainer(w.ctx, id, "", 0), "stop")
	if list := w.list(mine); len(list) != 1 || list[0].State != runtime.StateExited {
		w.Errorf("list after stop: %+v", list)
	}
	w.must(w.Engine.RemoveContainer(w.ctx, id), "remove")
	if list := w.list(mine); len(list) != 0 {
		w.Errorf("list after removal: %+v", list)
	}
}

func (w *world) list(f runtime.Filter) []runtime.Container {
	w.Helper()
	list, err := w.Engine.ListContainers(w.ctx, f)
	w.must(err, "list containers")
	return list
}
