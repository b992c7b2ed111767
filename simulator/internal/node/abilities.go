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
}

// AbilitiesOf reads them from the version of the engine's API
// (docs.docker.com/engine/api/version-history).
func AbilitiesOf(i runtime.Info) Abilities {
	v := minor(i.APIVersion)
	return Abilities{LocalFiles: i.Local, ImageMounts: v >= 48, RecursiveReadOnly: v >= 44}
}

// minor is the second number of an API version 1.x.
func minor(version string) int {
	_, rest, _ := strings.Cut(version, ".")
	return atoi(rest)
}
