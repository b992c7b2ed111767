package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	v1 "k8s.io/api/core/v1"
)

// The keys of runtime.Meta.Extra.
const (
	ExtraSpecHash = "spec-hash" // of a container: SpecHash
	ExtraBackoff  = "back-off"  // of a container: the restart back-off in force, a Go duration
	ExtraSandbox  = "sandbox"   // of a container: the attempt of its sandbox
	ExtraPod      = "pod"       // of a sandbox: the pod as JSON, without its status
	ExtraMadeUp   = "made-up"   // of a claim that no object declares: "true"
)

// sandboxName stands where a container's name does in names of sandboxes.
const sandboxName = "POD"

// ContainerName is the engine's name for an instance of a container, as the
// kubelet named them on Docker. An empty container is the sandbox.
func ContainerName(pod *v1.Pod, container string, attempt int) string {
	if container == "" {
		container = sandboxName
	}
	return fmt.Sprintf("k8s_%s_%s_%s_%s_%d", container, pod.Name, pod.Namespace, pod.UID, attempt)
}

// VolumeName is the engine's name for a volume that dies with its pod.
func VolumeName(pod *v1.Pod, volume string) string {
	return fmt.Sprintf("podsim_%s_%s", pod.UID, volume)
}

// StateVolumeName is the engine's name for the volume of the pod that holds
// termination messages. No volume of a pod can have it.
func StateVolumeName(pod *v1.Pod) string { return VolumeName(pod, "_state") }

// ClaimVolumeName is the engine's name for the volume behind a claim. Stores
// with different homes have different claims.
func ClaimVolumeName(home, namespace, claim string) string {
	name := "podsim_" + namespace + "_" + claim
	if home != "" {
		name += "_" + home
	}
	return name
}

// SpecHash tells definitions of a container apart that need another instance:
// those with another image. Everything else of a running pod cannot change, or
// changes in place. (pkg/kubelet/container/helpers.go, HashContainer)
func SpecHash(c *v1.Container) string {
	sum := sha256.Sum256([]byte(c.Name + "\x00" + c.Image))
	return hex.EncodeToString(sum[:4])
}
