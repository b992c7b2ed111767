package runtimetest

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/podsim/podsim/runtime"
)

func (w *world) same(what string, want, got any) {
	w.Helper()
	opts := cmp.Options{
		cmpopts.EquateComparable(netip.Addr{}),
		cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (w *world) wantClass(what string, err, class error) {
	w.Helper()
	if !errors.Is(err, class) {
		w.Errorf("%s: error %v, want the class %q", what, err, class)
	}
}

func sortedNames(list []runtime.Container) []string {
	var names []string
	for _, c := range list {
		names = append(names, c.Meta.Container)
	}
	slices.Sort(names)
	return names
}

func joined(list []string) string { return strings.Join(list, " ") }
