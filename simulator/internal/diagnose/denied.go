package diagnose

import (
	"path"
	"regexp"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// denial is a line of a log in which the kernel refused something below a
// mount, or on a path at all.
type denial struct {
	line string
	// readOnly is EROFS, owner is EPERM: only an owner may do what was tried.
	readOnly, owner bool
	// path as the container sees it, "" when the line has none.
	path  string
	mount *v1.VolumeMount
	place Place
}

var (
	deniedWords   = regexp.MustCompile(`(?i)permission denied|EACCES`)
	readOnlyWords = regexp.MustCompile(`(?i)read-only file system|EROFS`)
	ownerWords    = regexp.MustCompile(`(?i)operation not permitted|EPERM|has wrong ownership`)
	pathWord      = regexp.MustCompile(`[^\s"'` + "`" + `‘’“”<>()\[\],;=]*/[^\s"'` + "`" + `‘’“”<>()\[\],;]*`)
	bareWord      = regexp.MustCompile("[\"'`‘’“”]([^\"'`‘’“”\\s/]+)[\"'`‘’“”]|([^\\s:'\"]+):\\s+(?i:permission denied|read-only file system)")
)

// denials reads a unit's log from its end.
func denials(pod *v1.Pod, u *unit) []denial {
	var out []denial
	lines := u.lines()
	for i := len(lines) - 1; i >= 0; i-- {
		d := denial{line: strings.TrimSpace(lines[i])}
		switch {
		case readOnlyWords.MatchString(d.line):
			d.readOnly = true
		case deniedWords.MatchString(d.line):
		case ownerWords.MatchString(d.line):
			d.owner = true
		default:
			continue
		}
		d.locate(u)
		out = append(out, d)
	}
	return out
}

// locate finds the path of the line: the one that lies deepest in a mount, else
// the last that is a path.
func (d *denial) locate(u *unit) {
	for _, p := range paths(d.line, u.spec.WorkingDir) {
		m := mountOf(u.spec, p)
		better := d.path == "" || d.mount == nil && m != nil || (d.mount == nil) == (m == nil)
		if better {
			d.path, d.mount = p, m
		}
	}
	if d.mount == nil {
		return
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(d.path, path.Join("/", d.mount.MountPath)), "/")
	d.place = Place{Volume: d.mount.Name, Path: strings.TrimPrefix(path.Join("/", d.mount.SubPath, rest), "/")}
}

// paths are what looks like a path in a line. A relative name counts where the
// container's directory is known.
func paths(line, dir string) []string {
	var out []string
	for _, word := range pathWord.FindAllString(line, -1) {
		word = strings.TrimRight(word, ":.")
		switch {
		case strings.HasPrefix(word, "/"):
			out = append(out, path.Clean(word))
		case strings.Contains(word, "://"), strings.HasSuffix(strings.SplitN(word, "/", 2)[0], ":"):
		case dir != "":
			out = append(out, path.Join("/", dir, word))
		}
	}
	if len(out) > 0 || dir == "" {
		return out
	}
	if m := bareWord.FindStringSubmatch(line); m != nil {
		out = append(out, path.Join("/", dir, m[1]+m[2]))
	}
	return out
}

// mountOf is the mount that a path lies in, the deepest one.
func mountOf(c *v1.Container, p string) *v1.VolumeMount {
	var found *v1.VolumeMount
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		at := path.Join("/", m.MountPath)
		if at != "/" && p != at && !strings.HasPrefix(p, at+"/") {
			continue
		}
		if found == nil || len(at) > len(path.Join("/", found.MountPath)) {
			found = m
		}
	}
	return found
}

// around are the places that decide about a path: itself and the directories
// above it, up to the volume's root, from the root down.
func around(p Place) []Place {
	out := []Place{p}
	for at := p.Path; at != ""; {
		at = path.Dir(at)
		if at == "." || at == "/" {
			at = ""
		}
		out = append(out, Place{p.Volume, at})
	}
	slices.Reverse(out)
	return out
}
