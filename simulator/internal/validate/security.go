package validate

import (
	"fmt"
	"regexp"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/component-helpers/node/util/sysctl"
	"k8s.io/utils/ptr"
)

const (
	maxSysctlName = 253
	// maxProfilePath is the longest path that Linux takes.
	maxProfilePath = 4095
	linuxOnly      = "windows options cannot be set for a linux pod"
	notWindows     = "cannot be set for a windows pod"
)

var sysctlName = regexp.MustCompile(`^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`)

func (c *podCheck) podSecurity() {
	spec := &c.pod.Spec
	sc, at := spec.SecurityContext, specPath.Child("securityContext")
	if sc == nil {
		return
	}
	c.group(at.Child("fsGroup"), sc.FSGroup)
	c.user(at.Child("runAsUser"), sc.RunAsUser)
	c.group(at.Child("runAsGroup"), sc.RunAsGroup)
	for i := range sc.SupplementalGroups {
		c.group(at.Child("supplementalGroups").Index(i), &sc.SupplementalGroups[i])
	}
	if spec.HostPID && ptr.Deref(spec.ShareProcessNamespace, false) {
		c.invalid(at.Child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled")
	}
	c.sysctls(at.Child("sysctls"), sc.Sysctls)
	optional(&c.findings, at.Child("fsGroupChangePolicy"), sc.FSGroupChangePolicy, v1.FSGroupChangeAlways, v1.FSGroupChangeOnRootMismatch)
	c.seccomp(at.Child("seccompProfile"), sc.SeccompProfile)
	c.appArmor(at.Child("appArmorProfile"), sc.AppArmorProfile)
	optional(&c.findings, at.Child("supplementalGroupsPolicy"), sc.SupplementalGroupsPolicy,
		v1.SupplementalGroupsPolicyMerge, v1.SupplementalGroupsPolicyStrict)
	optional(&c.findings, at.Child("seLinuxChangePolicy"), sc.SELinuxChangePolicy, v1.SELinuxChangePolicyRecursive)
}

// optional is oneOf for fields that may be absent.
func optional[T ~string](f *findings, at *field.Path, value *T, supported ...T) {
	if value != nil {
		oneOf(f, at, *value, supported...)
	}
}

func (f *findings) user(at *field.Path, id *int64) {
	if id != nil {
		f.all(at, *id, validation.IsValidUserID(*id))
	}
}

func (f *findings) group(at *field.Path, id *int64) {
	if id != nil {
		f.all(at, *id, validation.IsValidGroupID(*id))
	}
}

func (c *podCheck) sysctls(at *field.Path, list []v1.Sysctl) {
	seen := sets.New[string]()
	for i, s := range list {
		name := at.Index(i).Child("name")
		switch {
		case s.Name == "":
			c.required(name, "")
		case len(s.Name) > maxSysctlName || !sysctlName.MatchString(s.Name):
			c.invalid(name, s.Name, fmt.Sprintf("must have at most %d characters and match regex %s", maxSysctlName, sysctlName))
		case seen.Has(s.Name):
			c.duplicate(name, s.Name)
		}
		seen.Insert(s.Name)
		switch ns, _, _ := sysctl.GetNamespace(s.Name); {
		case c.pod.Spec.HostNetwork && ns == sysctl.NetNamespace:
			c.invalid(name, s.Name, "may not be specified when 'hostNetwork' is true")
		case c.pod.Spec.HostIPC && ns == sysctl.IPCNamespace:
			c.invalid(name, s.Name, "may not be specified when 'hostIPC' is true")
		}
	}
}

func (c *podCheck) seccomp(at *field.Path, p *v1.SeccompProfile) {
	if p == nil {
		return
	}
	if p.Type == "" {
		c.required(at.Child("type"), "type is required when seccompProfile is set")
	} else {
		oneOf(&c.findings, at.Child("type"), p.Type,
			v1.SeccompProfileTypeLocalhost, v1.SeccompProfileTypeRuntimeDefault, v1.SeccompProfileTypeUnconfined)
	}
	local := p.Type == v1.SeccompProfileTypeLocalhost
	switch {
	case local && p.LocalhostProfile == nil:
		c.required(at.Child("localhostProfile"), "must be set when seccomp type is Localhost")
	case local:
		c.descendingPath(at.Child("localhostProfile"), *p.LocalhostProfile)
	case p.LocalhostProfile != nil:
		c.invalid(at.Child("localhostProfile"), internal(*p), "can only be set when seccomp type is Localhost")
	}
}

func (c *podCheck) appArmor(at *field.Path, p *v1.AppArmorProfile) {
	if p == nil {
		return
	}
	profile := at.Child("localhostProfile")
	switch p.Type {
	case v1.AppArmorProfileTypeLocalhost:
		name := ptr.Deref(p.LocalhostProfile, "")
		switch trimmed := strings.TrimSpace(name); {
		case trimmed != name:
			c.invalid(profile, name, "must not be padded with whitespace")
		case name == "":
			c.required(profile, "must be set when AppArmor type is Localhost")
		}
		if len(name) > maxProfilePath {
			c.tooLong(profile, maxProfilePath)
		}
	case v1.AppArmorProfileTypeRuntimeDefault, v1.AppArmorProfileTypeUnconfined:
		if p.LocalhostProfile != nil {
			c.invalid(profile, *p.LocalhostProfile, "can only be set when AppArmor type is Localhost")
		}
	case "":
		c.required(at.Child("type"), "type is required when appArmorProfile is set")
	default:
		oneOf(&c.findings, at.Child("type"), p.Type,
			v1.AppArmorProfileTypeLocalhost, v1.AppArmorProfileTypeRuntimeDefault, v1.AppArmorProfileTypeUnconfined)
	}
}

func (c *podCheck) containerSecurity(ctr placed) {
	sc, at := ctr.SecurityContext, ctr.at.Child("securityContext")
	if sc == nil {
		return
	}
	c.user(at.Child("runAsUser"), sc.RunAsUser)
	c.group(at.Child("runAsGroup"), sc.RunAsGroup)
	if sc.ProcMount != nil {
		oneOf(&c.findings, at.Child("procMount"), *sc.ProcMount, v1.DefaultProcMount, v1.UnmaskedProcMount)
		if c.hostUsers && *sc.ProcMount == v1.UnmaskedProcMount {
			c.invalid(at.Child("procMount"), *sc.ProcMount, "`hostUsers` must be false to use `Unmasked`")
		}
	}
	c.seccomp(at.Child("seccompProfile"), sc.SeccompProfile)
	if !ptr.Deref(sc.AllowPrivilegeEscalation, true) {
		if ptr.Deref(sc.Privileged, false) {
			c.invalid(at, internal(*sc), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
		}
		if sc.Capabilities != nil {
			for _, capability := range sc.Capabilities.Add {
				if capability == "CAP_SYS_ADMIN" {
					c.invalid(at, internal(*sc), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")
				}
			}
		}
	}
	c.appArmor(at.Child("appArmorProfile"), sc.AppArmorProfile)
}

// hostUsersFalse: a user namespace of one's own does not go with the machine's other namespaces.
func (c *podCheck) hostUsersFalse() {
	if c.hostUsers {
		return
	}
	const detail = "when `hostUsers` is false"
	spec := &c.pod.Spec
	c.forbidIf(spec.HostNetwork, specPath.Child("hostNetwork"), detail)
	c.forbidIf(spec.HostPID, specPath.Child("HostPID"), detail)
	c.forbidIf(spec.HostIPC, specPath.Child("HostIPC"), detail)
	for _, ctr := range allContainers(spec) {
		c.forbidIf(len(ctr.VolumeDevices) > 0, ctr.at.Child("volumeDevices"), detail)
	}
}

func (c *podCheck) noWindowsOptions() {
	spec := &c.pod.Spec
	c.forbidIf(spec.SecurityContext != nil && spec.SecurityContext.WindowsOptions != nil,
		specPath.Child("securityContext", "windowsOptions"), linuxOnly)
	for _, ctr := range allContainers(spec) {
		c.forbidIf(ctr.SecurityContext != nil && ctr.SecurityContext.WindowsOptions != nil,
			ctr.at.Child("securityContext", "windowsOptions"), linuxOnly)
	}
}

// noLinuxOptions is short: podsim refuses pods for Windows in any case.
func (c *podCheck) noLinuxOptions() {
	spec := &c.pod.Spec
	c.forbidIf(spec.HostUsers != nil, specPath.Child("hostUsers"), notWindows)
	c.forbidIf(spec.HostPID, specPath.Child("hostPID"), notWindows)
	c.forbidIf(spec.HostIPC, specPath.Child("hostIPC"), notWindows)
	c.forbidIf(spec.ShareProcessNamespace != nil, specPath.Child("shareProcessNamespace"), notWindows)
}
