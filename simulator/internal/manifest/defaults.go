package manifest

import (
	"math/rand/v2"
	"slices"

	v1 "k8s.io/api/core/v1"
)

// SetDefaults fills in what the API server and its admission plugins write into an object that leaves it out. It is done
// by Decode already; objects made in Go need it. The returned warnings name fields that Kubernetes 1.35 takes and drops
// because their feature is off, or changes. Applying it twice changes nothing.
func SetDefaults(obj Object, rnd *rand.Rand) []Warning {
	switch obj := obj.(type) {
	case *v1.Pod:
		return defaultPod(obj, rnd)
	case *v1.ConfigMap:
		if obj.Data == nil {
			obj.Data = map[string]string{}
		}
	case *v1.Secret:
		defaultSecret(obj)
	case *v1.PersistentVolumeClaim:
		protect(obj, "kubernetes.io/pvc-protection")
		defaultClaimSpec(&obj.Spec)
		setIfZero(&obj.Status.Phase, v1.ClaimPending)
	case *v1.PersistentVolume:
		protect(obj, "kubernetes.io/pv-protection")
		setIfZero(&obj.Spec.PersistentVolumeReclaimPolicy, v1.PersistentVolumeReclaimRetain)
		setIfNil(&obj.Spec.VolumeMode, v1.PersistentVolumeFilesystem)
		setIfZero(&obj.Status.Phase, v1.VolumeAvailable) // a cluster says so a moment later
		if obj.Spec.HostPath != nil {
			setIfNil(&obj.Spec.HostPath.Type, v1.HostPathUnset)
		}
	}
	return nil
}

// protect adds what the StorageObjectInUseProtection admission adds.
func protect(obj Object, finalizer string) {
	if all := obj.GetFinalizers(); !slices.Contains(all, finalizer) {
		obj.SetFinalizers(append(all, finalizer))
	}
}

func defaultSecret(s *v1.Secret) {
	setIfZero(&s.Type, v1.SecretTypeOpaque)
	if len(s.StringData) > 0 && s.Data == nil {
		s.Data = map[string][]byte{}
	}
	for key, text := range s.StringData {
		s.Data[key] = []byte(text)
	}
	s.StringData = nil
}

// defaultPod follows the order of the server: defaults of the type first, then features, then admission.
func defaultPod(pod *v1.Pod, rnd *rand.Rand) []Warning {
	spec := &pod.Spec
	for i := range spec.Volumes {
		defaultVolume(&spec.Volumes[i].VolumeSource)
	}
	for i := range spec.InitContainers {
		defaultContainer(&spec.InitContainers[i], spec.HostNetwork)
	}
	for i := range spec.Containers {
		defaultContainer(&spec.Containers[i], spec.HostNetwork)
	}
	for i := range spec.EphemeralContainers {
		defaultContainer((*v1.Container)(&spec.EphemeralContainers[i].EphemeralContainerCommon), false)
	}
	roundUp(spec.Overhead)
	defaultPodResources(pod)
	defaultPodFields(spec)
	notes := append(dropDisabled(spec), fixGrace(spec)...)
	admit(pod, rnd)
	return notes
}

func defaultPodFields(spec *v1.PodSpec) {
	setIfNil(&spec.EnableServiceLinks, v1.DefaultEnableServiceLinks)
	setIfZero(&spec.DNSPolicy, v1.DNSClusterFirst)
	setIfZero(&spec.RestartPolicy, v1.RestartPolicyAlways)
	setIfNil(&spec.TerminationGracePeriodSeconds, v1.DefaultTerminationGracePeriodSeconds)
	setIfZero(&spec.SchedulerName, v1.DefaultSchedulerName)
	if spec.SecurityContext == nil {
		spec.SecurityContext = &v1.PodSecurityContext{}
	}
	// The two names of the service account are one field inside the server.
	setIfZero(&spec.ServiceAccountName, spec.DeprecatedServiceAccount)
}

// fixGrace does to a negative grace period what the server does.
func fixGrace(spec *v1.PodSpec) []Warning {
	if *spec.TerminationGracePeriodSeconds >= 0 {
		return nil
	}
	*spec.TerminationGracePeriodSeconds = 1
	return []Warning{{Field: "spec.terminationGracePeriodSeconds", Message: "a negative value is taken as 1"}}
}

// dropDisabled removes what the server removes because its feature gate is off by default in Kubernetes 1.35.
func dropDisabled(spec *v1.PodSpec) []Warning {
	var dropped []Warning
	drop := func(list string, containers []v1.Container) {
		for i := range containers {
			life := containers[i].Lifecycle
			if life == nil || life.StopSignal == nil {
				continue
			}
			life.StopSignal = nil
			if *life == (v1.Lifecycle{}) {
				containers[i].Lifecycle = nil
			}
			dropped = append(dropped, Warning{
				Field:   fieldOf("spec", list, i, "lifecycle.stopSignal"),
				Message: "is dropped, as by a Kubernetes 1.35 cluster with default feature gates (ContainerStopSignals is off)",
			})
		}
	}
	drop("initContainers", spec.InitContainers)
	drop("containers", spec.Containers)
	return dropped
}

// setIfZero gives a field its default when it is empty.
func setIfZero[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// setIfNil gives an optional field its default when it is absent.
func setIfNil[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}
