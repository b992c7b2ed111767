package validate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/simulator/internal/validate"
)

// podText makes a manifest of a spec, written as the inside of a YAML flow mapping; %C stands for a plain container.
func podText(spec string) string {
	spec = strings.ReplaceAll(spec, "%C", `containers: [{name: a, image: b}]`)
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {" + spec + "}\n"
}

func texts(errs field.ErrorList) []string {
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

func TestPodErrors(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spec string
		want []string
	}{
		"a good pod has none": {`%C`, nil},
		"a mount needs its volume": {
			`containers: [{name: a, image: b, volumeMounts: [{name: v, mountPath: /x}]}]`,
			[]string{`spec.containers[0].volumeMounts[0].name: Not found: "v"`},
		},
		"a volume with an error is not found by its mounts": {
			`volumes: [{name: v, hostPath: {path: /a/../b}}], containers: [{name: a, image: b, volumeMounts: [{name: v, mountPath: /x}]}]`,
			[]string{
				`spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
				`spec.containers[0].volumeMounts[0].name: Not found: "v"`,
			},
		},
		"an unknown restart policy": {
			`restartPolicy: Sometimes, %C`,
			[]string{`spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"`},
		},
		"an unknown DNS policy": {
			`dnsPolicy: Any, %C`,
			[]string{`spec.dnsPolicy: Unsupported value: "Any": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"`},
		},
		"DNS policy None needs a server": {
			`dnsPolicy: None, %C`,
			[]string{"spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
		},
		"host ports are host ports on the host's network": {
			`hostNetwork: true, containers: [{name: a, image: b, ports: [{containerPort: 80, hostPort: 81}]}]`,
			[]string{"spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true"},
		},
		"restart rules need a policy": {
			`containers: [{name: a, image: b, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]}]`,
			[]string{`spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used`},
		},
		"a sidecar has no restart rules": {
			`initContainers: [{name: i, image: b, restartPolicy: Always, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]}], %C`,
			[]string{`spec.initContainers[0].restartPolicyRules: Forbidden: restartPolicyRules are not allowed for init containers with restart policy Always`},
		},
		"restarting all containers is not there yet": {
			`containers: [{name: a, image: b, restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [1]}}]}]`,
			[]string{`spec.containers[0].restartPolicyRules[0].action: Unsupported value: "RestartAllContainers": supported values: "Restart"`},
		},
		"a sidecar may have probes and hooks": {
			`initContainers: [{name: i, image: b, restartPolicy: Always, readinessProbe: {tcpSocket: {port: 1}}, lifecycle: {preStop: {exec: {command: [x]}}}}], %C`,
			nil,
		},
		"unknown resources": {
			`containers: [{name: a, image: b, resources: {limits: {gpu: 1}}}]`,
			[]string{
				`spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified`,
				`spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers`,
				`spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified`,
				`spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers`,
			},
		},
		"huge pages come with cpu or memory": {
			`containers: [{name: a, image: b, resources: {limits: {hugepages-2Mi: 3Mi}}}]`,
			[]string{
				`spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
				`spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
				`spec.containers[0].resources: Forbidden: HugePages require cpu or memory`,
			},
		},
		"extended resources cannot be shared": {
			`containers: [{name: a, image: b, resources: {requests: {example.com/x: 1}}}]`,
			[]string{`spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources`},
		},
		"the pod's resources cover its containers'": {
			`resources: {requests: {cpu: 1}, limits: {cpu: 2}}, containers: [{name: a, image: b, resources: {requests: {cpu: 2}, limits: {cpu: 3}}}]`,
			[]string{
				`spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2`,
				`spec.resources.containers[0][cpu].limits: Invalid value: "3": must be less than or equal to pod limits of 2`,
			},
		},
		"a file for a variable lies in an emptyDir": {
			`volumes: [{name: v, configMap: {name: c}}], containers: [{name: a, image: b, env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: f, key: K}}}]}]`,
			[]string{`spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir`},
		},
		"a source of variables is one of two": {
			`containers: [{name: a, image: b, envFrom: [{prefix: A}]}]`,
			[]string{"spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`"},
		},
		"labels of the pod can be shown one by one": {
			`containers: [{name: a, image: b, env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}]}]`,
			nil,
		},
		"a tolerance for nothing in particular": {
			`tolerations: [{operator: Equal}], %C`,
			[]string{"spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means \"match all values and all keys\""},
		},
		"a spread needs a key and an action": {
			`topologySpreadConstraints: [{maxSkew: 0}], %C`,
			[]string{
				`spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero`,
				`spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty`,
				`spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"`,
			},
		},
		"an image volume needs a reference": {
			`volumes: [{name: v, image: {}}], %C`,
			[]string{`spec.volumes[0].image.reference: Required value`},
		},
		"a claim template is a claim": {
			`volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {}}}}], %C`,
			[]string{
				`spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required`,
				`spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value`,
			},
		},
		"a readiness probe does not end a container": {
			`containers: [{name: a, image: b, readinessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 1}}]`,
			[]string{`spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes`},
		},
		"a probe does something": {
			`containers: [{name: a, image: b, livenessProbe: {periodSeconds: 1}}]`,
			[]string{`spec.containers[0].livenessProbe: Required value: must specify a handler type`},
		},
		"a port by a long name": {
			`containers: [{name: a, image: b, livenessProbe: {tcpSocket: {port: a-very-long-port-name}}}]`,
			[]string{`spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: "a-very-long-port-name": must be no more than 15 characters`},
		},
		"an unmasked /proc needs a user namespace": {
			`containers: [{name: a, image: b, securityContext: {procMount: Unmasked}}]`,
			[]string{"spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`"},
		},
		"a user namespace of one's own": {
			`hostUsers: false, hostPID: true, hostIPC: true, %C`,
			[]string{
				"spec.HostPID: Forbidden: when `hostUsers` is false",
				"spec.HostIPC: Forbidden: when `hostUsers` is false",
			},
		},
		"an operating system that is none": {
			`os: {name: plan9}, %C`,
			[]string{`spec.os: Unsupported value: "plan9": supported values: "linux", "windows"`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs, _ := validate.Pod(decode(t, podText(c.spec)))
			if diff := cmp.Diff(c.want, texts(errs)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAPIWarnings(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spec string
		want []string
	}{
		"a good pod has none": {`%C`, nil},
		"a variable given twice": {
			`containers: [{name: a, image: b, env: [{name: A, value: one}, {name: A, value: two}, {name: A, value: "$(A)z"}]}]`,
			[]string{`spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply`},
		},
		"a port in two containers": {
			`containers: [{name: a, image: b, ports: [{containerPort: 80}]}, {name: c, image: b, ports: [{containerPort: 80, hostPort: 80}]}]`,
			[]string{`spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]`},
		},
		"a port name in two containers": {
			`containers: [{name: a, image: b, ports: [{name: w, containerPort: 80}]}, {name: c, image: b, ports: [{name: w, containerPort: 81}]}]`,
			[]string{`spec.containers[1].ports[0]: duplicate port name "w" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]`},
		},
		"files in each other's way": {
			`volumes: [{name: v, projected: {sources: [{configMap: {name: c, items: [{key: k, path: a}]}}, {secret: {name: s, items: [{key: k, path: a/b}]}}]}}], %C`,
			[]string{`volume "v" (Projected): overlapping paths: "a/b" (Secret "s") with "a" (ConfigMap "c")`},
		},
		"labels of nodes that are no more": {
			`nodeSelector: {beta.kubernetes.io/os: linux}, %C`,
			[]string{`spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs, warnings := validate.Pod(decode(t, podText(c.spec)))
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			var got []string
			for _, w := range warnings {
				got = append(got, w.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestANameThatIsNoneForAHostIsWarnedOf(t *testing.T) {
	t.Parallel()
	const head = "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: "
	for name, want := range map[string]string{
		"p": "", "a.b": head + "[must not contain dots]", strings.Repeat("a", 64): head + "[must be no more than 63 characters]",
	} {
		_, warnings := validate.Pod(decode(t, strings.Replace(podText("%C"), "name: p", "name: "+name, 1)))
		got := ""
		for _, w := range warnings {
			got += w.String()
		}
		if got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
