package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/podsim/podsim/internal/near"
)

// unknownVerb says that there is no such verb, and what there is instead of one that kubectl or docker has, or of a slip.
func unknownVerb(tool *cli.App, verb string) error {
	if instead := elsewhere(verb); instead != "" {
		return &usageError{
			err:  fmt.Errorf("podsim has no %q: %s", verb, instead),
			help: fmt.Sprintf("Run '%s --help' for what it has.", tool.Name),
		}
	}
	help := fmt.Sprintf("Run '%s --help' for usage.", tool.Name)
	var names []string
	for _, c := range tool.Commands {
		if c.Usage != "" { // what shells ask is not for people
			names = append(names, c.Name)
		}
	}
	if meant := near.Name(verb, names); meant != "" {
		help = "\nDid you mean this?\n\t" + meant // as kubectl asks it
	}
	return &usageError{err: fmt.Errorf("unknown command %q for %q", verb, tool.Name), help: help}
}

// elsewhere tells what to use in the place of a verb that other tools have.
func elsewhere(verb string) string {
	if why := missing(verb); why != "" {
		return why
	}
	switch verb {
	case "up", "start", "play", "kube":
		return "use run FILE, or run -d FILE for the background"
	case "down", "rm", "stop", "kill":
		return "use delete pod NAME, or delete -f FILE"
	case "restart":
		return "use replace --force -f FILE, which deletes a pod and makes it anew"
	case "ps", "ls", "list", "pods", "status":
		return "use get pods"
	case "inspect", "show":
		return "use get pod NAME -o yaml, or describe pod NAME"
	case "stats":
		return "use top pod"
	case "validate", "check":
		return "use lint FILE"
	case "build", "pull", "push", "images", "login", "load", "tag", "volume", "network", "system":
		return "it works on the engine's images and volumes: use docker " + verb
	}
	return ""
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
