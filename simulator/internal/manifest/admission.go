package manifest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

const (
	defaultServiceAccount = "default"
	// tokenVolumePrefix begins the name of the volume with the service account's token; tokenMountPath is where it goes.
	tokenVolumePrefix = "kube-api-access-"
	tokenMountPath    = "/var/run/secrets/kubernetes.io/serviceaccount"
	// admittedTokenSeconds is an hour and a little more: a sign that the cluster asked for it, not the author.
	admittedTokenSeconds = 60*60 + 7
	// tolerateSeconds is how long a pod stays on a node that is gone.
	tolerateSeconds = 300
)

// admit does what the admission plugins of a plain cluster do: service account, tolerations, priority.
func admit(pod *v1.Pod, rnd *rand.Rand) {
	spec := &pod.Spec
	setIfZero(&spec.ServiceAccountName, defaultServiceAccount)
	spec.DeprecatedServiceAccount = spec.ServiceAccountName
	if ptr.Deref(spec.AutomountServiceAccountToken, true) {
		mountToken(spec, rnd)
	}
	tolerate(spec, v1.TaintNodeNotReady)
	tolerate(spec, v1.TaintNodeUnreachable)
	priority, _ := classPriority(spec.PriorityClassName)
	setIfNil(&spec.Priority, priority)
	setIfNil(&spec.PreemptionPolicy, v1.PreemptLowerPriority)
}

// Denied is why those plugins would not let in a pod that has its defaults; nil if they would.
// (plugin/pkg/admission: runtimeclass, priority)
func Denied(pod *v1.Pod) error {
	spec := &pod.Spec
	priority, known := classPriority(spec.PriorityClassName)
	switch {
	case spec.RuntimeClassName != nil:
		return fmt.Errorf("pod rejected: RuntimeClass %q not found", *spec.RuntimeClassName)
	case known && ptr.Deref(spec.Priority, priority) != priority:
		return fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; "+
			"priority admission controller computed %d from the given PriorityClass name", *spec.Priority, priority)
	case known && ptr.Deref(spec.PreemptionPolicy, v1.PreemptLowerPriority) != v1.PreemptLowerPriority:
		return fmt.Errorf("the string value of PreemptionPolicy (%s) must not be provided in pod spec; "+
			"priority admission controller computed %s from the given PriorityClass name", *spec.PreemptionPolicy, v1.PreemptLowerPriority)
	case spec.Overhead != nil:
		return errors.New("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
	}
	return nil
}

// classPriority knows what every cluster has: no class and two classes. Another one may well be known to the cluster
// that a pod comes from.
func classPriority(class string) (priority int32, known bool) {
	switch class {
	case "":
		return 0, true
	case "system-cluster-critical":
		return 2000000000, true
	case "system-node-critical":
		return 2000001000, true
	}
	return 0, false
}

// tolerate adds the toleration of a taint unless the pod has one that covers it.
func tolerate(spec *v1.PodSpec, taint string) {
	for _, t := range spec.Tolerations {
		if (t.Key == taint || t.Key == "") && (t.Effect == v1.TaintEffectNoExecute || t.Effect == "") {
			return
		}
	}
	spec.Tolerations = append(spec.Tolerations, v1.Toleration{
		Key: taint, Operator: v1.TolerationOpExists, Effect: v1.TaintEffectNoExecute,
		TolerationSeconds: ptr.To[int64](tolerateSeconds),
	})
}

// mountToken gives every container that has nothing at the token's path a mount of the token volume.
func mountToken(spec *v1.PodSpec, rnd *rand.Rand) {
	name, exists := tokenVolume(spec)
	if !exists {
		name = GenerateName(tokenVolumePrefix, rnd)
	}
	mounted := false
	for _, list := range [][]v1.Container{spec.InitContainers, spec.Containers} {
		for i := range list {
			mounted = addTokenMount(&list[i], name) || mounted
		}
	}
	if mounted && !exists {
		spec.Volumes = append(spec.Volumes, newTokenVolume(name))
	}
}

func tokenVolume(spec *v1.PodSpec) (name string, exists bool) {
	for _, v := range spec.Volumes {
		if strings.HasPrefix(v.Name, tokenVolumePrefix) {
			return v.Name, true
		}
	}
	return "", false
}

func addTokenMount(c *v1.Container, volume string) bool {
	for _, m := range c.VolumeMounts {
		if m.MountPath == tokenMountPath {
			return false
		}
	}
	c.VolumeMounts = append(c.VolumeMounts, v1.VolumeMount{Name: volume, MountPath: tokenMountPath, ReadOnly: true})
	return true
}

func newTokenVolume(name string) v1.Volume {
	return v1.Volume{Name: name, VolumeSource: v1.VolumeSource{Projected: &v1.ProjectedVolumeSource{
		DefaultMode: ptr.To(v1.ProjectedVolumeSourceDefaultMode),
		Sources: []v1.VolumeProjection{
			{ServiceAccountToken: &v1.ServiceAccountTokenProjection{
				Path: "token", ExpirationSeconds: ptr.To[int64](admittedTokenSeconds),
			}},
			{ConfigMap: &v1.ConfigMapProjection{
				LocalObjectReference: v1.LocalObjectReference{Name: "kube-root-ca.crt"},
				Items:                []v1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
			{DownwardAPI: &v1.DownwardAPIProjection{Items: []v1.DownwardAPIVolumeFile{{
				Path:     "namespace",
				FieldRef: &v1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"},
			}}}},
		},
	}}}
}
