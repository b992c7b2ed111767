package diagnose

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// permissions finds containers that failed since the kernel refused them a
// file.
func (v *view) permissions() {
	for _, u := range v.open() {
		if u.failed() == nil && u.well() {
			continue
		}
		for _, d := range denials(v.Pod, u) {
			if d.path == "" || d.owner && d.mount == nil {
				continue
			}
			v.add(v.denied(u, d))
			break
		}
	}
}

func (v *view) denied(u *unit, d denial) Finding {
	f := u.finding(CausePermission)
	switch {
	case d.readOnly:
		f.Cause = CauseReadOnly
		v.deniedReadOnly(&f, u, d)
	case d.mount == nil:
		f.Summary = fmt.Sprintf("%s may not use %s of its image", u.title(), d.path)
		f.Details = append(f.Details, v.identity(u).String())
		f.Fix = "give that path to its user in the image, or mount an emptyDir there"
	default:
		v.deniedInVolume(&f, u, d)
	}
	if end := u.end(); end != "" && u.failed() != nil {
		f.Details = append(f.Details, u.title()+" "+end)
	}
	return f
}

func (v *view) deniedReadOnly(f *Finding, u *unit, d denial) {
	f.Summary = fmt.Sprintf("%s cannot write %s: it is read-only", u.title(), d.path)
	switch {
	case d.mount == nil && u.spec.SecurityContext != nil && u.spec.SecurityContext.ReadOnlyRootFilesystem != nil && *u.spec.SecurityContext.ReadOnlyRootFilesystem:
		f.Summary += " (readOnlyRootFilesystem)"
		f.Fix = fmt.Sprintf("mount an emptyDir at %s, or where it is to write", path.Dir(d.path))
	case d.mount == nil:
	case v.written(d.mount.Name):
		f.Summary = fmt.Sprintf("%s cannot write %s: volume %q is %s, which is read-only always", u.title(), d.path, d.mount.Name, v.kindOf(d.mount.Name))
		f.Fix = "copy the files to an emptyDir in an init container, and change them there"
	case d.mount.ReadOnly:
		f.Summary = fmt.Sprintf("%s cannot write %s: it mounts volume %q with readOnly: true", u.title(), d.path, d.mount.Name)
		f.Fix = fmt.Sprintf("take readOnly away from the mount of %q at %s, or let it write elsewhere", d.mount.Name, d.mount.MountPath)
	}
}

// deniedInVolume says who owns what stands in the way, and who asked.
func (v *view) deniedInVolume(f *Finding, u *unit, d denial) {
	who := v.identity(u)
	f.Summary = fmt.Sprintf("%s may not use %s (volume %q, %s)", u.title(), d.path, d.mount.Name, v.kindOf(d.mount.Name))
	if d.owner {
		f.Summary = fmt.Sprintf("%s may not change %s (volume %q, %s): only its owner may", u.title(), d.path, d.mount.Name, v.kindOf(d.mount.Name))
	}
	place, file, seen := v.obstacle(d, who)
	if seen {
		at := path.Join("/", d.mount.MountPath, strings.TrimPrefix(strings.TrimPrefix(place.Path, d.mount.SubPath), "/"))
		f.Summary += fmt.Sprintf(": %s belongs to %d:%d, mode %s", at, file.UID, file.GID, mode(file.Mode))
	}
	f.Details = append(f.Details, who.String())
	fresh := seen && place.Path == "" && file.UID == 0 && v.isClaim(d.mount.Name)
	if fresh {
		f.Details = append(f.Details, "a fresh claim belongs to root until fsGroup or an init container changes that")
	}
	f.Fix = v.remedy(u, d, who, place, file, seen)
}

// obstacle is the first place on the way to the path that its mode closes to
// the container, else the last that is there.
func (v *view) obstacle(d denial, who identity) (Place, File, bool) {
	var last Place
	var file File
	seen := false
	way := around(d.place)
	for i, p := range way {
		f, looked := v.Files[p]
		if !looked || f.Missing {
			break
		}
		last, file, seen = p, f, true
		onTheWay := i < len(way)-1
		if next, looked := v.Files[way[min(i+1, len(way)-1)]]; onTheWay && looked && next.Missing {
			onTheWay = false // something is to be made here
		}
		if who.known && !who.may(f, onTheWay) {
			break
		}
	}
	return last, file, seen
}

