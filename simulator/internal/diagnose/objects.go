package diagnose

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/podsim/podsim/internal/near"
)

// What the kubelet says about objects that are missing.
var (
	noObject = regexp.MustCompile(`\b(configmap|secret|persistentvolumeclaim) "([^"]+)" not found`)
	noKey    = regexp.MustCompile(`couldn't find key (\S+) in (ConfigMap|Secret) [^/\s]+/(\S+)`)
	noItem   = regexp.MustCompile(`(?:references non-existent (?:config|secret) key: )(\S+)`)
)

// mounts finds volumes that cannot be mounted, on which the whole pod waits.
func (v *view) mounts() {
	if v.over() || v.started() {
		return
	}
	seen := map[string]bool{}
	for i := len(v.Events) - 1; i >= 0; i-- {
		e := &v.Events[i]
		if e.Reason != "FailedMount" || seen[volumeOf(e.Message)] {
			continue
		}
		name := volumeOf(e.Message)
		seen[name] = true
		_, why, ok := strings.Cut(e.Message, "\" : ")
		if !ok {
			why = e.Message
		}
		f := Finding{Cause: CauseMount, Summary: fmt.Sprintf("volume %q cannot be mounted: %s", name, why)}
		if users := v.users(name); users != "" {
			f.Details = append(f.Details, "mounted by "+users+"; no container starts before it is there")
		}
		v.missing(&f, why, name)
		v.add(f)
	}
}

// started tells whether a container of the pod has run.
func (v *view) started() bool {
	for _, u := range v.units {
		if u.runs() || u.ended() != nil {
			return true
		}
	}
	return false
}

var quoted = regexp.MustCompile(`volume "([^"]+)"`)

func volumeOf(message string) string {
	if m := quoted.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// users are the containers that mount a volume.
func (v *view) users(volume string) string {
	var names []string
	for _, u := range v.units {
		for _, m := range u.spec.VolumeMounts {
			if m.Name == volume {
				names = append(names, fmt.Sprintf("%q", u.name()))
				break
			}
		}
	}
	return join(names, "and")
}

// config finds containers that wait for their configuration.
func (v *view) config() {
	for _, u := range v.open() {
		reason, message := u.waits()
		if reason != "CreateContainerConfigError" && reason != "CreateContainerError" {
			continue
		}
		f := Finding{Cause: CauseConfig, Container: u.name(), Summary: u.title() + " cannot be made: " + message}
		switch {
		case strings.Contains(message, "runAsNonRoot"), strings.Contains(message, "non-root policy"):
			f.Cause = CauseNonRoot
			message, _, _ = strings.Cut(message, " (pod: ")
			f.Summary = u.title() + " is not allowed to run: " + message
			f.Fix = "set securityContext.runAsUser to a number other than 0 that the program can live with, or take runAsNonRoot away"
		default:
			v.missing(&f, message, "")
		}
		v.add(f)
	}
}

// missing adds what there is in place of an object or key that is not.
func (v *view) missing(f *Finding, text, volume string) {
	if m := noObject.FindStringSubmatch(text); m != nil {
		v.missingObject(f, m[1], m[2])
		return
	}
	if m := noKey.FindStringSubmatch(text); m != nil {
		v.missingKey(f, m[2], m[3], m[1])
		return
	}
	if m := noItem.FindStringSubmatch(text); m != nil {
		kind, name := v.sourceOf(volume)
		v.missingKey(f, kind, name, m[1])
	}
}

func (v *view) missingObject(f *Finding, kind, name string) {
	names, title := slices.Sorted(maps.Keys(v.Objects.ConfigMaps)), "ConfigMap"
	switch kind {
	case "secret":
		names, title = slices.Sorted(maps.Keys(v.Objects.Secrets)), "Secret"
	case "persistentvolumeclaim":
		names, title = v.Objects.Claims, "PersistentVolumeClaim"
	}
	f.Fix = fmt.Sprintf("apply a %s %q (the container starts by itself then), or mark the reference optional", title, name)
	if !v.Objects.Known {
		return
	}
	f.Details = append(f.Details, there(title+"s in namespace "+v.Pod.Namespace, names))
	if meant := near.Name(name, names); meant != "" {
		f.Fix = fmt.Sprintf("is %q meant? Else apply a %s %q", meant, title, name)
	}
}

func (v *view) missingKey(f *Finding, kind, name, key string) {
	keys := v.Objects.ConfigMaps[name]
	if kind == "Secret" {
		keys = v.Objects.Secrets[name]
	}
	f.Fix = fmt.Sprintf("add key %q to %s %q, or correct the reference", key, kind, name)
	if !v.Objects.Known || name == "" {
		return
	}
	f.Details = append(f.Details, there(fmt.Sprintf("keys of %s %q", kind, name), keys))
	if meant := near.Name(key, keys); meant != "" {
		f.Fix = fmt.Sprintf("is key %q meant?", meant)
	}
}

// sourceOf is the object behind a volume of a ConfigMap or Secret.
func (v *view) sourceOf(volume string) (kind, name string) {
	for _, vol := range v.Pod.Spec.Volumes {
		switch {
		case vol.Name != volume:
		case vol.ConfigMap != nil:
			return "ConfigMap", vol.ConfigMap.Name
		case vol.Secret != nil:
			return "Secret", vol.Secret.SecretName
		}
	}
	return "", ""
}

// shownNames is how many names a line lists.
const shownNames = 12

func there(what string, names []string) string {
	if len(names) == 0 {
		return what + ": none"
	}
	rest := ""
	if n := len(names) - shownNames; n > 0 {
		names, rest = names[:shownNames], fmt.Sprintf(" and %d more", n)
	}
	return what + ": " + strings.Join(names, ", ") + rest
}
