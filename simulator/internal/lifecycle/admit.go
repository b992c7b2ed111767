package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	resourcehelper "k8s.io/component-helpers/resource"
)

// Reasons of rejections.
const (
	ReasonSysctlForbidden   = "SysctlForbidden"
	ReasonPodOSNotSupported = "PodOSNotSupported"
	reasonAppArmor          = "AppArmor"
	reasonOutOf             = "OutOf"
)

// Admit says whether the node may run the pod: nil, or why not. Selectors,
// affinity and taints are about choosing among nodes and do not count here.
func Admit(pod *v1.Pod, node Node) *Rejection {
	for _, check := range []func() *Rejection{
		func() *Rejection { return admitSysctls(pod) },
		func() *Rejection { return admitOS(pod) },
		func() *Rejection { return admitResources(pod, node) },
		func() *Rejection { return admitAppArmor(pod, node) },
	} {
		if r := check(); r != nil {
			return r
		}
	}
	return nil
}

// Refused says whether the rejection holds. A pod that was admitted once is not
// refused later, whatever became of it or of the node.
func (s *Snapshot) Refused() bool {
	if s.Rejected == nil || s.Sandbox.State != SandboxNone || s.Memory.Sandboxes > 0 {
		return false
	}
	for _, c := range s.Containers {
		if len(c.Instances) > 0 {
			return false
		}
	}
	return true
}

// isSafeSysctl says whether pods may set a sysctl without the node's owner
// allowing it: those of the pod's own namespaces that disturb nobody else.
func isSafeSysctl(name string) bool {
	switch name {
	case "kernel.shm_rmid_forced",
		"net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
		"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports",
		"net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
		"net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem":
		return true
	}
	return false
}

func admitSysctls(pod *v1.Pod) *Rejection {
	if pod.Spec.SecurityContext == nil {
		return nil
	}
	for _, s := range pod.Spec.SecurityContext.Sysctls {
		name := sysctlName(s.Name)
		why := ""
		switch {
		case !isSafeSysctl(name):
			why = "not allowlisted"
		case strings.HasPrefix(name, "net.") && pod.Spec.HostNetwork:
			why = "not allowed with host net enabled"
		case strings.HasPrefix(name, "kernel.") && pod.Spec.HostIPC:
			why = "not allowed with host ipc enabled"
		}
		if why != "" {
			return &Rejection{Reason: ReasonSysctlForbidden, Message: fmt.Sprintf("forbidden sysctl: %q %s", name, why)}
		}
	}
	return nil
}

// sysctlName writes a name with dots between its parts. The separator that
// comes first decides; the other one then is part of a name.
func sysctlName(name string) string {
	if i := strings.IndexAny(name, "./"); i < 0 || name[i] == '.' {
		return name
	}
	return strings.NewReplacer(".", "/", "/", ".").Replace(name)
}

func admitOS(pod *v1.Pod) *Rejection {
	if os := pod.Spec.OS; os != nil && os.Name != v1.Linux {
		return &Rejection{Reason: ReasonPodOSNotSupported, Message: "Failed to admit pod as the OS field doesn't match node OS"}
	}
	return nil
}

// admitAppArmor refuses a pod with a profile on a machine that would not enforce
// it. (pkg/security/apparmor, isRequired)
func admitAppArmor(pod *v1.Pod, node Node) *Rejection {
	wanted := func(p *v1.AppArmorProfile) bool { return p != nil && p.Type != v1.AppArmorProfileTypeUnconfined }
	wants := pod.Spec.SecurityContext != nil && wanted(pod.Spec.SecurityContext.AppArmorProfile)
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		wants = wants || c.SecurityContext != nil && wanted(c.SecurityContext.AppArmorProfile)
	}
	for key, profile := range pod.Annotations {
		old := strings.HasPrefix(key, v1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix)
		wants = wants || old && profile != v1.DeprecatedAppArmorBetaProfileNameUnconfined
	}
	if !wants || !node.NoAppArmor {
		return nil
	}
	return &Rejection{Reason: reasonAppArmor, Message: "Cannot enforce AppArmor: AppArmor is not enabled on the host"}
}

// admitResources compares what the pod requests with what the node has; zero
// means that the node does not say.
func admitResources(pod *v1.Pod, node Node) *Rejection {
	requests := resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{})
	if cpu := requests.Cpu().MilliValue(); node.CPUMillis > 0 && cpu > node.CPUMillis {
		return outOf(v1.ResourceCPU, cpu, node.CPUMillis)
	}
	if memory := requests.Memory().Value(); node.MemoryBytes > 0 && memory > node.MemoryBytes {
		return outOf(v1.ResourceMemory, memory, node.MemoryBytes)
	}
	return nil
}

func outOf(name v1.ResourceName, requested, capacity int64) *Rejection {
	return &Rejection{
		Reason:  reasonOutOf + string(name),
		Message: fmt.Sprintf("Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d", name, requested, 0, capacity),
	}
}
