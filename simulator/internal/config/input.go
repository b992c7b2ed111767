package config

import (
	"crypto"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// Objects are what pods may name, by name, all of the pod's namespace
// (PersistentVolumes have none).
type Objects struct {
	ConfigMaps map[string]*v1.ConfigMap
	Secrets    map[string]*v1.Secret
	Claims     map[string]*v1.PersistentVolumeClaim
	Volumes    map[string]*v1.PersistentVolume
}

// Input is everything that configuration is made from. Pod is defaulted and is
// never changed.
type Input struct {
	Pod     *v1.Pod
	Objects Objects
	Node    lifecycle.Node
	// Home is runtime.Meta.Home of everything that is made.
	Home string
	Now  time.Time

	// ServiceHost is the address of the service "kubernetes"; empty is
	// DefaultServiceHost.
	ServiceHost string
	// CopyImages: the engine cannot mount images, so that image volumes become
	// engine volumes that the caller fills.
	CopyImages bool
	// Key signs service account tokens and the made up kube-root-ca.crt: an
	// ECDSA (P-256) or RSA key.
	Key crypto.Signer

	// ReadFile returns the file at path inside a volume of the pod that is set
	// up, without following links out of it; it serves env.valueFrom.fileKeyRef.
	ReadFile func(volume, path string) ([]byte, error)
}

// What a pod would see in a cluster.
const (
	DefaultServiceHost = "10.96.0.1"
	clusterDomain      = "cluster.local"
)

func (in Input) serviceHost() string {
	if in.ServiceHost != "" {
		return in.ServiceHost
	}
	return DefaultServiceHost
}

func (in Input) nodeName() string {
	if in.Pod.Spec.NodeName != "" {
		return in.Pod.Spec.NodeName
	}
	return in.Node.Name
}

func (in Input) podRef() runtime.PodRef {
	return runtime.PodRef{UID: string(in.Pod.UID), Namespace: in.Pod.Namespace, Name: in.Pod.Name}
}

// podText is a pod as the kubelet's messages spell it.
func podText(pod *v1.Pod) string { return pod.Name + "_" + pod.Namespace }

// findContainer returns a container of the pod by name, and what it is.
func findContainer(pod *v1.Pod, name string) (*v1.Container, runtime.Kind) {
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; c.Name == name {
			return c, runtime.KindInit
		}
	}
	for i := range pod.Spec.Containers {
		if c := &pod.Spec.Containers[i]; c.Name == name {
			return c, runtime.KindContainer
		}
	}
	for i := range pod.Spec.EphemeralContainers {
		if e := &pod.Spec.EphemeralContainers[i]; e.Name == name {
			return (*v1.Container)(&e.EphemeralContainerCommon), runtime.KindEphemeral
		}
	}
	return nil, ""
}

// allContainers returns init, ordinary and ephemeral containers in this order.
func allContainers(pod *v1.Pod) []*v1.Container {
	var all []*v1.Container
	for i := range pod.Spec.InitContainers {
		all = append(all, &pod.Spec.InitContainers[i])
	}
	for i := range pod.Spec.Containers {
		all = append(all, &pod.Spec.Containers[i])
	}
	for i := range pod.Spec.EphemeralContainers {
		all = append(all, (*v1.Container)(&pod.Spec.EphemeralContainers[i].EphemeralContainerCommon))
	}
	return all
}
