package validate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/simulator/internal/validate"
)

func TestFidelityNamesWhatIsNotAsOnANode(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spec               string
		refusals, warnings []string
	}{
		"a plain pod needs no word": {spec: `%C`},
		"what only a cluster acts on is one line": {
			spec: `nodeSelector: {a: b}, priorityClassName: high, tolerations: [{operator: Exists}], serviceAccountName: me, %C`,
			warnings: []string{"spec.nodeSelector, spec.serviceAccountName, spec.serviceAccount, spec.tolerations, spec.priorityClassName: " +
				"ignored: only a cluster acts on it: one machine takes the pod as it is"},
		},
		"storage systems are refused": {
			spec: `volumes: [{name: v, nfs: {server: s, path: /p}}, {name: w, csi: {driver: d}}], %C`,
			refusals: []string{
				"spec.volumes[0].nfs: Forbidden: podsim mounts no storage systems: mount it on the engine's machine and use hostPath, or use persistentVolumeClaim",
				"spec.volumes[1].csi: Forbidden: podsim has no volume drivers: use persistentVolumeClaim, emptyDir, secret or hostPath instead",
			},
		},
		"values that are refused": {
			spec: `os: {name: windows}, volumes: [{name: v, emptyDir: {medium: HugePages}}], %C`,
			refusals: []string{
				"spec.os.name: Forbidden: podsim runs Linux containers; leave it out",
				"spec.volumes[0].emptyDir.medium: Forbidden: podsim has no huge pages: use Memory, or leave it out",
			},
		},
		"a runtime class is refused": {
			spec: `runtimeClassName: gvisor, %C`,
			refusals: []string{
				"spec.runtimeClassName: Forbidden: podsim has no RuntimeClasses: leave it out, or make the runtime the engine's default",
			},
		},
		"what is done in another way": {
			spec: `hostUsers: false, securityContext: {supplementalGroupsPolicy: Strict}, %C`,
			warnings: []string{
				"spec.securityContext.supplementalGroupsPolicy: Strict holds where the engine knows the gid: without runAsGroup the image's own groups may be added",
				"spec.hostUsers: false is not kept apart: the pod runs in the engine's user namespace",
			},
		},
		"devices": {
			spec: `containers: [{name: a, image: b, resources: {limits: {cpu: 1, example.com/gpu: 1}}}]`,
			warnings: []string{
				"spec.containers[0].resources.limits[example.com/gpu]: ignored: podsim hands out cpu, memory, ephemeral-storage and nvidia.com/gpu only",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := decode(t, podText(c.spec))
			if diff := cmp.Diff(c.refusals, texts(validate.Refusals(pod))); diff != "" {
				t.Errorf("refusals, -want +got:\n%s", diff)
			}
			var got []string
			for _, w := range validate.Fidelity(pod) {
				got = append(got, w.String())
			}
			if diff := cmp.Diff(c.warnings, got); diff != "" {
				t.Errorf("warnings, -want +got:\n%s", diff)
			}
		})
	}
}
