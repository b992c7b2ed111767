package podspec

import (
	"testing"

	v1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func TestQOSClass(t *testing.T) {
	t.Parallel()
	const full = `{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}`
	tests := map[string]struct {
		spec string
		want v1.PodQOSClass
	}{
		"nothing set":                     {`containers: [{name: c, image: i}]`, v1.PodQOSBestEffort},
		"only storage set":                {`containers: [{name: c, image: i, resources: {requests: {ephemeral-storage: 1Gi}}}]`, v1.PodQOSBestEffort},
		"zeroes":                          {`containers: [{name: c, image: i, resources: {requests: {cpu: 0}}}]`, v1.PodQOSBestEffort},
		"all limits equal requests":       {`containers: [{name: c, image: i, resources: ` + full + `}]`, v1.PodQOSGuaranteed},
		"one container without":           {`containers: [{name: c, image: i, resources: ` + full + `}, {name: d, image: i}]`, v1.PodQOSBurstable},
		"an init container without":       {"initContainers: [{name: i, image: i}]\ncontainers: [{name: c, image: i, resources: " + full + "}]", v1.PodQOSBurstable},
		"smaller requests":                {`containers: [{name: c, image: i, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Mi}}}]`, v1.PodQOSBurstable},
		"one limit":                       {`containers: [{name: c, image: i, resources: {limits: {memory: 1Gi}, requests: {memory: 1Gi}}}]`, v1.PodQOSBurstable},
		"the pod's own, whatever within":  {"resources: " + full + "\ncontainers: [{name: c, image: i}]", v1.PodQOSGuaranteed},
		"the pod's own with one limit":    {"resources: {limits: {cpu: 1}, requests: {cpu: 1}}\ncontainers: [{name: c, image: i, resources: " + full + "}]", v1.PodQOSBurstable},
		"the pod's own, and empty":        {"resources: {}\ncontainers: [{name: c, image: i, resources: " + full + "}]", v1.PodQOSGuaranteed},
		"units do not matter":             {`containers: [{name: c, image: i, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1024Mi}}}]`, v1.PodQOSGuaranteed},
		"limits alone, before defaulting": {`containers: [{name: c, image: i, resources: {limits: {cpu: 1, memory: 1Gi}}}]`, v1.PodQOSBurstable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := &v1.Pod{}
			if err := yaml.UnmarshalStrict([]byte(test.spec), &pod.Spec); err != nil {
				t.Fatal(err)
			}
			if got := QOSClass(pod); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
