package config

import (
	"maps"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelper "k8s.io/component-helpers/resource"

	"github.com/podsim/podsim/runtime"
)

// The kernel's units. (pkg/kubelet/cm/helpers_linux.go)
const (
	minShares   = 2
	maxShares   = 262144
	cpuPeriod   = 100_000 // microseconds
	minQuota    = 1000
	gpuResource = "nvidia.com/gpu"
)

// ContainerResources are the cgroup limits of a container, also after a resize
// in place. Swap is off: Kubernetes gives none. Limits a container leaves out
// are the pod's.
func ContainerResources(pod *v1.Pod, c *v1.Container) runtime.Resources {
	cpuLimit := limitOf(pod, c, v1.ResourceCPU).MilliValue()
	memory := limitOf(pod, c, v1.ResourceMemory).Value()
	cpu := cpuLimit
	if request, ok := c.Resources.Requests[v1.ResourceCPU]; ok {
		cpu = request.MilliValue()
	}
	r := runtime.Resources{
		CPUShares:  min(max(cpu*1024/1000, minShares), maxShares),
		Memory:     memory,
		MemorySwap: memory,
	}
	if cpuLimit > 0 {
		r.CPUPeriod = cpuPeriod
		r.CPUQuota = max(cpuLimit*cpuPeriod/1000, minQuota)
	}
	if gpus, ok := c.Resources.Limits[gpuResource]; ok {
		r.GPUs = int(gpus.Value())
	}
	return r
}

// limitOf is a container's limit, else its pod's, else zero.
func limitOf(pod *v1.Pod, c *v1.Container, name v1.ResourceName) *resource.Quantity {
	limit := c.Resources.Limits[name]
	if limit.IsZero() && pod.Spec.Resources != nil {
		limit = pod.Spec.Resources.Limits[name]
	}
	return &limit
}

// effectiveLimits are a container's limits as the downward API tells them: what
// it leaves out is the pod's, else the node's, whose disk podsim does not know.
func effectiveLimits(in Input, c *v1.Container) v1.ResourceList {
	limits := v1.ResourceList{}
	maps.Copy(limits, c.Resources.Limits)
	allocatable := map[v1.ResourceName]*resource.Quantity{
		v1.ResourceCPU:              resource.NewMilliQuantity(in.Node.CPUMillis, resource.DecimalSI),
		v1.ResourceMemory:           resource.NewQuantity(in.Node.MemoryBytes, resource.BinarySI),
		v1.ResourceEphemeralStorage: resource.NewQuantity(0, resource.BinarySI),
	}
	for name, node := range allocatable {
		if limit := limits[name]; !limit.IsZero() {
			continue
		}
		limits[name] = *node
		if own := in.Pod.Spec.Resources; own != nil && name != v1.ResourceEphemeralStorage {
			if limit := own.Limits[name]; !limit.IsZero() {
				limits[name] = limit
			}
		}
	}
	return limits
}

// podMemoryLimit is the memory limit of the whole pod, 0 when there is none:
// as soon as one container has no limit the pod has none.
func podMemoryLimit(pod *v1.Pod) int64 {
	own := pod.Spec.Resources
	if own == nil || own.Limits.Memory().IsZero() {
		for _, list := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
			for i := range list {
				if list[i].Resources.Limits.Memory().IsZero() {
					return 0
				}
			}
		}
	}
	limits := resourcehelper.PodLimits(pod, resourcehelper.PodResourcesOptions{})
	return limits.Memory().Value()
}
