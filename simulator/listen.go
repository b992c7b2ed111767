package simulator

import (
	"context"
	"fmt"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/diagnose"
)

// Listening is a socket of a pod that waits for peers, or a declared port on
// which nobody listens.
type Listening = diagnose.Listening

// PodPorts is who listens on what in a pod.
type PodPorts struct {
	Pod  *v1.Pod     `json:"-"`
	List []Listening `json:"ports"`
	// HoldersKnown: the engine let podsim see the processes behind sockets.
	HoldersKnown bool `json:"holdersKnown"`
}

// Ports tells who listens on what, on which address, declared or not. The pod's
// sandbox has to run.
func (s *Simulator) Ports(ctx context.Context, ns, name string) (PodPorts, error) {
	pod, err := s.Pod(ctx, ns, name)
	if err != nil {
		return PodPorts{}, err
	}
	l, err := s.newLook(ctx, pod)
	if err != nil {
		return PodPorts{}, err
	}
	defer l.close()
	sockets, holders, err := l.sockets(ctx)
	if err != nil && !l.running {
		return PodPorts{}, err
	}
	if err != nil {
		return PodPorts{}, fmt.Errorf("look who listens in pod %q: %w", pod.Namespace+"/"+pod.Name, err)
	}
	if pod.Spec.HostNetwork && holders {
		// The machine's own servers are no business of the pod.
		sockets = ofContainers(sockets)
	}
	return PodPorts{Pod: pod, List: diagnose.Listenings(pod, sockets, holders), HoldersKnown: holders}, nil
}

func ofContainers(sockets []diagnose.Socket) []diagnose.Socket {
	var out []diagnose.Socket
	for _, s := range sockets {
		if s.Container != "" {
			out = append(out, s)
		}
	}
	return out
}
