package simulator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLintTellsFileLineAndLevel(t *testing.T) {
	t.Parallel()
	files := []LintFile{
		{Name: "pod.yaml", Data: []byte(`apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  nodeSelector: {disk: ssd}
  containers:
  - name: a
    image: x:1
    env:
    - name: COLOUR
      valueFrom: {configMapKeyRef: {name: settings, key: color}}
  - name: A
    image: x:1
`)},
		{Name: "config.yaml", Data: []byte(`apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: green}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
dat: {}
---
apiVersion: v1
kind: Pod
metadata: {name: sys}
spec:
  securityContext: {sysctls: [{name: kernel.msgmax, value: "1"}]}
  containers: [{name: a, image: x:1}]
`)},
	}
	var got []string
	for _, p := range Lint(files, LintOptions{}) {
		got = append(got, p.String())
	}
	want := []string{
		`pod.yaml:5: warning: spec.nodeSelector: ignored: only a cluster acts on it: one machine takes the pod as it is`,
		`pod.yaml:11: hint: spec.containers[0].env[0].valueFrom.configMapKeyRef.key: ConfigMap "settings" has no key "color": the container waits for it (is "colour" meant?)`,
		`pod.yaml:12: error: spec.containers[1].name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
		`config.yaml:9: error: dat: ConfigMap: strict decoding error: unknown field "dat"; is "data" meant?`,
		`config.yaml:14: warning: spec: the pod will fail at once: SysctlForbidden: forbidden sysctl: "kernel.msgmax" not allowlisted`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestLintNamesBothContainersOfAPortOnce(t *testing.T) {
	t.Parallel()
	problems := Lint([]LintFile{{Name: "p.yaml", Data: []byte(`
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: a, image: "x:1", ports: [{containerPort: 80}]}
  - {name: b, image: "x:1", ports: [{containerPort: 80}]}
`)}}, LintOptions{})
	want := []Problem{{
		File: "p.yaml", Line: 8, Level: LevelHint, Object: "Pod/p", Field: "spec.containers[1].ports[0]",
		Message: `containers "a" and "b" both declare port 80/TCP: they share one network, so if both listen on it, the second cannot`,
	}}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
