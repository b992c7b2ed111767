package node

import (
	"strings"

	"github.com/podsim/podsim/runtime"
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
	// Lacks are the capabilities that its machine does not have, as far as is
	// known.
	Lacks []string
}

// AbilitiesOf reads them from the version of the engine's API
// (docs.docker.com/engine/api/version-history) and from its machine, if that is
// this one.
func AbilitiesOf(i runtime.Info) Abilities {
	v := minor(i.APIVersion)
	can := Abilities{LocalFiles: i.Local, ImageMounts: v >= 48, RecursiveReadOnly: v >= 44}
	if i.Local {
		can.Lacks = lackingCapabilities()
	}
	return can
}

// minor is the second number of an API version 1.x.
func minor(version string) int {
	_, rest, _ := strings.Cut(version, ".")
	return atoi(rest)
}
