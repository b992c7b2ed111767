package lint

import (
	"fmt"
	"maps"
	"slices"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/internal/near"
)

// rootCA is a ConfigMap that every namespace has.
const rootCA = "kube-root-ca.crt"

// What waits for an object.
const (
	oneWaits = "the container waits for it"
	allWait  = "the pod waits for it"
)

// source is an object that is named.
type source struct {
	kind  string // "ConfigMap" or "Secret"
	name  string
	waits string
}

// references looks for the objects that a container's variables name.
func (l *linter) references(c container) {
	for i, from := range c.EnvFrom {
		at := c.at.Child("envFrom").Index(i)
		if r := from.ConfigMapRef; r != nil && !yes(r.Optional) {
			l.object(at.Child("configMapRef", "name"), source{"ConfigMap", r.Name, oneWaits})
		}
		if r := from.SecretRef; r != nil && !yes(r.Optional) {
			l.object(at.Child("secretRef", "name"), source{"Secret", r.Name, oneWaits})
		}
	}
	for i, e := range c.Env {
		if e.ValueFrom == nil {
			continue
		}
		at := c.at.Child("env").Index(i).Child("valueFrom")
		if r := e.ValueFrom.ConfigMapKeyRef; r != nil && !yes(r.Optional) {
			l.key(at.Child("configMapKeyRef"), source{"ConfigMap", r.Name, oneWaits}, r.Key)
		}
		if r := e.ValueFrom.SecretKeyRef; r != nil && !yes(r.Optional) {
			l.key(at.Child("secretKeyRef"), source{"Secret", r.Name, oneWaits}, r.Key)
		}
	}
	for _, m := range c.VolumeMounts {
		l.mountedObjects(m.Name)
	}
}

// mountedObjects looks for the objects behind a volume; each volume once.
func (l *linter) mountedObjects(name string) {
	for i := range l.pod.Spec.Volumes {
		v := &l.pod.Spec.Volumes[i]
		if v.Name != name || l.seen(v.Name) {
			continue
		}
		at := spec.Child("volumes").Index(i)
		switch {
		case v.ConfigMap != nil && !yes(v.ConfigMap.Optional):
			l.items(at.Child("configMap"), "name", source{"ConfigMap", v.ConfigMap.Name, allWait}, v.ConfigMap.Items)
		case v.Secret != nil && !yes(v.Secret.Optional):
			l.items(at.Child("secret"), "secretName", source{"Secret", v.Secret.SecretName, allWait}, v.Secret.Items)
		case v.Projected != nil:
			l.projected(at.Child("projected", "sources"), v.Projected.Sources)
		case v.PersistentVolumeClaim != nil && !l.known.Claims[v.PersistentVolumeClaim.ClaimName]:
			l.hint(at.Child("persistentVolumeClaim", "claimName"), fmt.Sprintf(
				"PersistentVolumeClaim %q is not in the files: podsim makes one, in a cluster the pod would stay Pending", v.PersistentVolumeClaim.ClaimName))
		}
	}
}

// seen tells whether a volume was looked at before.
func (l *linter) seen(volume string) bool {
	if l.visited == nil {
		l.visited = map[string]bool{}
	}
	was := l.visited[volume]
	l.visited[volume] = true
	return was
}

func (l *linter) projected(at *field.Path, sources []v1.VolumeProjection) {
	for i, s := range sources {
		if r := s.ConfigMap; r != nil && !yes(r.Optional) {
			l.items(at.Index(i).Child("configMap"), "name", source{"ConfigMap", r.Name, allWait}, r.Items)
		}
		if r := s.Secret; r != nil && !yes(r.Optional) {
			l.items(at.Index(i).Child("secret"), "name", source{"Secret", r.Name, allWait}, r.Items)
		}
	}
}

// items looks for an object and for the keys that are taken from it.
func (l *linter) items(at *field.Path, name string, s source, items []v1.KeyToPath) {
	if !l.object(at.Child(name), s) {
		return
	}
	for i, item := range items {
		l.keyOf(at.Child("items").Index(i).Child("key"), s, item.Key)
	}
}

// key looks for an object and one key of it.
func (l *linter) key(at *field.Path, s source, key string) {
	if l.object(at.Child("name"), s) {
		l.keyOf(at.Child("key"), s, key)
	}
}

// object tells whether the keys of an object are known, and hints if it is
// nowhere.
func (l *linter) object(at *field.Path, s source) bool {
	if s.name == "" || s.kind == "ConfigMap" && s.name == rootCA {
		return false
	}
	all := l.objects(s.kind)
	if _, ok := all[s.name]; ok {
		return true
	}
	text := fmt.Sprintf("%s %q is not in the files: %s", s.kind, s.name, s.waits)
	if meant := near.Name(s.name, slices.Sorted(maps.Keys(all))); meant != "" {
		text += fmt.Sprintf(" (is %q meant?)", meant)
	}
	l.hint(at, text)
	return false
}

func (l *linter) objects(kind string) map[string][]string {
	if kind == "Secret" {
		return l.known.Secrets
	}
	return l.known.ConfigMaps
}

func (l *linter) keyOf(at *field.Path, s source, key string) {
	keys := l.objects(s.kind)[s.name]
	if slices.Contains(keys, key) {
		return
	}
	text := fmt.Sprintf("%s %q has no key %q: %s", s.kind, s.name, key, s.waits)
	if meant := near.Name(key, keys); meant != "" {
		text += fmt.Sprintf(" (is %q meant?)", meant)
	}
	l.hint(at, text)
}

func (l *linter) pullSecrets() {
	for i, ref := range l.pod.Spec.ImagePullSecrets {
		if _, ok := l.known.Secrets[ref.Name]; !ok && ref.Name != "" {
			l.hint(spec.Child("imagePullSecrets").Index(i).Child("name"), fmt.Sprintf(
				"Secret %q is not in the files: images are pulled without it", ref.Name))
		}
	}
}

func yes(b *bool) bool { return b != nil && *b }
