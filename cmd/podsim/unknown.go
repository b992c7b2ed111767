package main

import "fmt"

// unknownVerb says that there is no such verb, and why, if kubectl has it.
func unknownVerb(program, verb string) error {
	if why := missing(verb); why != "" {
		return &usageError{err: fmt.Errorf("podsim has no %q: %s", verb, why), help: fmt.Sprintf("Run '%s --help' for what it has.", program)}
	}
	return &usageError{err: fmt.Errorf("unknown command %q for %q", verb, program), help: fmt.Sprintf("Run '%s --help' for usage.", program)}
}

// missing tells why podsim lacks a verb that kubectl has.
func missing(verb string) string {
	const noController = "it runs pods, and has no controllers (Deployments, Jobs, ReplicaSets)"
	const noCluster = "there is no cluster, only pods on a Docker Engine"
	switch verb {
	case "rollout", "scale", "autoscale":
		return noController
	case "cluster-info", "cordon", "uncordon", "drain", "taint", "certificate", "proxy", "auth", "api-versions":
		return noCluster
	case "expose":
		return "there are no Services: use port-forward, or run -p to publish ports"
	case "edit":
		return "change the file and use apply, or use patch"
	case "explain":
		return "the fields of a pod are described at https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/"
	case "diff":
		return "use apply --dry-run=server"
	case "kustomize", "plugin", "kuberc", "alpha", "options":
		return "kubectl itself does this without a cluster"
	}
	return ""
}
