package reference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// compareObjects compares an object of the kubelet with the states that
// podsim's object went through, and tells how the closest of them differs. A
// pod that restarts is never in the same state at the same second; that it
// does not stay in a state it should leave is seen in the timeline.
func (p *pair) compareObjects(where string, kubelet map[string]any, podsim []map[string]any) []Difference {
	if kubelet == nil {
		return nil
	}
	if len(podsim) == 0 {
		return []Difference{{where, "never seen"}}
	}
	want := flatten(p.kubelet, kubelet)
	rested := flatten(p.kubelet, rest(kubelet))
	var best []Difference
	for i, o := range slices.Backward(podsim) {
		found := differAsSets(where, want, flatten(p.podsim, o))
		if len(found) == 0 || slices.Equal(rested, flatten(p.podsim, rest(o))) {
			return nil
		}
		if i == len(podsim)-1 || len(found) < len(best) {
			best = found
		}
	}
	return best
}

// rest makes a container in back-off look as one that has just ended: a
// kubelet shows the end until its next look, podsim the back-off at once.
func rest(object map[string]any) map[string]any {
	text, err := json.Marshal(object)
	if err != nil {
		return object
	}
	var copied map[string]any
	if err := json.Unmarshal(text, &copied); err != nil {
		return object
	}
	status, _ := copied["status"].(map[string]any)
	for _, list := range []string{"containerStatuses", "initContainerStatuses"} {
		containers, _ := status[list].([]any)
		for _, c := range containers {
			restContainer(c)
		}
	}
	return copied
}

func restContainer(c any) {
	container, _ := c.(map[string]any)
	state, _ := container["state"].(map[string]any)
	waiting, _ := state["waiting"].(map[string]any)
	switch {
	case waiting["reason"] == "CrashLoopBackOff":
		container["state"], container["lastState"] = container["lastState"], map[string]any{}
	case state["terminated"] != nil:
		container["lastState"] = map[string]any{}
	}
}

// flatten tells an object as sorted lines "path: value".
func flatten(n *normaliser, object map[string]any) []string {
	var lines []string
	walk("", object, func(path, value string) {
		if ignored(path) {
			return
		}
		lines = append(lines, path+": "+n.objectLine(path, value))
	})
	slices.Sort(lines)
	return lines
}

// ignored are the fields of an object that are the server's bookkeeping.
func ignored(path string) bool {
	for _, prefix := range []string{".metadata.managedFields", ".metadata.resourceVersion", ".metadata.annotations[kubectl.kubernetes.io/last-applied"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	// The recorded node had one address, and a runtime that tells no user.
	return strings.HasPrefix(path, ".status.hostIPs[1]") || strings.HasPrefix(path, ".status.podIPs[1]") || strings.Contains(path, ".user.linux") ||
		strings.HasSuffix(path, ".allocatedResources")
}

func (n *normaliser) objectLine(path, value string) string {
	switch {
	case strings.HasSuffix(path, "imageID"):
		return "<image>"
	case strings.HasSuffix(path, ".image") && strings.HasPrefix(path, ".status"):
		// A full name or a short one: runtimes differ.
		return strings.TrimPrefix(strings.TrimPrefix(value, `"`), "docker.io/library/")
	}
	return n.line(value)
}

// walk calls leaf for every plain value. Lists of named things are walked by
// name, so that an additional one does not shift the others.
func walk(path string, v any, leaf func(path, value string)) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			leaf(path, "{}")
		}
		for key, child := range v {
			next := path + "." + key
			if strings.ContainsAny(key, "./") {
				next = path + "[" + key + "]"
			}
			walk(next, child, leaf)
		}
	case []any:
		for i, child := range v {
			walk(fmt.Sprintf("%s[%s]", path, index(i, child)), child, leaf)
		}
	case nil:
	default:
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte(err.Error())
		}
		leaf(path, string(text))
	}
}

func index(i int, child any) string {
	if m, ok := child.(map[string]any); ok {
		for _, key := range []string{"name", "type", "mountPath", "key"} {
			if name, ok := m[key].(string); ok {
				return tokenName.ReplaceAllString(name, "kube-api-access")
			}
		}
	}
	return fmt.Sprint(i)
}
