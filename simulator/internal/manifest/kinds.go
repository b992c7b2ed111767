package manifest

import (
	"strings"

	v1 "k8s.io/api/core/v1"
)

// takes lists what podsim reads, for messages.
const takes = "podsim takes Pod, ConfigMap, Secret, PersistentVolumeClaim and PersistentVolume (apiVersion v1), and lists of them"

// newObject returns an empty object of a kind that podsim takes, or nil.
func newObject(apiVersion, kind string) Object {
	if apiVersion != "v1" {
		return nil
	}
	switch kind {
	case "Pod":
		return &v1.Pod{}
	case "ConfigMap":
		return &v1.ConfigMap{}
	case "Secret":
		return &v1.Secret{}
	case "PersistentVolumeClaim":
		return &v1.PersistentVolumeClaim{}
	case "PersistentVolume":
		return &v1.PersistentVolume{}
	}
	return nil
}

// listItemKind tells whether a kind is a list that podsim takes apart, and of what; "" for the general List.
func listItemKind(apiVersion, kind string) (item string, list bool) {
	if apiVersion != "v1" {
		return "", false
	}
	if kind == "List" {
		return "", true
	}
	item, list = strings.CutSuffix(kind, "List")
	if !list || newObject(apiVersion, item) == nil {
		return "", false
	}
	return item, true
}

// foreign tells whether Kubernetes itself has a kind that podsim does not take. Group names without a dot, and those below
// k8s.io, are Kubernetes' own; in the core group the kinds are few enough to be named.
func foreign(apiVersion, kind string) bool {
	group, version, grouped := strings.Cut(apiVersion, "/")
	if grouped {
		return version != "" && (!strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io"))
	}
	if apiVersion != "v1" {
		return false
	}
	switch kind {
	case "Service", "Namespace", "Node", "ServiceAccount", "ReplicationController", "PodTemplate", "Endpoints", "Event",
		"LimitRange", "ResourceQuota", "Binding", "ComponentStatus":
		return true
	}
	return false
}

// foreignHint says what to do with a kind that podsim does not take.
func foreignHint(kind string) string {
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "ReplicationController":
		return "its spec.template can be run as a Pod: copy metadata and spec of the template below apiVersion v1, kind Pod"
	case "CronJob":
		return "its spec.jobTemplate.spec.template can be run as a Pod: copy metadata and spec of the template below apiVersion v1, kind Pod"
	case "Service":
		return "ports of a Pod are reached with -p HOST:CONTAINER, hostPort or port-forward"
	case "Namespace":
		return "namespaces need not be made: use -n or metadata.namespace"
	}
	return takes
}
