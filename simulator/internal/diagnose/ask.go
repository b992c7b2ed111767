package diagnose

import (
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// Ask says what else is to be looked at, after the logs were read: no more than
// the rules would use.
func Ask(f Facts) Questions {
	v := newView(f)
	var q Questions
	for i := range v.units {
		u := &v.units[i]
		if u.runs() && u.init {
			q.Targets = append(q.Targets, waitsFor(u)...)
		}
		if u.failed() == nil && u.well() {
			continue
		}
		q.Sockets = q.Sockets || v.needsSockets(u)
		for _, d := range denials(v.Pod, u) {
			if d.mount == nil || d.readOnly {
				continue
			}
			for _, p := range around(d.place) {
				if !slices.Contains(q.Files, p) {
					q.Files = append(q.Files, p)
				}
			}
			break
		}
	}
	// A pod that is ready may have ports that nobody reaches.
	q.Sockets = q.Sockets || v.ready() && !v.over() && declaresAny(v.Pod)
	return q
}

// needsSockets tells whether who listens where can explain a container.
func (v *view) needsSockets(u *unit) bool {
	if line, _ := saysInUse(u.lines()); line != "" {
		return true
	}
	if u.failed() != nil && !u.init && len(u.spec.Ports) > 0 {
		return true
	}
	for _, line := range u.lines() {
		if strings.Contains(strings.ToLower(line), "refused") {
			return true
		}
	}
	for _, k := range checksOf(u.spec) {
		if v.concerns(u, k) && k.probe.Exec == nil {
			return true
		}
	}
	return false
}

func declaresAny(pod *v1.Pod) bool {
	return slices.ContainsFunc(pod.Spec.Containers, func(c v1.Container) bool { return len(c.Ports) > 0 })
}
