// Package config turns a pod and the objects it names into what the engine is
// asked for: environment, volumes and what lies in them, the sandbox and the
// containers. It is the part of the kubelet that builds configuration
// (pkg/kubelet/kubelet_pods.go, pkg/kubelet/kuberuntime, pkg/volume), and what
// a container runtime adds to it.
//
//	Volumes        the volumes that some container mounts, or why they cannot be
//	Sandbox        the pause container and the setup its process applies
//	Tar            the payload of ConfigMaps, Secrets and the like, as written
//	               into the running sandbox before any container of the pod runs
//	Subpaths       paths inside volumes that the agent has to resolve
//	Container      one instance of a container
//	Changed        which payloads differ after an object or a label changed
//
// Everything is a pure function of its Input: the same input gives the same
// specs, tars and tokens. Nothing here talks to an engine or reads a clock or
// a file; the two things that lie elsewhere (the content of an env file inside
// a volume, a seccomp profile) are asked for through functions of the Input.
//
// Values of Secrets appear in the environment of the containers that ask for
// them and in payloads, and nowhere else: not in names, labels or errors.
//
// # Approximations
//
// An image's /etc/passwd and /etc/group are known to the engine, not here. The
// engine adds the memberships of /etc/group exactly when no gid is given, so
// with supplementalGroupsPolicy Merge and runAsGroup they are missing, and with
// Strict and no runAsGroup (but for uid 0) they are there.
package config
