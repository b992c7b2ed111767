package config

import (
	"fmt"
	"path"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

const (
	unconfined = "unconfined"
	// AllCapabilities stands for each of them.
	AllCapabilities = "ALL"
	// kubeletRoot is where a kubelet keeps pods, seccompRoot where it keeps
	// profiles: its messages name them.
	kubeletRoot = "/var/lib/kubelet"
	seccompRoot = kubeletRoot + "/seccomp"
	// appArmorAnnotation plus a container's name is how AppArmor profiles were
	// asked for before there was a field.
	appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/"
)

// security is a container's identity towards the kernel, but for its user.
func security(pod *v1.Pod, c *v1.Container) (runtime.Security, error) {
	own := c.SecurityContext
	if own == nil {
		own = &v1.SecurityContext{}
	}
	seccomp, err := seccompProfile(pod, c)
	if err != nil {
		return runtime.Security{}, err
	}
	add, drop := capabilities(own.Capabilities)
	s := runtime.Security{
		Privileged:      isTrue(own.Privileged),
		CapAdd:          add,
		CapDrop:         drop,
		NoNewPrivileges: own.AllowPrivilegeEscalation != nil && !*own.AllowPrivilegeEscalation,
		ReadonlyRootfs:  isTrue(own.ReadOnlyRootFilesystem),
		Seccomp:         seccomp,
		AppArmor:        appArmorProfile(pod, c),
		SELinux:         seLinuxLabels(pod, c),
		UnmaskedPaths:   own.ProcMount != nil && *own.ProcMount == v1.UnmaskedProcMount,
	}
	if s.Privileged {
		s.Seccomp, s.AppArmor = unconfined, unconfined
	}
	return s, nil
}

// capabilities says a container's capabilities so that Docker comes to what a
// runtime below a kubelet does, which adds first and drops then: what stands in
// both lists is dropped, and ALL in both leaves none. A name that it does not
// know has no effect there, and Docker would refuse the start.
func capabilities(c *v1.Capabilities) (add, drop []string) {
	if c == nil {
		return nil, nil
	}
	for _, dropped := range c.Drop {
		if name := strings.ToUpper(string(dropped)); name == AllCapabilities || KnownCapability(dropped) {
			drop = append(drop, name)
		}
	}
	dropAll := slices.Contains(drop, AllCapabilities)
	for _, added := range c.Add {
		name := strings.ToUpper(string(added))
		switch {
		case name != AllCapabilities && !KnownCapability(added):
		case dropAll && name == AllCapabilities:
		case slices.Contains(drop, name):
		default:
			add = append(add, name)
		}
	}
	return add, drop
}

// KnownCapability says whether a name is that of a capability of Linux, without
// "CAP_" before it: containerd puts that there itself, so that a name which has
// it is one that nobody knows (containerd: pkg/cri/opts, WithCapabilities).
func KnownCapability(c v1.Capability) bool {
	return slices.Contains(Capabilities(), strings.ToUpper(string(c)))
}

// Capabilities are those of Linux by their numbers (linux/capability.h).
func Capabilities() []string {
	return []string{
		"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
		"LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
		"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
		"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
		"MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
		"CHECKPOINT_RESTORE",
	}
}

// seccompProfile is the filter of a container: its own, else its pod's, else
// none at all, which is a kubelet's default.
func seccompProfile(pod *v1.Pod, c *v1.Container) (string, error) {
	var profile *v1.SeccompProfile
	if p := pod.Spec.SecurityContext; p != nil {
		profile = p.SeccompProfile
	}
	if s := c.SecurityContext; s != nil && s.SeccompProfile != nil {
		profile = s.SeccompProfile
	}
	switch {
	case profile == nil:
		return unconfined, nil
	case profile.Type == v1.SeccompProfileTypeRuntimeDefault:
		return "", nil
	case profile.Type != v1.SeccompProfileTypeLocalhost:
		return unconfined, nil
	case profile.LocalhostProfile == nil || *profile.LocalhostProfile == "":
		return "", containerError("localhostProfile must be set if seccompProfile type is Localhost.")
	}
	file := path.Join(seccompRoot, *profile.LocalhostProfile) // no machine of podsim's has it
	return "", &Error{Reason: ReasonContainer, Message: fmt.Sprintf(
		"failed to generate seccomp spec opts: cannot load seccomp profile %q: open %s: no such file or directory", file, file)}
}

// appArmorProfile is "" for the engine's default.
func appArmorProfile(pod *v1.Pod, c *v1.Container) string {
	var profile *v1.AppArmorProfile
	if p := pod.Spec.SecurityContext; p != nil {
		profile = p.AppArmorProfile
	}
	if s := c.SecurityContext; s != nil && s.AppArmorProfile != nil {
		profile = s.AppArmorProfile
	}
	if profile == nil {
		value := pod.Annotations[appArmorAnnotation+c.Name]
		if value == unconfined {
			return unconfined
		}
		name, _ := strings.CutPrefix(value, "localhost/")
		if name == value {
			return ""
		}
		return name
	}
	switch profile.Type {
	case v1.AppArmorProfileTypeUnconfined:
		return unconfined
	case v1.AppArmorProfileTypeLocalhost:
		if profile.LocalhostProfile != nil {
			return *profile.LocalhostProfile
		}
	}
	return ""
}

func seLinuxLabels(pod *v1.Pod, c *v1.Container) []string {
	var options *v1.SELinuxOptions
	if p := pod.Spec.SecurityContext; p != nil {
		options = p.SELinuxOptions
	}
	if s := c.SecurityContext; s != nil && s.SELinuxOptions != nil {
		options = s.SELinuxOptions
	}
	if options == nil {
		return nil
	}
	var labels []string
	for _, part := range []struct{ key, value string }{
		{"user", options.User}, {"role", options.Role}, {"type", options.Type}, {"level", options.Level},
	} {
		if part.value != "" {
			labels = append(labels, part.key+":"+part.value)
		}
	}
	return labels
}

// userNS is "host" for pods that must not be in the user namespace of a daemon
// with remapped users: those that ask for the host's, and those that share
// other namespaces or devices of the host.
func userNS(pod *v1.Pod) string {
	spec := &pod.Spec
	if isTrue(spec.HostUsers) || spec.HostNetwork || spec.HostPID || spec.HostIPC {
		return "host"
	}
	for _, c := range allContainers(pod) {
		if c.SecurityContext != nil && isTrue(c.SecurityContext.Privileged) {
			return "host"
		}
	}
	return ""
}
