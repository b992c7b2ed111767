package config

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironmentIsThatOfTheRecordedContainer(t *testing.T) {
	t.Parallel()
	spec := mustSpec(t, recorded(t, "env-order"), "a")
	// The record shows one variable a line; two of them have several lines.
	text := output(t, "env-order", "environ.txt")
	text = strings.Replace(text, "HOME=/root\n", "", 1) // set by the engine
	got := strings.Join(sorted(spec.Env), "\n") + "\n"
	want := strings.Join(sorted(joinLines(strings.Split(strings.TrimSuffix(text, "\n"), "\n"))), "\n") + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-recorded +got):\n%s", diff)
	}
}

// joinLines gives lines without a name back to the value before them.
func joinLines(lines []string) []string {
	var out []string
	for _, line := range lines {
		if !strings.Contains(line, "=") && len(out) > 0 {
			out[len(out)-1] += "\n" + line
			continue
		}
		out = append(out, line)
	}
	return out
}

func TestEnvironmentOrderIsImageThenHostThenDeclared(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
containers: [{name: c, image: i, env: [{name: B, value: b}, {name: A, value: a}, {name: PATH, value: /mine}]}]`)
	got := mustSpec(t, in, "c").Env[:4]
	if diff := cmp.Diff([]string{"PATH=/mine", "HOSTNAME=p", "B=b", "A=a"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCommandIsThatOfTheRecordedContainer(t *testing.T) {
	t.Parallel()
	spec := mustSpec(t, recorded(t, "env-order"), "a")
	got := strings.Join(append(slices.Clone(spec.Entrypoint), spec.Cmd...), "\n") + "\n"
	if diff := cmp.Diff(output(t, "env-order", "cmdline.txt"), got); diff != "" {
		t.Errorf("command line (-recorded +got):\n%s", diff)
	}
}

func TestMissingReferencesGiveTheKubeletsTexts(t *testing.T) {
	t.Parallel()
	in := recorded(t, "missing-refs")
	for container, want := range map[string]string{
		"nocm":      `configmap "nope" not found`,
		"nokey":     `couldn't find key zzz in ConfigMap o-missing-refs/cm`,
		"nosec":     `secret "nope" not found`,
		"noseckey":  `couldn't find key zzz in Secret o-missing-refs/sec`,
		"nofrom":    `configmap "nope" not found`,
		"nofromsec": `secret "nope" not found`,
	} {
		_, err := specOf(t, in, container)
		wantError(t, err, "CreateContainerConfigError", want)
	}
	env := mustSpec(t, in, "opt").Env
	if !slices.Contains(env, "C=<$(A)>") || slices.ContainsFunc(env, func(s string) bool { return strings.HasPrefix(s, "B=") }) {
		t.Errorf("optional references: %q", env)
	}
}

