package lint

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/near"
)

// positional finds what a script makes of the words after it.
var positional = regexp.MustCompile(`\$[0-9@*#]|\$\{[0-9@*#]|\bshift\b`)

// words looks for commands whose words are cut in the wrong places.
func (l *linter) words(c container) {
	if len(c.Command) > 0 && strings.Contains(strings.TrimSpace(c.Command[0]), " ") {
		l.hint(c.at.Child("command").Index(0), fmt.Sprintf(
			"%q is taken for the name of one program: write its words apart, or [sh, -c, ...]", c.Command[0]))
	}
	argv := append(slices.Clone(c.Command), c.Args...)
	if len(c.Command) == 0 || len(argv) < 4 || argv[1] != "-c" {
		return
	}
	switch path.Base(argv[0]) {
	case "sh", "bash", "ash", "dash":
	default:
		return
	}
	// A script of one word with others after it: they are its $0, $1 and so on.
	if !strings.ContainsAny(argv[2], " \t\n;") && !positional.MatchString(argv[2]) {
		l.hint(c.at.Child("command"), fmt.Sprintf(
			"%s -c takes %q alone as its script, and the words after it as $0, $1 ...: put them into one word", argv[0], argv[2]))
	}
}

// subPaths looks for files of a ConfigMap or Secret that are not there.
func (l *linter) subPaths(c container) {
	for i, m := range c.VolumeMounts {
		vol := l.volume(m.Name)
		if vol == nil || m.SubPath == "" || strings.Contains(m.SubPath, "/") {
			continue
		}
		what, files, known := l.filesOf(vol)
		if !known || slices.Contains(files, m.SubPath) {
			continue
		}
		text := fmt.Sprintf("%s has no %q: an empty directory is mounted at %s", what, m.SubPath, m.MountPath)
		if meant := near.Name(m.SubPath, files); meant != "" {
			text += fmt.Sprintf(" (is %q meant?)", meant)
		}
		l.hint(c.at.Child("volumeMounts").Index(i).Child("subPath"), text)
	}
}

// filesOf are the files of a ConfigMap's or Secret's volume, if they are known.
func (l *linter) filesOf(vol *v1.Volume) (what string, files []string, known bool) {
	var items []v1.KeyToPath
	switch {
	case vol.ConfigMap != nil:
		what, items = fmt.Sprintf("ConfigMap %q", vol.ConfigMap.Name), vol.ConfigMap.Items
		files, known = l.known.ConfigMaps[vol.ConfigMap.Name]
	case vol.Secret != nil:
		what, items = fmt.Sprintf("Secret %q", vol.Secret.SecretName), vol.Secret.Items
		files, known = l.known.Secrets[vol.Secret.SecretName]
	}
	if len(items) == 0 {
		return what, files, known
	}
	files = nil
	for _, item := range items {
		first, _, _ := strings.Cut(item.Path, "/")
		files = append(files, first)
	}
	return fmt.Sprintf("volume %q", vol.Name), files, true
}
