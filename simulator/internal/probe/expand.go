package probe

import (
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/expansion"
)

// expandCommand puts variables into a probe's command. The kubelet knows only
// the plain values of env then: no sources, no expansion of values (kubelet
// /container/helpers.go, ExpandContainerCommandOnlyStatic).
func expandCommand(argv []string, env []v1.EnvVar) []string {
	values := make(map[string]string, len(env))
	for _, e := range env {
		values[e.Name] = e.Value
	}
	out := make([]string, len(argv))
	for i, arg := range argv {
		out[i] = expansion.Expand(arg, func(name string) (string, bool) {
			value, known := values[name]
			return value, known
		})
	}
	return out
}
