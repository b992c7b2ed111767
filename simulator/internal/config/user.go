package config

import (
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// identity is who a container runs as, its own settings before its pod's.
type identity struct {
	user, group *int64
	nonRoot     bool
}

func identityOf(pod *v1.Pod, c *v1.Container) identity {
	var id identity
	if p := pod.Spec.SecurityContext; p != nil {
		id = identity{user: p.RunAsUser, group: p.RunAsGroup, nonRoot: isTrue(p.RunAsNonRoot)}
	}
	if s := c.SecurityContext; s != nil {
		if s.RunAsUser != nil {
			id.user = s.RunAsUser
		}
		if s.RunAsGroup != nil {
			id.group = s.RunAsGroup
		}
		if s.RunAsNonRoot != nil {
			id.nonRoot = *s.RunAsNonRoot
		}
	}
	return id
}

// imageUser is what the kubelet knows of an image's USER: a uid, or a name that
// is no number. No USER is uid 0; a group in it is not seen.
func imageUser(user string) (uid *int64, name string) {
	if user == "" {
		return new(int64), ""
	}
	user, _, _ = strings.Cut(user, ":")
	if n, err := strconv.ParseInt(user, 10, 64); err == nil {
		return &n, ""
	}
	return nil, user
}

// checkNonRoot refuses what runAsNonRoot forbids.
// (pkg/kubelet/kuberuntime/security_context_others.go, verifyRunAsNonRoot)
func checkNonRoot(pod *v1.Pod, c *v1.Container, image string) error {
	id := identityOf(pod, c)
	if !id.nonRoot {
		return nil
	}
	where := " (pod: \"" + podText(pod) + "(" + string(pod.UID) + ")\", container: " + c.Name + ")"
	if id.user != nil {
		if *id.user == 0 {
			return containerError("container's runAsUser breaks non-root policy%s", where)
		}
		return nil
	}
	uid, name := imageUser(image)
	switch {
	case uid == nil && name != "":
		return containerError("container has runAsNonRoot and image has non-numeric user (%s), "+
			"cannot verify user is non-root%s", name, where)
	case uid != nil && *uid == 0:
		return containerError("container has runAsNonRoot and image will run as root%s", where)
	}
	return nil
}

// userString is the user as the engine takes it. Without a gid the engine looks
// the user up in the image, and takes gid 0 where it is not known; a runtime
// below a kubelet does the same.
func userString(pod *v1.Pod, c *v1.Container, image string) string {
	id := identityOf(pod, c)
	uid, name := imageUser(image)
	user := name
	switch {
	case id.user != nil:
		user = strconv.FormatInt(*id.user, 10)
	case uid != nil:
		user = strconv.FormatInt(*uid, 10)
	}
	switch {
	case id.group != nil:
		return user + ":" + strconv.FormatInt(*id.group, 10)
	case strictGroups(pod) && user == "0":
		// With a gid the engine adds no groups of the image.
		return "0:0"
	}
	return user
}

func strictGroups(pod *v1.Pod) bool {
	p := pod.Spec.SecurityContext
	return p != nil && p.SupplementalGroupsPolicy != nil && *p.SupplementalGroupsPolicy == v1.SupplementalGroupsPolicyStrict
}

// supplementalGroups are fsGroup and those listed; the engine adds the primary
// group.
func supplementalGroups(pod *v1.Pod) []string {
	p := pod.Spec.SecurityContext
	if p == nil {
		return nil
	}
	var groups []string
	if p.FSGroup != nil {
		groups = append(groups, strconv.FormatInt(*p.FSGroup, 10))
	}
	for _, g := range p.SupplementalGroups {
		groups = append(groups, strconv.FormatInt(g, 10))
	}
	return groups
}

// commonUser is the uid that all containers of the pod run as by their specs,
// or nil. Tokens belong to it. (pkg/volume/util, FsUserFrom)
func commonUser(pod *v1.Pod) *int64 {
	var common *int64
	for _, c := range allContainers(pod) {
		user := identityOf(pod, c).user
		if user == nil || common != nil && *common != *user {
			return nil
		}
		common = user
	}
	return common
}

func fsGroup(pod *v1.Pod) *int64 {
	if p := pod.Spec.SecurityContext; p != nil {
		return p.FSGroup
	}
	return nil
}
