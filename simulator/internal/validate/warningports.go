package validate

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// ports warns of ports that are declared twice in a pod, whose containers share one network.
func (w *warnings) ports(spec *v1.PodSpec) {
	type declared struct {
		at   *field.Path
		port v1.ContainerPort
	}
	seen := map[string][]declared{}
	for _, ctr := range allContainers(spec) {
		for i, port := range ctr.Ports {
			at := ctr.at.Child("ports").Index(i)
			if port.HostIP != "" && port.HostPort == 0 {
				w.add(at, "hostIP set without hostPort: %+v", port)
			}
			key := fmt.Sprintf("%d/%s", port.ContainerPort, port.Protocol)
			for _, other := range seen[key] {
				if how := overlap(port, other.port); how != "" {
					w.add(at, "%s port definition with %s", how, other.at)
				}
			}
			seen[key] = append(seen[key], declared{at, port})
		}
	}
}

// overlap says how two declarations of one container port get into each other's way.
func overlap(a, b v1.ContainerPort) string {
	switch {
	case a.HostIP == b.HostIP && a.HostPort == b.HostPort:
		return "duplicate"
	case a.HostPort == 0 || b.HostPort == 0:
		return "overlapping"
	case a.HostPort == b.HostPort && (a.HostIP == "") != (b.HostIP == ""):
		return "dangerously ambiguous"
	}
	return ""
}

func (w *warnings) portNames(spec *v1.PodSpec) {
	first := map[string]*field.Path{}
	for _, ctr := range allContainers(spec) {
		for i, port := range ctr.Ports {
			at := ctr.at.Child("ports").Index(i)
			if port.Name == "" {
				continue
			}
			if other, taken := first[port.Name]; taken {
				w.add(at, "duplicate port name %q with %s, services and probes that select ports by name will use %s", port.Name, other, other)
				continue
			}
			first[port.Name] = at
		}
	}
}

// deprecatedLabel tells what became of a label of nodes.
func deprecatedLabel(key string) string {
	switch key {
	case "beta.kubernetes.io/arch":
		return `deprecated since v1.14; use "kubernetes.io/arch" instead`
	case "beta.kubernetes.io/os":
		return `deprecated since v1.14; use "kubernetes.io/os" instead`
	case "failure-domain.beta.kubernetes.io/region":
		return `deprecated since v1.17; use "topology.kubernetes.io/region" instead`
	case "failure-domain.beta.kubernetes.io/zone":
		return `deprecated since v1.17; use "topology.kubernetes.io/zone" instead`
	case "beta.kubernetes.io/instance-type":
		return `deprecated since v1.17; use "node.kubernetes.io/instance-type" instead`
	case "app.kubernetes.io/created-by":
		return `deprecated since v1.9`
	case "scheduler.alpha.kubernetes.io/preferAvoidPods":
		return `deprecated since v1.22; use Taints and Tolerations instead`
	case "node-role.kubernetes.io/master":
		return `use "node-role.kubernetes.io/control-plane" instead`
	}
	return ""
}

const matchesNone = "a null labelSelector results in matching no pod"

func (w *warnings) scheduling(spec *v1.PodSpec) {
	for _, key := range sortedKeys(spec.NodeSelector) {
		if text := deprecatedLabel(key); text != "" {
			w.add(specPath.Child("nodeSelector").Key(key), "%s", text)
		}
	}
	if spec.Affinity != nil && spec.Affinity.NodeAffinity != nil {
		w.nodeAffinity(specPath.Child("affinity", "nodeAffinity"), spec.Affinity.NodeAffinity)
	}
	for i, constraint := range spec.TopologySpreadConstraints {
		at := specPath.Child("topologySpreadConstraints").Index(i)
		if text := deprecatedLabel(constraint.TopologyKey); text != "" {
			w.add(at.Child("topologyKey"), "%s is %s", constraint.TopologyKey, text)
		}
		if constraint.LabelSelector == nil {
			w.add(at.Child("labelSelector"), matchesNone)
		}
	}
}

func (w *warnings) nodeAffinity(at *field.Path, affinity *v1.NodeAffinity) {
	if hard := affinity.RequiredDuringSchedulingIgnoredDuringExecution; hard != nil {
		for i, term := range hard.NodeSelectorTerms {
			w.nodeTerm(at.Child("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms").Index(i), term, false)
		}
	}
	for i, term := range affinity.PreferredDuringSchedulingIgnoredDuringExecution {
		w.nodeTerm(at.Child("preferredDuringSchedulingIgnoredDuringExecution").Index(i).Child("preference"), term.Preference, true)
	}
}

func (w *warnings) nodeTerm(at *field.Path, term v1.NodeSelectorTerm, checkValues bool) {
	for i, rq := range term.MatchExpressions {
		at := at.Child("matchExpressions").Index(i)
		if text := deprecatedLabel(rq.Key); text != "" {
			w.add(at.Child("key"), "%s is %s", rq.Key, text)
		}
		for j, value := range rq.Values {
			for _, text := range validation.IsValidLabelValue(value) {
				if checkValues {
					w.add(at.Child("values").Index(j), "%s is invalid, %s", value, text)
				}
			}
		}
	}
}

func (w *warnings) podTerms(affinity *v1.Affinity) {
	if affinity == nil {
		return
	}
	terms := func(at *field.Path, hard []v1.PodAffinityTerm, soft []v1.WeightedPodAffinityTerm) {
		for i, term := range hard {
			if term.LabelSelector == nil {
				w.add(at.Child("requiredDuringSchedulingIgnoredDuringExecution").Index(i).Child("labelSelector"), matchesNone)
			}
		}
		for i, term := range soft {
			if term.PodAffinityTerm.LabelSelector == nil {
				w.add(at.Child("preferredDuringSchedulingIgnoredDuringExecution").Index(i).Child("podAffinityTerm", "labelSelector"), matchesNone)
			}
		}
	}
	at := specPath.Child("affinity")
	if a := affinity.PodAffinity; a != nil {
		terms(at.Child("podAffinity"), a.RequiredDuringSchedulingIgnoredDuringExecution, a.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	if a := affinity.PodAntiAffinity; a != nil {
		terms(at.Child("podAntiAffinity"), a.RequiredDuringSchedulingIgnoredDuringExecution, a.PreferredDuringSchedulingIgnoredDuringExecution)
	}
}
