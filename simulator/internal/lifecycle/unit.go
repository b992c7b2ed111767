package lifecycle

import (
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/podspec"
)

// kind is what part a container plays in its pod.
type kind int

const (
	appKind       kind = iota
	initKind           // runs to its end before the next one starts
	sidecarKind        // an init container with restartPolicy Always
	ephemeralKind      // added later, started once
)

// unit is one container of the pod with all that is known of it.
type unit struct {
	name string
	kind kind
	spec *v1.Container
	see  Container       // as the snapshot has it
	mem  ContainerMemory // as it will be remembered
	// runs are the instances on the engine and those remembered, newest first.
	runs []Instance
	// asked is true when this plan asks for an action.
	asked bool
	// fresh is true when its Kill was decided just now.
	fresh bool
}

// units lists the containers of the pod: ephemeral ones, init containers and
// ordinary ones, each in the order of the spec.
func units(s *Snapshot, m *Memory) []*unit {
	spec := &s.Pod.Spec
	var us []*unit
	add := func(c *v1.Container, k kind) {
		us = append(us, newUnit(s, m, c, k))
	}
	for i := range spec.EphemeralContainers {
		c := v1.Container(spec.EphemeralContainers[i].EphemeralContainerCommon)
		add(&c, ephemeralKind)
	}
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		if podspec.IsSidecar(c) {
			add(c, sidecarKind)
		} else {
			add(c, initKind)
		}
	}
	for i := range spec.Containers {
		add(&spec.Containers[i], appKind)
	}
	return us
}

func newUnit(s *Snapshot, m *Memory, c *v1.Container, k kind) *unit {
	see := s.Containers[c.Name]
	mem := m.Containers[c.Name].clone()
	return &unit{name: c.Name, kind: k, spec: c, see: see, mem: mem, runs: History(see, mem)}
}

// History is every instance of a container that is known, on the engine or
// only remembered, newest first. An attempt that is in both is as the engine
// has it, unless it vanished there.
func History(c Container, m ContainerMemory) []Instance {
	byAttempt := map[int]Instance{}
	for _, i := range c.Instances {
		byAttempt[i.Attempt] = i
	}
	for _, i := range m.Ended {
		if seen, ok := byAttempt[i.Attempt]; !ok || seen.State == Vanished {
			byAttempt[i.Attempt] = i
		}
	}
	if l := m.Last; l != nil {
		if _, ok := byAttempt[l.Attempt]; !ok {
			lost := *l
			lost.State = Vanished
			byAttempt[l.Attempt] = lost
		}
	}
	runs := make([]Instance, 0, len(byAttempt))
	for _, i := range byAttempt {
		runs = append(runs, i)
	}
	slices.SortFunc(runs, func(a, b Instance) int { return b.Attempt - a.Attempt })
	return runs
}

// newest is the newest instance, or nil when there was none.
func (u *unit) newest() *Instance {
	if len(u.runs) == 0 {
		return nil
	}
	return &u.runs[0]
}

// running is the instance that runs, or nil. It is the newest one unless the
// engine shows what it should not; then, too, there must be no second one.
func (u *unit) running() *Instance {
	for n := range u.runs {
		if u.runs[n].State == Running {
			return &u.runs[n]
		}
	}
	return nil
}

// ended is the newest instance if it has ended and no other runs, else nil.
func (u *unit) ended() *Instance {
	if i := u.newest(); i != nil && i.Ended() && u.running() == nil {
		return i
	}
	return nil
}

// endedBefore is the newest instance older than the attempt that has ended.
func (u *unit) endedBefore(attempt int) *Instance {
	for n := range u.runs {
		if u.runs[n].Attempt < attempt && u.runs[n].Ended() {
			return &u.runs[n]
		}
	}
	return nil
}

// next is the attempt that a start would make.
func (u *unit) next() int {
	next := u.mem.Made
	if i := u.newest(); i != nil {
		next = max(next, i.Attempt+1)
	}
	return next
}

// replacing is true when the newest instance was killed to be replaced and the
// next one is not started yet.
func (u *unit) replacing() bool {
	k, i := u.mem.Kill, u.ended()
	return k != nil && k.Restart && i != nil && k.Attempt == i.Attempt
}

// starting is true while an image is fetched or an instance is started.
func (u *unit) starting() bool {
	return u.see.Busy == BusyImage || u.see.Busy == BusyStart
}

// active is true when something of the container still has to end.
func (u *unit) active() bool {
	return u.running() != nil || u.see.Busy == BusyStart || u.see.Busy == BusyStop || u.see.Busy == BusyPreStop
}

// Ended is true when the instance will not run again.
func (i *Instance) Ended() bool { return i.State == Exited || i.State == Vanished }

// Code is the exit code, as the kubelet counts it.
func (i *Instance) Code() int {
	switch {
	case i.State == Vanished:
		return codeUnknown
	case i.StartError != "" && i.ExitCode == 0:
		return codeStartError
	}
	return i.ExitCode
}

const (
	codeUnknown    = 137
	codeStartError = 128
)

func (m ContainerMemory) clone() ContainerMemory {
	m.Start = clonePtr(m.Start)
	m.Kill = clonePtr(m.Kill)
	m.Last = clonePtr(m.Last)
	m.Waiting = clonePtr(m.Waiting)
	m.Ended = slices.Clone(m.Ended)
	return m
}

func clonePtr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// floor cuts a duration to whole seconds, as the kubelet counts grace.
func floor(d time.Duration) time.Duration { return max(d, 0).Truncate(time.Second) }
