package config

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/internal/expansion"
	"github.com/podsim/podsim/runtime"
)

// command is what a container runs. A command takes the place of the image's
// entrypoint and drops its arguments too; args alone take the place of the
// arguments.
func command(c *v1.Container, env Env) (entrypoint, cmd []string) {
	entrypoint = expandAll(c.Command, env)
	cmd = expandAll(c.Args, env)
	if entrypoint != nil && cmd == nil {
		cmd = []string{}
	}
	return entrypoint, cmd
}

// expandAll expands a list; an empty one is nil, as on the way to a runtime.
func expandAll(list []string, env Env) []string {
	if len(list) == 0 {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = expansion.Expand(s, env.Lookup)
	}
	return out
}

// containerEnv is the whole environment of a process: the image's, the host
// name, the kubelet's.
func containerEnv(in Input, image runtime.Image, env Env) ([]string, error) {
	var b envBuilder
	for _, entry := range image.Env {
		name, value, _ := strings.Cut(entry, "=")
		b.set(name, value)
	}
	if !in.Pod.Spec.HostNetwork {
		names, err := hostNames(in)
		if err != nil {
			return nil, fmt.Errorf("host name: %w", err)
		}
		b.set("HOSTNAME", names.kernel)
	}
	for _, v := range env {
		b.set(v.Name, v.Value)
	}
	return b.env().Strings(), nil
}
