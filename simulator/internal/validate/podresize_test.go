package validate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/podsim/podsim/simulator/internal/validate"
)

const resizable = `initContainers: [{name: i, image: b, resources: {limits: {cpu: 1}}}, {name: s, image: b, restartPolicy: Always}],
  containers: [{name: a, image: b, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}}]`

func TestResizeOfAPod(t *testing.T) {
	t.Parallel()
	cpu := func(c *v1.Container, limit string) { c.Resources.Limits[v1.ResourceCPU] = resource.MustParse(limit) }
	cases := map[string]struct {
		change func(spec *v1.PodSpec)
		want   []string
	}{
		"a limit may change": {func(spec *v1.PodSpec) { cpu(&spec.Containers[0], "2") }, nil},
		"a limit may not go": {
			func(spec *v1.PodSpec) { delete(spec.Containers[0].Resources.Limits, v1.ResourceCPU) },
			[]string{"spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"},
		},
		"an ordinary init container stays as it is": {
			func(spec *v1.PodSpec) {
				cpu(&spec.InitContainers[0], "2")
			},
			[]string{"spec: Forbidden: resources for non-sidecar init containers are immutable"},
		},
		"an image may not change": {
			func(spec *v1.PodSpec) { spec.Containers[0].Image = "c" },
			[]string{"spec: Forbidden: only cpu and memory resources are mutable"},
		},
		"other fields may not change": {
			func(spec *v1.PodSpec) { spec.Hostname = "h" },
			[]string{"spec: Forbidden: only cpu and memory resources are mutable"},
		},
		"containers keep their names": {
			func(spec *v1.PodSpec) { spec.Containers[0].Name = "z" },
			[]string{"spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := asStored(decode(t, podText(resizable)))
			updated := old.DeepCopy()
			c.change(&updated.Spec)
			if diff := cmp.Diff(c.want, texts(validate.PodResize(updated, old))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestResizeKeepsTheQualityOfService(t *testing.T) {
	t.Parallel()
	old := asStored(decode(t, podText(`containers: [{name: a, image: b, resources: {limits: {cpu: 1, memory: 1Gi}}}]`)))
	old.Status.QOSClass = v1.PodQOSGuaranteed
	updated := old.DeepCopy()
	updated.Spec.Containers[0].Resources.Limits[v1.ResourceCPU] = resource.MustParse("2")
	want := []string{`spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing`}
	if diff := cmp.Diff(want, texts(validate.PodResize(updated, old))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDebugContainersAreAddedOnly(t *testing.T) {
	t.Parallel()
	debug := v1.EphemeralContainer{EphemeralContainerCommon: v1.EphemeralContainerCommon{
		Name: "d", Image: "b", ImagePullPolicy: v1.PullAlways, TerminationMessagePolicy: v1.TerminationMessageReadFile,
	}}
	old := asStored(decode(t, podText("%C")))
	with := old.DeepCopy()
	with.Spec.EphemeralContainers = []v1.EphemeralContainer{debug}
	if errs := validate.PodEphemeralContainers(with, old); len(errs) > 0 {
		t.Error(errs.ToAggregate())
	}
	want := []string{"spec.ephemeralContainers: Forbidden: existing ephemeral containers \"d\" may not be removed\n"}
	if diff := cmp.Diff(want, texts(validate.PodEphemeralContainers(old, with))); diff != "" {
		t.Error(diff)
	}
	bad := with.DeepCopy()
	bad.Spec.EphemeralContainers[0].TargetContainerName = "nobody"
	bad.Spec.EphemeralContainers[0].Ports = []v1.ContainerPort{{ContainerPort: 1, Protocol: v1.ProtocolTCP}}
	want = []string{
		`spec.ephemeralContainers[0].targetContainerName: Not found: "nobody"`,
		`spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container`,
	}
	if diff := cmp.Diff(want, texts(validate.PodEphemeralContainers(bad, old))); diff != "" {
		t.Error(diff)
	}
}
