package docker

import (
	"encoding/json"
	"strconv"

	"github.com/docker/docker/api/types/filters"

	"github.com/podsim/podsim/runtime"
)

// The labels other tools know from the kubelet.
const (
	labelPodName   = "io.kubernetes.pod.name"
	labelNamespace = "io.kubernetes.pod.namespace"
	labelPodUID    = "io.kubernetes.pod.uid"
	labelContainer = "io.kubernetes.container.name"
)

// The labels of podsim's own. An object without labelKind is not podsim's.
const (
	labelHome    = "io.podsim.home"
	labelKind    = "io.podsim.kind"
	labelVolume  = "io.podsim.volume"
	labelAttempt = "io.podsim.attempt"
	labelExtra   = "io.podsim.extra"
)

// labels says m as labels. All of them are always set: a container inherits
// the labels of its image, and an image must not speak for podsim.
func labels(m runtime.Meta) (map[string]string, error) {
	extra := ""
	if len(m.Extra) > 0 {
		text, err := json.Marshal(m.Extra)
		if err != nil {
			return nil, err
		}
		extra = string(text)
	}
	l := map[string]string{
		labelPodName:   m.Pod.Name,
		labelNamespace: m.Pod.Namespace,
		labelPodUID:    m.Pod.UID,
		labelContainer: "",
		labelHome:      m.Home,
		labelKind:      string(m.Kind),
		labelAttempt:   strconv.Itoa(m.Attempt),
		labelExtra:     extra,
	}
	if isVolume(m.Kind) {
		delete(l, labelContainer)
		l[labelVolume] = m.Container
	} else {
		l[labelContainer] = m.Container
	}
	return l, nil
}

// meta reads labels back. It is zero for an object that is not podsim's; what
// somebody wrote by hand and cannot be read is left out.
func meta(l map[string]string) runtime.Meta {
	if l[labelKind] == "" {
		return runtime.Meta{}
	}
	m := runtime.Meta{
		Home:      l[labelHome],
		Kind:      runtime.Kind(l[labelKind]),
		Container: l[labelContainer],
		Pod: runtime.PodRef{
			UID:       l[labelPodUID],
			Namespace: l[labelNamespace],
			Name:      l[labelPodName],
		},
	}
	if isVolume(m.Kind) {
		m.Container = l[labelVolume]
	}
	if n, err := strconv.Atoi(l[labelAttempt]); err == nil {
		m.Attempt = n
	}
	if text := l[labelExtra]; text != "" {
		if err := json.Unmarshal([]byte(text), &m.Extra); err != nil {
			m.Extra = nil
		}
	}
	return m
}

func isVolume(k runtime.Kind) bool {
	return k == runtime.KindVolume || k == runtime.KindClaim
}

// labelFilter says f as the engine's filter.
func labelFilter(f runtime.Filter) filters.Args {
	args := filters.NewArgs()
	if f.Kind == "" {
		args.Add("label", labelKind)
	} else {
		args.Add("label", labelKind+"="+string(f.Kind))
	}
	if f.Home != "" {
		args.Add("label", labelHome+"="+f.Home)
	}
	if f.PodUID != "" {
		args.Add("label", labelPodUID+"="+f.PodUID)
	}
	return args
}