func TestCommandRules(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spec            string
		entrypoint, cmd []string
	}{
		"nothing leaves the image's":       {``, nil, nil},
		"args take the place of CMD":       {`args: [a]`, nil, []string{"a"}},
		"command drops CMD":                {`command: [c]`, []string{"c"}, []string{}},
		"both take the place of both":      {`command: [c], args: [a, b]`, []string{"c"}, []string{"a", "b"}},
		"empty lists are no lists":         {`command: [], args: []`, nil, nil},
		"variables are expanded":           {`command: ["$(X)"], env: [{name: X, value: v}]`, []string{"v"}, []string{}},
		"a blank does not part an element": {`command: ["$(X)"], env: [{name: X, value: "v w"}]`, []string{"v w"}, []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := mustSpec(t, inputOf(t, "containers: [{name: c, image: i, "+test.spec+"}]"), "c")
			if diff := cmp.Diff([][]string{test.entrypoint, test.cmd}, [][]string{spec.Entrypoint, spec.Cmd}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFieldAndResourceReferences(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
serviceAccountName: robot
containers:
- name: c
  image: i
  resources: {limits: {cpu: 1500m, memory: 64Mi}, requests: {memory: 33Mi}}
- {name: free, image: i}`)
	in.Pod.Labels = map[string]string{"app": "web"}
	tests := map[string]struct{ ref, want string }{
		"name":                      {`fieldRef: {fieldPath: metadata.name}`, "p"},
		"namespace":                 {`fieldRef: {fieldPath: metadata.namespace}`, "ns"},
		"uid":                       {`fieldRef: {fieldPath: metadata.uid}`, "u1"},
		"label":                     {`fieldRef: {fieldPath: "metadata.labels['app']"}`, "web"},
		"missing label is empty":    {`fieldRef: {fieldPath: "metadata.labels['no']"}`, ""},
		"annotation of the kubelet": {`fieldRef: {fieldPath: "metadata.annotations['kubernetes.io/config.source']"}`, "api"},
		"node":                      {`fieldRef: {fieldPath: spec.nodeName}`, "refnode"},
		"service account":           {`fieldRef: {fieldPath: spec.serviceAccountName}`, "robot"},
		"host address":              {`fieldRef: {fieldPath: status.hostIP}`, "192.0.2.1"},
		"pod address":               {`fieldRef: {fieldPath: status.podIP}`, "10.88.0.9"},
		"pod addresses":             {`fieldRef: {fieldPath: status.podIPs}`, "10.88.0.9"},
		"cpu is rounded up":         {`resourceFieldRef: {resource: limits.cpu}`, "2"},
		"cpu in thousandths":        {`resourceFieldRef: {resource: limits.cpu, divisor: 1m}`, "1500"},
		"memory in bytes":           {`resourceFieldRef: {resource: limits.memory}`, "67108864"},
		"memory rounded up":         {`resourceFieldRef: {resource: requests.memory, divisor: 10Mi}`, "4"},
		"no request is 0":           {`resourceFieldRef: {resource: requests.cpu}`, "0"},
		"no limit is the node's":    {`resourceFieldRef: {resource: limits.memory, containerName: free}`, "25276514304"},
		"no cpu limit likewise":     {`resourceFieldRef: {resource: limits.cpu, containerName: free}`, "2"},
		"storage is not known":      {`resourceFieldRef: {resource: limits.ephemeral-storage}`, "0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mine := in
			mine.Pod = in.Pod.DeepCopy()
			unmarshal(t, "[{name: X, valueFrom: {"+test.ref+"}}]", &mine.Pod.Spec.Containers[0].Env)
			env := mustSpec(t, mine, "c").Env
			if !slices.Contains(env, "X="+test.want) {
				t.Errorf("no X=%s in %q", test.want, env)
			}
		})
	}
}

func TestAddressesOfThePodDelayItsContainers(t *testing.T) {
	t.Parallel()
	const env = `env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]`
	pod := podOf(t, `containers: [{name: c, image: i, `+env+`}, {name: d, image: i}]`)
	if c := pod.Spec.Containers; !NeedsPodIP(pod, &c[0]) || NeedsPodIP(pod, &c[1]) {
		t.Error("exactly the first container needs the address")
	}
	pod.Spec.HostNetwork = true
	if NeedsPodIP(pod, &pod.Spec.Containers[0]) {
		t.Error("the address of a pod in the host's network is known")
	}
	env2 := mustSpecWithoutPodIP(t, newInput(pod))
	if !slices.Contains(env2, "A=192.0.2.1") {
		t.Errorf("a pod in the host's network has the host's address: %q", env2)
	}
}

func mustSpecWithoutPodIP(t *testing.T, in Input) []string {
	t.Helper()
	spec, err := Container(in, ContainerInput{Name: "c", Image: busybox})
	if err != nil {
		t.Fatal(err)
	}
	return spec.Env
}

func TestEnvFiles(t *testing.T) {
	t.Parallel()
	const file = "/var/lib/kubelet/pods/u1/volumes/kubernetes.io~empty-dir/v/f"
	const text = "# comment\n\n  A='one'\nB='two\nlines' # why\nC= 'nothing'\nD=''\n"
	in := inputOf(t, `
volumes: [{name: v, emptyDir: {}}]
containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]`)
	tests := map[string]struct{ ref, want, problem string }{
		"a value":                     {ref: `key: A`, want: "one"},
		"a value of several lines":    {ref: `key: B`, want: "two\nlines"},
		"behind a blank is nothing":   {ref: `key: C`, problem: `environment variable key "C" not found in file "` + file + `"`},
		"an empty value is missing":   {ref: `key: D`, problem: `environment variable key "D" not found in file "` + file + `"`},
		"missing and optional":        {ref: `key: X, optional: true`, want: "-"},
		"a file that is not there":    {ref: `key: A, path: no`, problem: "couldn't parse env file"},
		"a file that is none":         {ref: `key: A, path: bad`, problem: "couldn't parse env file"},
		"a volume that nobody mounts": {ref: `key: A, volumeName: w`, problem: `cannot find the volume "w" referenced by FileKeyRef`},
	}
	in.ReadFile = func(volume, path string) ([]byte, error) {
		switch path {
		case "f":
			return []byte(text), nil
		case "bad":
			return []byte("A=one\n"), nil
		}
		return nil, os.ErrNotExist
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mine := in
			mine.Pod = in.Pod.DeepCopy()
			ref := test.ref
			if !strings.Contains(ref, "path:") {
				ref += ", path: f"
			}
			if !strings.Contains(ref, "volumeName:") {
				ref += ", volumeName: v"
			}
			unmarshal(t, "[{name: X, valueFrom: {fileKeyRef: {"+ref+"}}}]", &mine.Pod.Spec.Containers[0].Env)
			spec, err := specOf(t, mine, "c")
			if test.problem != "" {
				wantError(t, err, "CreateContainerConfigError", test.problem)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(spec.Env, func(s string) bool { return strings.HasPrefix(s, "X=") })
			if got := "-"; i >= 0 && spec.Env[i] != "X="+test.want || i < 0 && got != test.want {
				t.Errorf("want %q in %q", test.want, spec.Env)
			}
		})
	}
}

func TestEnvFileFaults(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"A", "=x", "A ='x'", "A=x", "A='x", "A='x'y", `A="x"`} {
		if _, err := parseEnvFile(text, "Z"); !errors.Is(err, errEnvFile) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
