package config

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// The bits of chmod(2).
const (
	modeSetgid = 0o2000
	modeSticky = 0o1000
)

func emptyDir(in Input, v Volume, src *v1.EmptyDirVolumeSource) (Volume, error) {
	v.Source = SourceEmptyDir
	v.Engine = in.engineVolume(v.Name)
	switch src.Medium {
	case v1.StorageMediumDefault:
		if src.SizeLimit != nil {
			v.SizeLimit = src.SizeLimit.Value()
		}
	case v1.StorageMediumMemory:
		v.Engine.Memory = true
		v.Engine.Size = tmpfsSize(in)
		if src.SizeLimit != nil {
			if limit := src.SizeLimit.Value(); limit > 0 && (v.Engine.Size == 0 || limit < v.Engine.Size) {
				v.Engine.Size = limit
			}
		}
	default:
		if strings.HasPrefix(string(src.Medium), string(v1.StorageMediumHugePages)) {
			return Volume{}, fmt.Errorf("emptyDir of medium %q is not supported: use medium Memory", src.Medium)
		}
		return Volume{}, fmt.Errorf("unknown storage medium %q", src.Medium)
	}
	v.Setup = rootSetup(in.Pod, v.Path, v.Engine.Memory)
	return v, nil
}

// tmpfsSize is what a tmpfs of the pod may take: what its containers may use,
// else the node's memory. (pkg/volume/emptydir, calculateEmptyDirMemorySize)
func tmpfsSize(in Input) int64 {
	size := in.Node.MemoryBytes
	if limit := podMemoryLimit(in.Pod); limit > 0 && (size == 0 || limit <= size) {
		size = limit
	}
	return size
}

// rootSetup opens the root of a volume that belongs to the pod to everybody; a
// tmpfs is sticky. With fsGroup it is the group's, and so will be what is made
// in it.
func rootSetup(pod *v1.Pod, path string, memory bool) *wire.Volume {
	mode := uint32(0o777)
	if memory {
		mode |= modeSticky
	}
	var uid, gid int
	if group := fsGroup(pod); group != nil {
		mode |= modeSetgid
		gid = int(*group)
	}
	return &wire.Volume{Path: path, Mode: &mode, UID: &uid, GID: &gid}
}
