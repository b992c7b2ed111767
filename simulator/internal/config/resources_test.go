package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime"
)

func TestResourcesBecomeCgroupLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		resources, pod string
		want           runtime.Resources
	}{
		"none":                        {`{}`, ``, runtime.Resources{CPUShares: 2}},
		"requests are shares":         {`{requests: {cpu: 300m, memory: 1Gi}}`, ``, runtime.Resources{CPUShares: 307}},
		"limits stand for requests":   {`{limits: {cpu: 500m}}`, ``, runtime.Resources{CPUShares: 512, CPUQuota: 50000, CPUPeriod: 100000}},
		"the smallest shares, quota":  {`{limits: {cpu: 10m}, requests: {cpu: 1m}}`, ``, runtime.Resources{CPUShares: 2, CPUQuota: 1000, CPUPeriod: 100000}},
		"a quota below the least":     {`{limits: {cpu: 1m}}`, ``, runtime.Resources{CPUShares: 2, CPUQuota: 1000, CPUPeriod: 100000}},
		"the largest shares":          {`{requests: {cpu: "1000"}}`, ``, runtime.Resources{CPUShares: 262144}},
		"memory without swap":         {`{limits: {memory: 128Mi}}`, ``, runtime.Resources{CPUShares: 2, Memory: 128 << 20, MemorySwap: 128 << 20}},
		"graphics cards":              {`{limits: {nvidia.com/gpu: 2}}`, ``, runtime.Resources{CPUShares: 2, GPUs: 2}},
		"the pod's stand for missing": {`{limits: {cpu: 100m}}`, `resources: {limits: {cpu: 1, memory: 64Mi}}`, runtime.Resources{CPUShares: 102, CPUQuota: 10000, CPUPeriod: 100000, Memory: 64 << 20, MemorySwap: 64 << 20}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := podOf(t, test.pod+"\ncontainers: [{name: c, image: i, resources: "+test.resources+"}]")
			if diff := cmp.Diff(test.want, ContainerResources(pod, &pod.Spec.Containers[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRecordedResources(t *testing.T) {
	t.Parallel()
	in := recorded(t, "resources-burstable")
	a, b := mustSpec(t, in, "a"), mustSpec(t, in, "b")
	if a.Resources.Memory != 134217728 || a.Resources.CPUShares != 2 || a.Resources.CPUQuota != 1000 || *a.OOMScoreAdj != 998 {
		t.Errorf("a: %+v, %d", a.Resources, *a.OOMScoreAdj)
	}
	if b.Resources.Memory != 0 || b.Resources.CPUShares != 307 || b.Resources.CPUQuota != 0 || *b.OOMScoreAdj != 999 {
		t.Errorf("b: %+v, %d", b.Resources, *b.OOMScoreAdj)
	}
	in = recorded(t, "qos-init")
	if i, a := *mustSpec(t, in, "i").OOMScoreAdj, *mustSpec(t, in, "a").OOMScoreAdj; i != 998 || a != 999 {
		t.Errorf("init %d, app %d", i, a)
	}
}

func TestOOMScores(t *testing.T) {
	t.Parallel()
	const node = 1000 << 20
	tests := map[string]struct {
		spec string
		want int
	}{
		"best effort":                {`containers: [{name: c, image: i}]`, 1000},
		"guaranteed":                 {`containers: [{name: c, image: i, resources: {limits: {cpu: 1, memory: 1Mi}, requests: {cpu: 1, memory: 1Mi}}}]`, -997},
		"a tenth of the node":        {`containers: [{name: c, image: i, resources: {requests: {memory: 100Mi}}}]`, 900},
		"all of the node":            {`containers: [{name: c, image: i, resources: {requests: {memory: 1000Mi}}}]`, 3},
		"nothing of memory":          {`containers: [{name: c, image: i, resources: {requests: {cpu: 1}}}]`, 999},
		"critical to the cluster":    {"priority: 2000000000\ncontainers: [{name: c, image: i}]", -997},
		"a sidecar as the smallest":  {"initContainers: [{name: c, image: i, restartPolicy: Always}]\ncontainers: [{name: x, image: i, resources: {requests: {memory: 200Mi}}}, {name: y, image: i, resources: {requests: {memory: 100Mi}}}]", 900},
		"a larger sidecar":           {"initContainers: [{name: c, image: i, restartPolicy: Always, resources: {requests: {memory: 300Mi}}}]\ncontainers: [{name: x, image: i, resources: {requests: {memory: 200Mi}}}]", 700},
		"a share of the pod's rest":  {"resources: {requests: {memory: 300Mi}}\ncontainers: [{name: c, image: i, resources: {requests: {memory: 100Mi}}}, {name: d, image: i}]", 800},
		"an init container is other": {"initContainers: [{name: c, image: i}]\ncontainers: [{name: x, image: i, resources: {requests: {memory: 200Mi}}}]", 999},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := podOf(t, test.spec)
			c, _ := findContainer(pod, "c")
			if got := OOMScoreAdj(pod, c, node); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
