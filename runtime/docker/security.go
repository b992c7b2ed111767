package docker

import (
	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// secure translates the security context.
func secure(host *container.HostConfig, s runtime.Security) {
	host.Privileged = s.Privileged
	host.CapAdd = s.CapAdd
	host.CapDrop = s.CapDrop
	host.ReadonlyRootfs = s.ReadonlyRootfs
	if s.NoNewPrivileges {
		host.SecurityOpt = append(host.SecurityOpt, "no-new-privileges")
	}
	if s.Seccomp != "" {
		host.SecurityOpt = append(host.SecurityOpt, "seccomp="+s.Seccomp)
	}
	if s.AppArmor != "" {
		host.SecurityOpt = append(host.SecurityOpt, "apparmor="+s.AppArmor)
	}
	for _, label := range s.SELinux {
		host.SecurityOpt = append(host.SecurityOpt, "label="+label)
	}
	if s.AllDevices {
		host.Devices = append(host.Devices, container.DeviceMapping{PathOnHost: "/dev", PathInContainer: "/dev", CgroupPermissions: "rwm"})
		host.DeviceCgroupRules = append(host.DeviceCgroupRules, "a *:* rwm")
	}
	if s.UnmaskedPaths {
		host.MaskedPaths = []string{}
		host.ReadonlyPaths = []string{}
	}
}
