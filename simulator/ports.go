package simulator

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// portPair is one port to forward; local 0 is any that is free.
type portPair struct{ local, remote uint16 }

// parsePorts reads kubectl's notation: "REMOTE", "LOCAL:REMOTE", ":REMOTE",
// where REMOTE may be the name of a container's port.
func parsePorts(pod *v1.Pod, specs []string) ([]portPair, error) {
	if len(specs) == 0 {
		return nil, errors.New("at least 1 PORT is required for port-forward")
	}
	var out []portPair
	for _, spec := range specs {
		localText, remoteText, two := strings.Cut(spec, ":")
		if !two {
			remoteText = localText
		}
		if strings.Contains(remoteText, ":") {
			return nil, fmt.Errorf("invalid port format '%s'", spec)
		}
		remote, err := remotePort(pod, remoteText)
		if err != nil {
			return nil, err
		}
		if onlyUDP(pod, remote) {
			return nil, fmt.Errorf("UDP protocol is not supported for %s", remoteText)
		}
		pair := portPair{local: remote, remote: remote}
		if two {
			if pair.local, err = localPort(localText); err != nil {
				return nil, err
			}
		}
		out = append(out, pair)
	}
	return out, nil
}

func localPort(text string) (uint16, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("error parsing local port '%s': %w", text, err)
	}
	return uint16(n), nil
}

func remotePort(pod *v1.Pod, text string) (uint16, error) {
	if text == "" {
		return 0, errors.New("remote port cannot be empty")
	}
	if _, err := strconv.Atoi(text); err == nil {
		n, err := strconv.ParseUint(text, 10, 16)
		switch {
		case err != nil:
			return 0, fmt.Errorf("error parsing remote port '%s': %w", text, err)
		case n == 0:
			return 0, errors.New("remote port must be > 0")
		}
		return uint16(n), nil
	}
	for _, list := range [][]v1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for i := range list {
			for _, p := range list[i].Ports {
				if p.Name == text {
					return uint16(p.ContainerPort), nil
				}
			}
		}
	}
	return 0, fmt.Errorf("Pod '%s' does not have a named port '%s'", pod.Name, text) //nolint:staticcheck // kubectl's text
}

// onlyUDP tells whether a port is declared for UDP and not for TCP.
func onlyUDP(pod *v1.Pod, port uint16) bool {
	udp, tcp := false, false
	for i := range pod.Spec.Containers {
		for _, p := range pod.Spec.Containers[i].Ports {
			if p.ContainerPort == int32(port) {
				udp, tcp = udp || p.Protocol == v1.ProtocolUDP, tcp || p.Protocol == v1.ProtocolTCP
			}
		}
	}
	return udp && !tcp
}
