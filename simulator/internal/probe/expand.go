package probe

import (
	"strings"

	v1 "k8s.io/api/core/v1"
)

// expandAll puts variables into a probe's command. The kubelet knows only the
// plain values of env then: no sources, no expansion of values (kubelet
// /container/helpers.go, ExpandContainerCommandOnlyStatic).
func expandAll(argv []string, env []v1.EnvVar) []string {
	values := make(map[string]string, len(env))
	for _, e := range env {
		values[e.Name] = e.Value
	}
	out := make([]string, len(argv))
	for i, arg := range argv {
		out[i] = expand(arg, values)
	}
	return out
}

// expand replaces $(NAME). An unknown name stays as it is, $$ is a dollar that
// begins nothing.
func expand(s string, values map[string]string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		switch {
		case strings.HasPrefix(after, "$"):
			b.WriteByte('$')
			s = after[1:]
		case strings.HasPrefix(after, "("):
			name, rest, closed := strings.Cut(after[1:], ")")
			value, known := values[name]
			switch {
			case !closed:
				b.WriteString("$(")
				s = after[1:]
				continue
			case known:
				b.WriteString(value)
			default:
				b.WriteString("$(" + name + ")")
			}
			s = rest
		default:
			b.WriteByte('$')
			s = after
		}
	}
}
