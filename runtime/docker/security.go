package docker

import (
	"fmt"
	"strings"

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
	if s.UnmaskedPaths {
		host.MaskedPaths = []string{}
		host.ReadonlyPaths = []string{}
	}
}

// devices reads "HOST[:CONTAINER[:rwm]]".
func devices(list []string) ([]container.DeviceMapping, error) {
	var out []container.DeviceMapping
	for _, text := range list {
		parts := strings.Split(text, ":")
		d := container.DeviceMapping{PathOnHost: parts[0], PathInContainer: parts[0], CgroupPermissions: "rwm"}
		switch len(parts) {
		case 3:
			d.CgroupPermissions = parts[2]
			fallthrough
		case 2:
			if parts[1] != "" {
				d.PathInContainer = parts[1]
			}
		case 1:
		default:
			return nil, fmt.Errorf("device %q: want HOST[:CONTAINER[:rwm]]: %w", text, runtime.ErrInvalid)
		}
		out = append(out, d)
	}
	return out, nil
}
