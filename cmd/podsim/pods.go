package main

import (
	"encoding/json"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator"
)

// podOptions tells of a pod what its defaulted form does not: for which containers nobody wrote a pull policy.
func podOptions(m manifest) simulator.PodOptions {
	var written v1.Pod
	if _, pod := m.object.(*v1.Pod); !pod || json.Unmarshal(m.raw, &written) != nil {
		return simulator.PodOptions{}
	}
	var defaulted []string
	for _, list := range [][]v1.Container{written.Spec.InitContainers, written.Spec.Containers} {
		for _, c := range list {
			if c.ImagePullPolicy == "" {
				defaulted = append(defaulted, c.Name)
			}
		}
	}
	return simulator.PodOptions{DefaultedPullPolicy: defaulted}
}
