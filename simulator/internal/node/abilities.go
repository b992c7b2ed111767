package node

import (
	"slices"
	"strings"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
)

// Abilities are what an engine can do by itself. What it cannot, the node does
// in another way.
type Abilities struct {
	// LocalFiles: the engine's files are this machine's.
	LocalFiles bool
	// ImageMounts: it mounts images.
	ImageMounts bool
	// RecursiveReadOnly: it makes mounts read-only recursively.
	RecursiveReadOnly bool
	// Has are the capabilities that it can give, Lacks those that its machine
	// does not have; both are empty where that is not known.
	Has, Lacks []string
}

// AbilitiesOf reads them from the version of the engine's API
// (docs.docker.com/engine/api/version-history) and from its machine, if that is
// this one.
func AbilitiesOf(i runtime.Info) Abilities {
	v := minor(i.APIVersion)
	can := Abilities{LocalFiles: i.Local, ImageMounts: v >= 48, RecursiveReadOnly: v >= 44}
	if i.Local {
		can.Has, can.Lacks = localCapabilities()
		if v < 42 {
			can.Has = slices.DeleteFunc(can.Has, func(c string) bool { return slices.Contains(newCapabilities, c) })
		}
	}
	return can
}

// newCapabilities are those of Linux 5.8 and 5.9, which Docker before 23 may not
// know by name.
var newCapabilities = []string{"PERFMON", "BPF", "CHECKPOINT_RESTORE"}

// grant says a container's wish for everything so that the engine can fulfil it
// on a machine that has not every capability: for Docker, all are the kernel's,
// and the start fails; for a runtime below a kubelet they are the machine's.
// (containerd: pkg/cri/server, allCaps)
func (a Abilities) grant(s *runtime.Security) {
	if len(a.Lacks) == 0 {
		return
	}
	if s.Privileged {
		s.Privileged, s.UnmaskedPaths, s.AllDevices = false, true, true
		s.CapAdd, s.CapDrop = []string{config.AllCapabilities}, nil
	}
	if i := slices.Index(s.CapAdd, config.AllCapabilities); i >= 0 {
		s.CapAdd = slices.Concat(s.CapAdd[:i], a.Has, s.CapAdd[i+1:])
	}
}

// minor is the second number of an API version 1.x.
func minor(version string) int {
	_, rest, _ := strings.Cut(version, ".")
	return atoi(rest)
}
