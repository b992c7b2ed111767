package simulator

import (
	"context"
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/simulator/internal/manifest"
)

// DebugOptions describe an ephemeral container.
type DebugOptions struct {
	// Name "" is "debugger-" and five random letters.
	Name       string
	Image      string
	PullPolicy v1.PullPolicy
	// Command replaces the image's entry point, or with ArgsOnly its arguments.
	Command  []string
	ArgsOnly bool
	// Target is the container whose processes it sees.
	Target string
	Env    []v1.EnvVar
	Stdin  bool
	TTY    bool
	// Profile is "legacy", "general", "baseline", "netadmin", "restricted" or
	// "sysadmin"; "" is "general".
	Profile string
}

// Debug adds an ephemeral container to a pod and returns its name. It does not
// wait for it to run.
func (s *Simulator) Debug(_ context.Context, ns, name string, o DebugOptions) (container string, err error) {
	security, err := o.security()
	if err != nil {
		return "", err
	}
	if o.Image == "" {
		return "", fmt.Errorf("you must specify --image when not using --copy-to")
	}
	c := v1.EphemeralContainer{
		EphemeralContainerCommon: v1.EphemeralContainerCommon{
			Name: o.Name, Image: o.Image, ImagePullPolicy: o.PullPolicy, Env: o.Env,
			Stdin: o.Stdin, TTY: o.TTY, SecurityContext: security,
			TerminationMessagePolicy: v1.TerminationMessageReadFile,
		},
		TargetContainerName: o.Target,
	}
	if o.ArgsOnly {
		c.Args = o.Command
	} else {
		c.Command = o.Command
	}
	ref := Ref{Kind: Pods, Namespace: ns, Name: name}
	_, _, err = s.change(ref, edit{sub: EphemeralContainers, object: func(current Object) (Object, error) {
		pod := current.DeepCopyObject().(*v1.Pod)
		for c.Name == "" || o.Name == "" && findContainer(pod, c.Name) != nil {
			c.Name = manifest.GenerateName("debugger-", nil)
		}
		pod.Spec.EphemeralContainers = append(pod.Spec.EphemeralContainers, c)
		return pod, nil
	}})
	if err != nil {
		return "", err
	}
	return c.Name, nil
}

// security is the security context of a profile
// (kubectl/pkg/cmd/debug/profiles.go).
func (o DebugOptions) security() (*v1.SecurityContext, error) {
	switch o.Profile {
	case "legacy", "baseline":
		return nil, nil
	case "", "general":
		return &v1.SecurityContext{Capabilities: &v1.Capabilities{Add: []v1.Capability{"SYS_PTRACE"}}}, nil
	case "netadmin":
		return &v1.SecurityContext{Capabilities: &v1.Capabilities{Add: []v1.Capability{"NET_ADMIN", "NET_RAW"}}}, nil
	case "sysadmin":
		return &v1.SecurityContext{Privileged: ptr.To(true)}, nil
	case "restricted":
		return &v1.SecurityContext{
			RunAsNonRoot:             ptr.To(true),
			AllowPrivilegeEscalation: ptr.To(false),
			Capabilities:             &v1.Capabilities{Drop: []v1.Capability{"ALL"}},
			SeccompProfile:           &v1.SeccompProfile{Type: v1.SeccompProfileTypeRuntimeDefault},
		}, nil
	}
	return nil, fmt.Errorf("unknown profile: %s", o.Profile)
}
