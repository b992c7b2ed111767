package config

import (
	"path"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/storage/ephemeral"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Where the sandbox mounts volumes.
const (
	volumesDir = "/podsim/volumes"
	// StateDir is the volume of the pod that holds termination messages.
	StateDir = "/podsim/state"
)

// Source says what is behind a volume.
type Source string

// The sources of volumes.
const (
	SourceEmptyDir  Source = "emptyDir"  // an engine volume that dies with the pod
	SourcePayload   Source = "payload"   // the same, with files written by podsim
	SourceEphemeral Source = "ephemeral" // a claim that dies with the pod
	SourceClaim     Source = "claim"     // an engine volume that outlives pods
	SourceHost      Source = "host"      // a path of the engine's machine
	SourceImage     Source = "image"     // an image, read-only
)

// Volume is a volume of the pod that some container mounts.
type Volume struct {
	Name   string // in the pod
	Source Source
	// Engine is the engine volume to make; its Name is empty for a host path
	// and for an image that the engine mounts itself. With a name, the image's
	// files are to be copied to Path before any container with it runs.
	Engine runtime.VolumeSpec
	// Host is the path on the engine's machine, of SourceHost.
	Host HostPath
	// Image is what SourceImage mounts.
	Image v1.ImageVolumeSource
	// Path is where the sandbox mounts it; empty when it need not.
	Path string
	// Setup is what the pause process does to the mounted volume; nil is
	// nothing.
	Setup *wire.Volume
	// Payload are the files of SourcePayload.
	Payload Payload
	// SizeLimit of an emptyDir on disk in bytes, to be measured; 0 is none.
	SizeLimit int64
	// ReadOnly: no container may write to it, whatever its mount says.
	ReadOnly bool
	// MadeUp is the name of a claim that no object declares.
	MadeUp string
}

// HostPath is a path of the engine's machine, and what has to be there.
type HostPath struct {
	Path string
	Type v1.HostPathType
}

// Volumes are the pod's volumes, in the order of the spec, but for those that
// no container mounts: these are not set up, and what is wrong with them does
// not matter. A volume that cannot be set up now is in the problems instead,
// with the text that follows `MountVolume.SetUp failed for volume "V" : `.
func Volumes(in Input) ([]Volume, []lifecycle.VolumeProblem) {
	mounted := mountedVolumes(in.Pod)
	var volumes []Volume
	var problems []lifecycle.VolumeProblem
	for i := range in.Pod.Spec.Volumes {
		spec := &in.Pod.Spec.Volumes[i]
		if !mounted[spec.Name] {
			continue
		}
		v, err := newVolume(in, spec)
		if err != nil {
			problems = append(problems, lifecycle.VolumeProblem{Volume: spec.Name, Message: err.Error()})
			continue
		}
		volumes = append(volumes, v)
	}
	return volumes, problems
}

// RefreshAt is when a payload changes by itself because a token in it grows
// old; zero is never.
func RefreshAt(volumes []Volume) time.Time {
	var at time.Time
	for _, v := range volumes {
		if r := v.Payload.RefreshAt; !r.IsZero() && (at.IsZero() || r.Before(at)) {
			at = r
		}
	}
	return at
}

// mountedVolumes are the names of the volumes that some container mounts.
func mountedVolumes(pod *v1.Pod) map[string]bool {
	names := map[string]bool{}
	for _, c := range allContainers(pod) {
		for _, m := range c.VolumeMounts {
			names[m.Name] = true
		}
		for _, d := range c.VolumeDevices {
			names[d.Name] = true
		}
	}
	return names
}

// VolumePath is where the sandbox mounts a volume of the pod, if it does.
func VolumePath(name string) string { return path.Join(volumesDir, name) }

// newVolume makes the volume of one entry of the spec.
func newVolume(in Input, spec *v1.Volume) (Volume, error) {
	v := Volume{Name: spec.Name, Path: VolumePath(spec.Name)}
	switch src := &spec.VolumeSource; {
	case src.EmptyDir != nil:
		return emptyDir(in, v, src.EmptyDir)
	case isPayload(src):
		return payloadVolume(in, v, src)
	case src.HostPath != nil:
		return hostVolume(in, v, HostPath{Path: src.HostPath.Path, Type: ptr.Deref(src.HostPath.Type, v1.HostPathUnset)}), nil
	case src.PersistentVolumeClaim != nil:
		return claimVolume(in, v, src.PersistentVolumeClaim)
	case src.Ephemeral != nil:
		return ephemeralVolume(in, v, ephemeral.VolumeClaimName(in.Pod, spec))
	case src.Image != nil:
		v.Source, v.Image, v.ReadOnly = SourceImage, *src.Image, true
		if in.CopyImages {
			v.Engine = in.engineVolume(spec.Name)
		} else {
			v.Path = ""
		}
		return v, nil
	case *src == (v1.VolumeSource{}):
		return emptyDir(in, v, &v1.EmptyDirVolumeSource{})
	default:
		return Volume{}, unsupportedSource(src)
	}
}

// isPayload says whether podsim writes what lies in the volume.
func isPayload(src *v1.VolumeSource) bool {
	return src.ConfigMap != nil || src.Secret != nil || src.DownwardAPI != nil || src.Projected != nil
}

// engineVolume is a volume of the engine that dies with the pod.
func (in Input) engineVolume(name string) runtime.VolumeSpec {
	return runtime.VolumeSpec{
		Name: VolumeName(in.Pod, name),
		Meta: runtime.Meta{Home: in.Home, Pod: in.podRef(), Kind: runtime.KindVolume, Container: name},
	}
}

// StateVolume is the engine volume for termination messages that every pod has.
func StateVolume(in Input) runtime.VolumeSpec {
	spec := in.engineVolume("_state")
	spec.Name = StateVolumeName(in.Pod)
	return spec
}
