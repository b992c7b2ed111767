package diagnose

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// logLines is how many lines of a log a finding shows.
const logLines = 5

// view is the facts with what rules share.
type view struct {
	Facts
	units []unit
	// explained are the containers whose trouble a finding names.
	explained map[string]bool
	found     []Finding
}

func newView(f Facts) *view {
	f.Reached = maps.Clone(f.Reached)
	if f.Reached == nil {
		f.Reached = map[Target]Reach{}
	}
	return &view{Facts: f, units: unitsOf(f), explained: map[string]bool{}}
}

// Find names the causes, the most likely one first. A pod with which nothing is
// wrong has none, or notes only.
func Find(f Facts) []Finding {
	v := newView(f)
	// Proofs come before guesses: a rule leaves containers alone whose trouble
	// an earlier one has named.
	for _, rule := range []func(*view){
		(*view).unowned, (*view).paused, (*view).terminating, (*view).unscheduled, (*view).sandbox, (*view).mounts,
		(*view).config, (*view).images, (*view).starts, (*view).memory,
		(*view).portConflicts, (*view).lowPorts, (*view).fullDisks, (*view).mountedDirs, (*view).permissions, (*view).unknownNames,
		(*view).probes, (*view).hooks, (*view).refusals,
		(*view).portSuspects, (*view).inits, (*view).crashes,
		(*view).keepsAlive, (*view).podReason, (*view).gates, (*view).waiting,
		(*view).unreachable, (*view).throttled,
	} {
		rule(v)
	}
	order := causeOrder()
	slices.SortStableFunc(v.found, func(a, b Finding) int {
		if a.Note != b.Note {
			if a.Note {
				return 1
			}
			return -1
		}
		return cmp.Compare(slices.Index(order, a.Cause), slices.Index(order, b.Cause))
	})
	return v.found
}

func causeOrder() []Cause {
	return []Cause{
		CauseUnowned, CausePaused, CauseTerminating, CauseUnscheduled, CauseSandbox, CauseMount, CauseConfig, CauseNonRoot, CauseImage, CausePulling, CauseStart,
		CauseOOM, CausePortConflict, CausePermission, CauseReadOnly, CauseDiskFull, CauseIsDirectory, CauseNoName, CauseInitFailed, CauseInitWaits,
		CauseLoopback, CauseWrongPort, CauseNobody, CauseLiveness, CauseProbe, CauseHook, CauseRefused, CauseCrash,
		CauseKeepsAlive, CausePod, CauseGate, CauseWaiting, CauseThrottled,
	}
}

// add keeps a finding and notes that it explains its container.
func (v *view) add(f Finding) {
	if f.Container != "" && !f.Note {
		v.explained[f.Container] = true
	}
	v.found = append(v.found, f)
}

// open are the units that no finding explains yet.
func (v *view) open() []*unit {
	var out []*unit
	for i := range v.units {
		if !v.explained[v.units[i].name()] {
			out = append(out, &v.units[i])
		}
	}
	return out
}

// failing are the open units that ended badly and are not well again.
func (v *view) failing() []*unit {
	return slices.DeleteFunc(v.open(), func(u *unit) bool { return u.failed() == nil || u.well() })
}

// ready tells whether the pod is ready, or has done its work.
func (v *view) ready() bool {
	if v.Pod.Status.Phase == v1.PodSucceeded {
		return true
	}
	for _, c := range v.Pod.Status.Conditions {
		if c.Type == v1.PodReady {
			return c.Status == v1.ConditionTrue
		}
	}
	return false
}

// over tells whether the pod has come to its end.
func (v *view) over() bool {
	return v.Pod.Status.Phase == v1.PodSucceeded || v.Pod.Status.Phase == v1.PodFailed
}

// last is the latest event with one of the reasons; container "" is the pod's.
func (v *view) last(container string, reasons ...string) *v1.Event {
	for i := len(v.Events) - 1; i >= 0; i-- {
		e := &v.Events[i]
		if slices.Contains(reasons, e.Reason) && containerOf(e) == container {
			return e
		}
	}
	return nil
}

// containerOf is the container that an event is about.
func containerOf(e *v1.Event) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(e.InvolvedObject.FieldPath, "}"), "{")
	return name
}
