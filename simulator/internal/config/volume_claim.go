package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/component-helpers/storage/ephemeral"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/simulator/internal/binding"
)

// claimVolume is the volume behind a claim: a path of the host when the claim
// is bound to a PersistentVolume that is one, else an engine volume. A claim
// that no object declares is made up.
func claimVolume(in Input, v Volume, src *v1.PersistentVolumeClaimVolumeSource) (Volume, error) {
	v.ReadOnly = src.ReadOnly
	claim, declared := in.Objects.Claims[src.ClaimName]
	if !declared {
		v.MadeUp = src.ClaimName
	}
	if declared {
		if mode := claim.Spec.VolumeMode; mode != nil && *mode == v1.PersistentVolumeBlock {
			return Volume{}, fmt.Errorf("claim %q has volumeMode Block, which needs a block device: use Filesystem", src.ClaimName)
		}
		if pv := boundVolume(in, claim); pv != nil {
			return boundTo(in, v, pv)
		}
	}
	v.Source = SourceClaim
	v.Engine = runtime.VolumeSpec{
		Name: ClaimVolumeName(in.Home, in.Pod.Namespace, src.ClaimName),
		Meta: runtime.Meta{
			Home: in.Home, Kind: runtime.KindClaim, Container: src.ClaimName,
			Pod: runtime.PodRef{Namespace: in.Pod.Namespace},
		},
	}
	if v.MadeUp != "" {
		v.Engine.Meta.Extra = map[string]string{ExtraMadeUp: "true"}
	}
	if !v.ReadOnly {
		v.Setup = claimSetup(in.Pod, v.Path)
	}
	return v, nil
}

// ephemeralVolume is the volume behind a claim that was made for the pod alone:
// like one behind any other, but that an engine volume dies with the pod.
func ephemeralVolume(in Input, v Volume, name string) (Volume, error) {
	claim := in.Objects.Claims[name]
	if claim == nil {
		return Volume{}, fmt.Errorf("error processing PVC %s/%s: failed to fetch PVC from API server: %w",
			in.Pod.Namespace, name, apierrors.NewNotFound(v1.Resource("persistentvolumeclaims"), name))
	}
	if err := ephemeral.VolumeIsForPod(in.Pod, claim); err != nil {
		return Volume{}, err
	}
	if pv := boundVolume(in, claim); pv != nil {
		return boundTo(in, v, pv)
	}
	v.Source = SourceEphemeral
	v.Engine = in.engineVolume(v.Name)
	v.Setup = claimSetup(in.Pod, v.Path)
	return v, nil
}

// boundVolume is the PersistentVolume that the claim has or gets.
func boundVolume(in Input, claim *v1.PersistentVolumeClaim) *v1.PersistentVolume {
	var volumes []*v1.PersistentVolume
	for _, name := range slices.Sorted(maps.Keys(in.Objects.Volumes)) {
		volumes = append(volumes, in.Objects.Volumes[name])
	}
	return binding.Match(claim, volumes)
}

func boundTo(in Input, v Volume, pv *v1.PersistentVolume) (Volume, error) {
	switch src := pv.Spec.PersistentVolumeSource; {
	case src.HostPath != nil:
		return hostVolume(in, v, HostPath{Path: src.HostPath.Path, Type: ptr.Deref(src.HostPath.Type, v1.HostPathUnset)}), nil
	case src.Local != nil:
		v = hostVolume(in, v, HostPath{Path: src.Local.Path, Type: v1.HostPathDirectory})
		if fsGroup(in.Pod) != nil && !v.ReadOnly {
			v.Path = VolumePath(v.Name)
			v.Setup = claimSetup(in.Pod, v.Path)
		}
		return v, nil
	default:
		return Volume{}, fmt.Errorf("persistent volume %q is of type %s: podsim has hostPath and local, "+
			"and makes a volume for a claim that is bound to none", pv.Name, sourceType(src))
	}
}

// claimSetup leaves a claim as it is but for fsGroup; its root stays root's.
func claimSetup(pod *v1.Pod, path string) *wire.Volume {
	group := fsGroup(pod)
	if group == nil {
		return nil
	}
	gid := int(*group)
	policy := pod.Spec.SecurityContext.FSGroupChangePolicy
	return &wire.Volume{
		Path: path, FSGroup: &gid,
		OnRootMismatch: policy != nil && *policy == v1.FSGroupChangeOnRootMismatch,
	}
}

// unsupportedSource names a source that needs a cluster or a driver.
func unsupportedSource(src *v1.VolumeSource) error {
	kind := sourceType(*src)
	if kind == "" {
		return errors.New("no source that podsim knows")
	}
	return fmt.Errorf("%s is not supported: use a persistentVolumeClaim, an emptyDir or a hostPath instead", kind)
}

// sourceType is the name of the field that is set in a struct of sources.
func sourceType(sources any) string {
	value := reflect.ValueOf(sources)
	for i := range value.NumField() {
		if field := value.Field(i); field.Kind() == reflect.Pointer && !field.IsNil() {
			name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return ""
}