// remedy is what would let the container in.
func (v *view) remedy(u *unit, d denial, who identity, place Place, file File, seen bool) string {
	if v.hostPath(d.mount.Name) {
		return "fsGroup does not change a hostPath: give the path to the container's user on the engine's machine"
	}
	if d.owner {
		return "let an init container that runs as root chown it, or give the program a directory of its own below (subPath, or its setting for the data directory)"
	}
	if who.root() {
		return "it runs as root without the capability DAC_OVERRIDE: give that back, or make the path root's"
	}
	group := v.suggestedGroup(u, file, seen)
	if g := fsGroup(v.Pod); g != nil {
		if seen && file.GID == uint32(*g) {
			return "the group is right, its mode is not: let the writer make it group-writable (umask 002)"
		}
		return "fsGroup does not reach it: let an init container that runs as root chown it"
	}
	text := fmt.Sprintf("set spec.securityContext.fsGroup: %d", group)
	if seen && place.Path != "" && !v.isClaim(d.mount.Name) && file.UID != 0 {
		// Made by another container of the pod: the group comes, the mode does not.
		text += ", and let the writer make it group-writable (umask 002)"
	}
	return text
}

// suggestedGroup is a group that the container is in or that owns the files.
func (v *view) suggestedGroup(u *unit, file File, seen bool) int64 {
	if id := v.identity(u); id.gid > 0 {
		return id.gid
	} else if seen && file.GID != 0 {
		return int64(file.GID)
	} else if id.uid > 0 {
		return id.uid
	}
	return 2000
}

// identity is who a container runs as, as far as the spec and the image tell.
type identity struct {
	known    bool
	uid, gid int64
	// grouped: gid is sure; without a group in the spec it is the image's say.
	grouped bool
	name    string
	groups  []int64
}

func (v *view) identity(u *unit) identity {
	id := identity{}
	set := func(user, group *int64) {
		if user != nil {
			id.uid, id.known = *user, true
		}
		if group != nil {
			id.gid, id.grouped = *group, true
		}
	}
	image, imageGroup, _ := strings.Cut(u.ImageUser, ":")
	if n, err := strconv.ParseInt(image, 10, 64); err == nil {
		id.uid, id.known = n, true
		id.gid, err = strconv.ParseInt(imageGroup, 10, 64)
		id.grouped = err == nil
	} else if image != "" {
		id.name = image
	}
	if p := v.Pod.Spec.SecurityContext; p != nil {
		set(p.RunAsUser, p.RunAsGroup)
		if p.FSGroup != nil {
			id.groups = append(id.groups, *p.FSGroup)
		}
		id.groups = append(id.groups, p.SupplementalGroups...)
	}
	if s := u.spec.SecurityContext; s != nil {
		set(s.RunAsUser, s.RunAsGroup)
	}
	return id
}

func (id identity) root() bool { return id.known && id.uid == 0 }

func (id identity) String() string {
	user := "the image's user"
	switch {
	case id.known && id.grouped:
		user = fmt.Sprintf("uid %d, gid %d", id.uid, id.gid)
	case id.known:
		user = fmt.Sprintf("uid %d", id.uid)
	case id.name != "":
		user = fmt.Sprintf("user %q of the image", id.name)
	}
	if len(id.groups) > 0 {
		var words []string
		for _, g := range id.groups {
			words = append(words, strconv.FormatInt(g, 10))
		}
		user += ", groups " + strings.Join(words, ", ")
	}
	return "the container runs as " + user
}

// may tells whether the mode lets id pass through a directory, or write.
func (id identity) may(f File, pass bool) bool {
	want := uint32(2)
	switch {
	case pass:
		want = 1
	case f.Dir:
		want = 3
	}
	bits := f.Mode & 7
	switch {
	case int64(f.UID) == id.uid:
		bits = f.Mode >> 6 & 7
	case id.grouped && int64(f.GID) == id.gid || slices.Contains(id.groups, int64(f.GID)):
		bits = f.Mode >> 3 & 7
	}
	return bits&want == want
}

func mode(m uint32) string { return fmt.Sprintf("%04o", m) }

func fsGroup(pod *v1.Pod) *int64 {
	if p := pod.Spec.SecurityContext; p != nil {
		return p.FSGroup
	}
	return nil
}
