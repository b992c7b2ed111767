package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/internal/near"
)

// serviceVariables are known to every container, declared or not.
var serviceVariables = []string{
	"KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBERNETES_SERVICE_PORT_HTTPS", "KUBERNETES_PORT",
	"KUBERNETES_PORT_443_TCP", "KUBERNETES_PORT_443_TCP_PROTO", "KUBERNETES_PORT_443_TCP_PORT", "KUBERNETES_PORT_443_TCP_ADDR",
}

// ofService is the shape of a variable that a Service of a cluster would give.
var ofService = regexp.MustCompile(`^[A-Z0-9_]+_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$`)

// Names that are meant as variables: not those of programs, which a shell's
// $(...) has. In a script only capitals are sure.
var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	capitals     = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)
)

// variables looks for references that stay as they are.
func (l *linter) variables(c container) {
	known, sure := l.fromSources(c)
	later := map[string]int{}
	for i, e := range c.Env {
		if _, seen := later[e.Name]; !seen {
			later[e.Name] = i
		}
	}
	for i, e := range c.Env {
		for _, name := range references(e.Value) {
			if !slices.Contains(known, name) {
				l.unexpanded(c.at.Child("env").Index(i).Child("value"), name, e.Name, later, known, sure)
			}
		}
		known = append(known, e.Name)
	}
	for _, list := range []struct {
		field string
		words []string
	}{{"command", c.Command}, {"args", c.Args}} {
		for i, word := range list.words {
			for _, name := range references(word) {
				if !slices.Contains(known, name) && capitals.MatchString(name) {
					l.unexpanded(c.at.Child(list.field).Index(i), name, "", nil, known, sure)
				}
			}
		}
	}
}

// unexpanded is the hint about one reference; of is the variable that it stands
// in, "" outside of one.
func (l *linter) unexpanded(at *field.Path, name, of string, later map[string]int, known []string, sure bool) {
	_, comes := later[name]
	stays := fmt.Sprintf("$(%s) stays as it is", name)
	switch {
	case name == of:
		l.hint(at, stays+": it refers to itself, and nothing before it defines it")
	case comes && sure:
		l.hint(at, fmt.Sprintf("%s: %s is defined after it, and a value sees only those before it", stays, name))
	case comes:
		l.hint(at, fmt.Sprintf("$(%s) may stay as it is: %s is defined after it, and a value sees only those before it", name, name))
	case ofService.MatchString(name):
		l.hint(at, stays+" here: it is a Service's variable, and there are no Services")
	case !meant(name):
	case !sure:
		l.hint(at, fmt.Sprintf("$(%s) may stay as it is: no variable of this name is declared, unless envFrom gives it", name))
	default:
		text := stays + ": no variable of this name is defined"
		if meant := near.Name(name, known); meant != "" {
			text += fmt.Sprintf(" (is %s meant?)", meant)
		}
		l.hint(at, text)
	}
}

// meant tells whether a name was meant as a variable's.
func meant(name string) bool {
	return variableName.MatchString(name) && (strings.ContainsAny(name, "_0123456789") || strings.ToLower(name) != name)
}

// fromSources are the variables of envFrom and of services; sure says that all
// sources are at hand.
func (l *linter) fromSources(c container) (names []string, sure bool) {
	names, sure = slices.Clone(serviceVariables), true
	for _, from := range c.EnvFrom {
		var keys []string
		ok := false
		switch {
		case from.ConfigMapRef != nil:
			keys, ok = l.known.ConfigMaps[from.ConfigMapRef.Name]
		case from.SecretRef != nil:
			keys, ok = l.known.Secrets[from.SecretRef.Name]
		}
		sure = sure && ok
		for _, key := range keys {
			names = append(names, from.Prefix+key)
		}
	}
	return names, sure
}

// references are the names that a value refers to, each once. $$ stands for a
// dollar sign.
func references(s string) []string {
	var out []string
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 >= len(s) {
			return out
		}
		if s[i+1] != '(' {
			s = s[i+2:]
			continue
		}
		name, after, closed := strings.Cut(s[i+2:], ")")
		if !closed {
			return out
		}
		if variableName.MatchString(name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
		s = after
	}
}
