package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// Rules about what containers that failed say themselves.

// noName are the words of programs for a name that is not known.
var noName = regexp.MustCompile(`(?i)bad address|could not resolve|couldn't resolve|can't resolve|unable to resolve|failed to resolve|name or service not known|` +
	`no such host|name resolution|NXDOMAIN|name does not resolve|nodename nor servname|ENOTFOUND|EAI_AGAIN|could not translate host name|` +
	`unknown ?host|host not found`)

// namesIn find the name in such a line, the surest first.
var namesIn = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(?:host not found in upstream|host name|bad address|resolve host(?: address)?:?|can't resolve|resolve) *["'‘]([^"'’]+)["'’]`),
	regexp.MustCompile(`(?i)(?:resolve host:?|lookup|ENOTFOUND|EAI_AGAIN|unknown ?host(?:exception)?:?) +([a-z0-9._-]+)`),
	regexp.MustCompile(`(?i)["'‘(]([a-z0-9._-]+)(?::\d+)?["'’)][^"']*(?:name or service|name resolution|nodename|does not resolve|not found|NXDOMAIN|no such host)`),
	regexp.MustCompile(`(?i)([a-z0-9._-]+)(?::\d+)?: *(?:name or service|temporary failure|nodename|name does not resolve|no such host)`),
}

// unknownName finds the line that tells of a name that is not known, and the
// name if it is in it.
func unknownName(lines []string) (line, name string) {
	for i := len(lines) - 1; i >= 0; i-- {
		if !noName.MatchString(lines[i]) {
			continue
		}
		for _, pattern := range namesIn {
			if m := pattern.FindStringSubmatch(lines[i]); m != nil {
				host, _, _ := strings.Cut(m[1], ":")
				return lines[i], host
			}
		}
		return lines[i], ""
	}
	return "", ""
}

// unknownNames finds containers that ask for a host that nobody knows.
func (v *view) unknownNames() {
	for _, u := range v.failing() {
		line, name := unknownName(u.lines())
		if line == "" {
			continue
		}
		f := u.finding(CauseNoName, u.title()+" "+u.end())
		f.Summary = fmt.Sprintf("%s asks for a name that does not resolve", u.title())
		if name != "" {
			f.Summary = fmt.Sprintf("%s asks for host %q, which does not resolve", u.title(), name)
		}
		f.Fix = v.nameAdvice(name)
		v.add(f)
	}
}

// nameAdvice is what to do about a name that does not resolve.
func (v *view) nameAdvice(name string) string {
	label, _, _ := strings.Cut(name, ".")
	for i := range v.units {
		if v.units[i].name() == label {
			return fmt.Sprintf("the containers of a pod have no names of their own: ask for localhost to reach container %q", label)
		}
	}
	if name == "" {
		name = "it"
	}
	return fmt.Sprintf("there are no Services here: let %s be a name that the engine's network knows, or give it an address with spec.hostAliases", name)
}

// noSpace are the words of programs for a disk that is full.
var noSpace = regexp.MustCompile(`(?i)no space left on device|ENOSPC|disk full|disk quota exceeded`)

// fullDisks finds containers that failed for want of space.
func (v *view) fullDisks() {
	for _, u := range v.failing() {
		lines := u.lines()
		for i := len(lines) - 1; i >= 0; i-- {
			if noSpace.MatchString(lines[i]) {
				v.add(v.fullDisk(u, lines[i]))
				break
			}
		}
	}
}

func (v *view) fullDisk(u *unit, line string) Finding {
	f := Finding{
		Cause: CauseDiskFull, Container: u.name(), Log: shown(u.lines()), Details: []string{u.title() + " " + u.end()},
		Summary: u.title() + " found no space left",
		Fix:     "the engine's disk may be full (docker system df; podsim gc removes what podsim left)",
	}
	place, mount := "", (*v1.VolumeMount)(nil)
	for _, p := range paths(line, u.spec.WorkingDir) {
		if m := mountOf(u.spec, p); place == "" || m != nil {
			place, mount = p, m
		}
	}
	if place != "" {
		f.Summary += " for " + place
	}
	if mount == nil {
		return f
	}
	f.Summary += fmt.Sprintf(" (volume %q, %s)", mount.Name, v.kindOf(mount.Name))
	for _, vol := range v.Pod.Spec.Volumes {
		if e := vol.EmptyDir; vol.Name == mount.Name && e != nil && e.Medium == v1.StorageMediumMemory {
			f.Fix = "raise emptyDir.sizeLimit (the memory counts against the containers' limits), or write less"
			if e.SizeLimit != nil {
				f.Summary += ": it is in memory, of at most " + e.SizeLimit.String()
			}
		}
	}
	return f
}

// bindDenied are the words of programs that may not listen.
var bindDenied = regexp.MustCompile(`(?i)(?:bind|listen)[^/]*(?:permission denied|EACCES)|EACCES[^/]*(?:bind|listen)`)

// lowPorts finds containers that may not listen on a port below 1024.
func (v *view) lowPorts() {
	for _, u := range v.failing() {
		i := slices.IndexFunc(u.lines(), bindDenied.MatchString)
		if i < 0 {
			continue
		}
		f := u.finding(CausePermission, v.identity(u).String(), u.title()+" "+u.end())
		where := "its port"
		if port := lowPort(u, u.lines()[i]); port != 0 {
			where = fmt.Sprintf("port %d", port)
		}
		f.Summary = fmt.Sprintf("%s may not listen on %s: ports below 1024 want root or the capability NET_BIND_SERVICE", u.title(), where)
		f.Fix = "let it listen on a port from 1024 on, or set the sysctl net.ipv4.ip_unprivileged_port_start to 0 (spec.securityContext.sysctls)"
		v.add(f)
	}
}

// lowPort is the port below 1024 that stands in the line, else one that the
// container declares or its command names. 0 is none.
func lowPort(u *unit, line string) uint16 {
	for _, m := range portText.FindAllStringSubmatch(line, -1) {
		if n, err := strconv.ParseUint(m[1], 10, 16); err == nil && n < 1024 {
			return uint16(n)
		}
	}
	for _, port := range wantedPorts(u) {
		if port < 1024 {
			return port
		}
	}
	return 0
}

// isDir are the words of programs that wanted a file.
var isDir = regexp.MustCompile(`(?i)is a directory|EISDIR`)

// mountedDirs finds containers that want to read a file where a volume is
// mounted, which is a directory.
func (v *view) mountedDirs() {
	for _, u := range v.failing() {
		for _, line := range u.lines() {
			if m := u.mountIn(line); m != nil && isDir.MatchString(line) {
				v.add(Finding{
					Cause: CauseIsDirectory, Container: u.name(), Log: shown(u.lines()), Details: []string{u.title() + " " + u.end()},
					Summary: fmt.Sprintf("%s wants a file at %s, which is a directory: volume %q is mounted there", u.title(), m.MountPath, m.Name),
					Fix:     "mount the directory above it, or one file of the volume: subPath with the file's name",
				})
				break
			}
		}
	}
}

// mountIn is the mount of a whole volume whose path stands in a line.
func (u *unit) mountIn(line string) *v1.VolumeMount {
	for _, p := range paths(line, u.spec.WorkingDir) {
		for i := range u.spec.VolumeMounts {
			if m := &u.spec.VolumeMounts[i]; strings.TrimRight(m.MountPath, "/") == p && m.SubPath == "" && m.SubPathExpr == "" {
				return m
			}
		}
	}
	return nil
}
