package manifest

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
)

const plainPod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: b}]}\n"

func names(result Result) []string {
	var out []string
	for _, obj := range result.Objects {
		out = append(out, obj.GetObjectKind().GroupVersionKind().Kind+"/"+obj.GetNamespace()+"/"+obj.GetName())
	}
	return out
}

func TestDecodeGivesObjectsInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		want []string
	}{
		"nothing":                      {"", nil},
		"comments only":                {"# nothing\n---\n# here\n---\n", nil},
		"one document":                 {plainPod, []string{"Pod/here/p"}},
		"a leading marker and an end":  {"---\n" + plainPod + "...\n", []string{"Pod/here/p"}},
		"a marker with a comment":      {plainPod + "--- # next\n" + strings.Replace(plainPod, "name: p", "name: q", 1), []string{"Pod/here/p", "Pod/here/q"}},
		"a marker with content":        {"--- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n", []string{"ConfigMap/here/c"}},
		"windows line ends and a mark": {"\xef\xbb\xbf" + strings.ReplaceAll(plainPod+"---\n"+plainPod, "\n", "\r\n"), []string{"Pod/here/p", "Pod/here/p"}},
		"JSON":                         {`{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "there"}}`, []string{"Secret/there/s"}},
		"a list": {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n- {apiVersion: v1, kind: PersistentVolume, metadata: {name: v}}\n",
			[]string{"ConfigMap/here/c", "PersistentVolume//v"}},
		"a list of pods that do not say so": {"apiVersion: v1\nkind: PodList\nitems:\n- {metadata: {name: p}, spec: {containers: []}}\n", []string{"Pod/here/p"}},
		"a list within a list": {"apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}]}]\n",
			[]string{"ConfigMap/here/c"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := Decode([]byte(c.text), Options{DefaultNamespace: "here"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, names(result)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrorsNameFileLineAndField(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"an unknown field": {
			"# a comment\n" + strings.Replace(plainPod, "spec: {", "spec: {\n  foo: 1,\n  ", 1),
			`f.yaml:6: Pod: strict decoding error: unknown field "spec.foo"`,
		},
		"a field of the wrong type": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: b\n    env:\n    - {name: A, value: ok}\n    - {name: B, value: 1}\n",
			`f.yaml:10: spec.containers[0].env[1].value: Pod: json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string; put it in quotes`,
		},
		"metadata of the wrong type": {
			"apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  labels: {a: 1}\n",
			`f.yaml:1: Pod: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string; put it in quotes`,
		},
		"a kind that is no text": {
			"apiVersion: v1\nkind: [Pod]\n",
			"f.yaml:1: Object 'Kind' is missing; " + takes,
		},
		"a quantity that is none": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    resources:\n      limits:\n        cpu: 1\n        memory: 10XB\n",
			`f.yaml:10: spec.containers[0].resources.limits.memory: Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
		},
		"broken YAML in the second document": {
			plainPod + "---\na: [\n",
			`f.yaml:6: yaml: did not find expected node content`,
		},
		"a Deployment": {
			"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n",
			"f.yaml:2: podsim does not take kind Deployment (apps/v1); its spec.template can be run as a Pod: copy metadata and spec of the template below apiVersion v1, kind Pod",
		},
		"a Service": {
			"apiVersion: v1\nkind: Service\n",
			"f.yaml:2: podsim does not take kind Service (v1); ports of a Pod are reached with -p HOST:CONTAINER, hostPort or port-forward",
		},
		"a field with a slip": {
			strings.Replace(plainPod, "spec: {", "spec: {volume: [], ", 1),
			`f.yaml:4: Pod: strict decoding error: unknown field "spec.volume"; is "volumes" meant?`,
		},
		"a slip in a list, in a struct of which the fields are the outer one's": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  volumes:\n  - name: a\n  - name: b\n    configmap: {name: c}\n",
			`f.yaml:8: Pod: strict decoding error: unknown field "spec.volumes[1].configmap"; is "configMap" meant?`,
		},
		"a field of another place": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    volumes: []\n",
			`f.yaml:7: Pod: strict decoding error: unknown field "spec.containers[0].volumes"; "volumes" belongs into spec: look at how far it is indented`,
		},
		"a template": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\n",
			"f.yaml:1: yaml: invalid map key: map[interface {}]interface {}{\".Release.Name\":interface {}(nil)}; " +
				"it looks like a template: render it first, as `helm template` does",
		},
		"a Compose file": {
			"services:\n  web: {image: nginx}\n",
			"f.yaml:1: Object 'Kind' is missing; it looks like a Compose file; " + takes,
		},
		"a kind with a slip": {
			"apiVersion: v1\nkind: pod\n",
			`f.yaml:2: no matches for kind "pod" in version "v1"; is Pod meant?`,
		},
		"a kind that nobody knows": {
			"apiVersion: v1\nkind: Gadget\n",
			`f.yaml:2: no matches for kind "Gadget" in version "v1"; ` + takes,
		},
		"no kind":      {"apiVersion: v1\n", "f.yaml:1: Object 'Kind' is missing; " + takes},
		"no version":   {"kind: Pod\n", "f.yaml:1: Object 'apiVersion' is missing; " + takes},
		"a plain text": {"hello\n", "f.yaml:1: a document has to be an object with apiVersion and kind"},
		"an item of a list": {
			"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n- apiVersion: v1\n  kind: ConfigMap\n  dota: {}\n",
			`f.yaml:7: ConfigMap: strict decoding error: unknown field "dota"; is "data" meant?`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode([]byte(c.text), Options{Filename: "f.yaml"})
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestABadDocumentDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	result, err := Decode([]byte(plainPod+"---\nkind: [\n---\nfoo: bar\n---\n"+strings.Replace(plainPod, "name: p", "name: q", 1)), Options{})
	if diff := cmp.Diff([]string{"Pod/default/p", "Pod/default/q"}, names(result)); diff != "" {
		t.Error(diff)
	}
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != 2 || errs[0].Document != 1 || errs[1].Document != 2 {
		t.Errorf("errors: %v", err)
	}
	var one *Error
	if !errors.As(err, &one) || one.Class != ClassSyntax {
		t.Errorf("first error: %v", one)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		opts Options
		want []string
	}{
		"a key given twice, the last counts": {
			strings.Replace(plainPod, "metadata: {name: p}", "metadata:\n  name: o\n  name: p", 1), Options{},
			[]string{`stdin:5: metadata.name: key "name" is given more than once: the last one counts`},
		},
		"an unknown field when reading leniently": {
			strings.Replace(plainPod, "spec: {", "spec: {foo: 1, ", 1), Options{Lenient: true, Filename: "f"},
			[]string{"f:4: spec.foo: unknown field is dropped"},
		},
		"a name from the file": {
			strings.Replace(plainPod, "{name: p}", "{labels: {a: b}}", 1), Options{Filename: "dir/My_Pod.v1.yaml", NameFromFile: true},
			[]string{`dir/My_Pod.v1.yaml:3: metadata: no name given: the pod is called "my-pod-v1" after the file`},
		},
		"a stop signal": {
			strings.Replace(plainPod, "image: b", "image: b, lifecycle: {stopSignal: SIGUSR1}", 1), Options{},
			[]string{"stdin:4: spec.containers[0].lifecycle.stopSignal: is dropped, as by a Kubernetes 1.35 cluster with default feature gates (ContainerStopSignals is off)"},
		},
		"a negative grace period": {
			strings.Replace(plainPod, "spec: {", "spec: {terminationGracePeriodSeconds: -5, ", 1), Options{},
			[]string{"stdin:4: spec.terminationGracePeriodSeconds: a negative value is taken as 1"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := Decode([]byte(c.text), c.opts)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range result.Warnings {
				got = append(got, w.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLineFindsAFieldOfAnObject(t *testing.T) {
	t.Parallel()
	text := "# top\n---\n" + "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p\n    labels:\n      a.b/c: d\n  spec:\n    containers:\n    - name: a\n      image: b\n"
	result, err := Decode([]byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"":                         6,
		"metadata.name":            9,
		"metadata.labels[a.b/c]":   11,
		"spec.containers[0].image": 15,
		"spec.containers[0].ports": 14,
		"spec.containers[7].image": 13,
		"spec.volumes":             12,
	} {
		if got := result.Line(result.Objects[0], path); got != want {
			t.Errorf("line of %q: %d, want %d", path, got, want)
		}
	}
	if got := result.Line(&v1.Pod{}, "spec"); got != 0 {
		t.Errorf("line of a strange object: %d", got)
	}
}

func TestSecretTextBecomesData(t *testing.T) {
	t.Parallel()
	result, err := Decode([]byte("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: MQ==, b: Mg==}\nstringData: {b: two}\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	secret, ok := result.Objects[0].(*v1.Secret)
	if !ok || string(secret.Data["a"]) != "1" || string(secret.Data["b"]) != "two" || secret.StringData != nil || secret.Type != v1.SecretTypeOpaque {
		t.Errorf("%+v", result.Objects[0])
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 1))
	for base, length := range map[string]int{"gen-": 9, strings.Repeat("a", 70): 63} {
		name := GenerateName(base, rnd)
		if len(name) != length || strings.ContainsAny(name[len(name)-5:], "aeiou013") {
			t.Errorf("GenerateName(%q) = %q", base, name)
		}
	}
	for file, want := range map[string]string{
		"web.yaml": "web", "/a/b/My App.yml": "my-app", "-": "", "": "", "...yaml": "", "x.json": "x", `c:\d\e.yaml`: "e",
		strings.Repeat("ä-", 50): "",
	} {
		if got := NameFromFile(file); got != want {
			t.Errorf("NameFromFile(%q) = %q, want %q", file, got, want)
		}
	}
}

func TestPullPolicyFollowsTheTag(t *testing.T) {
	t.Parallel()
	const digest = "@sha256:0123456789012345678901234567890123456789012345678901234567890123"
	for image, want := range map[string]v1.PullPolicy{
		"a": v1.PullAlways, "a:latest": v1.PullAlways, "a:1": v1.PullIfNotPresent, "a" + digest: v1.PullIfNotPresent,
		"a:latest" + digest: v1.PullAlways, "host:5000/a": v1.PullAlways, "A B": v1.PullIfNotPresent, "": v1.PullIfNotPresent,
	} {
		if got := defaultPullPolicy(image); got != want {
			t.Errorf("%s: %s, want %s", image, got, want)
		}
	}
}
