package print

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func config(name string, labels map[string]string, data map[string]string) *v1.ConfigMap {
	return &v1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "ns", Labels: labels, CreationTimestamp: metav1.NewTime(epoch)}, Data: data,
	}
}

// printList prints objects 90 seconds after they were made.
func printList(t *testing.T, o Options, objs ...Object) string {
	t.Helper()
	o.Now = func() time.Time { return epoch.Add(90 * time.Second) }
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := p.List(&out, objs); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func text(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

func TestList(t *testing.T) {
	t.Parallel()
	secret := &v1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "s", Namespace: "ns", CreationTimestamp: metav1.NewTime(epoch)}, Type: v1.SecretTypeOpaque,
		Data: map[string][]byte{"k": []byte("v")},
	}
	for name, tc := range map[string]struct {
		options Options
		objects []Object
		want    string
	}{
		"a table": {
			objects: []Object{config("b", nil, map[string]string{"x": "1"}), config("a", nil, nil)},
			want:    text("NAME   DATA   AGE", "b      1      90s", "a      0      90s"),
		},
		"sorted by a field": {
			options: Options{SortBy: ".metadata.name"},
			objects: []Object{config("p10", nil, nil), config("p2", nil, nil)},
			want:    text("NAME   DATA   AGE", "p2     0      90s", "p10    0      90s"),
		},
		"without headers, with labels and the namespace": {
			options: Options{NoHeaders: true, ShowLabels: true, WithNamespace: true},
			objects: []Object{config("a", map[string]string{"app": "web"}, nil)},
			want:    text("ns    a     0     90s   app=web"),
		},
		"a column of a label": {
			options: Options{LabelColumns: []string{"example.com/app"}},
			objects: []Object{config("a", map[string]string{"example.com/app": "web"}, nil)},
			want:    text("NAME   DATA   AGE   APP", "a      0      90s   web"),
		},
		"two kinds": {
			options: Options{WithKind: true},
			objects: []Object{config("a", nil, nil), secret},
			want: text("NAME          DATA   AGE", "configmap/a   0      90s", "", "NAME       TYPE     DATA   AGE",
				"secret/s   Opaque   1      90s"),
		},
		"names": {
			options: Options{Output: "name"}, objects: []Object{config("a", nil, nil), secret}, want: text("configmap/a", "secret/s"),
		},
		"a list in YAML": {
			options: Options{Output: "yaml"}, objects: []Object{config("a", nil, map[string]string{"x": "1"})},
			want: text("apiVersion: v1", "items:", "- apiVersion: v1", "  data:", `    x: "1"`, "  kind: ConfigMap", "  metadata:",
				`    creationTimestamp: "2026-01-01T00:00:00Z"`, "    name: a", "    namespace: ns", "kind: List", "metadata:",
				`  resourceVersion: ""`),
		},
		"an empty list in JSON": {
			options: Options{Output: "json"},
			want: text("{", `    "apiVersion": "v1",`, `    "items": [],`, `    "kind": "List",`, `    "metadata": {`,
				`        "resourceVersion": ""`, "    }", "}"),
		},
		"a JSONPath over a list": {
			options: Options{Output: `jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}`},
			objects: []Object{config("a", nil, nil), config("b", nil, nil)}, want: text("a", "b"),
		},
		"a JSONPath as JSON": {
			options: Options{Output: `jsonpath-as-json={.items[0].metadata.name}`}, objects: []Object{config("a", nil, nil)},
			want: text("[", `    "a"`, "]"),
		},
		"a Go template": {
			options: Options{Output: `go-template={{range .items}}{{.metadata.name}};{{end}}`}, objects: []Object{config("a", nil, nil)}, want: "a;",
		},
		"custom columns": {
			options: Options{Output: "custom-columns=NAME:.metadata.name,APP:{.metadata.labels.app}"},
			objects: []Object{config("a", map[string]string{"app": "web"}, nil), config("b", nil, nil)},
			want:    text("NAME   APP", "a      web", "b      <none>"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, printList(t, tc.options, tc.objects...)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOutputFormatsThatAreWrong(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"nosuch":                    `unable to match a printer suitable for the output format "nosuch", allowed formats are: ` + Formats,
		"jsonpath":                  "template format specified but no template given",
		"custom-columns":            "custom-columns format specified but no custom columns given",
		"custom-columns=NAME":       "unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>",
		"go-template-file=/no/such": "error reading --template /no/such, open /no/such: no such file or directory",
	} {
		_, err := New(Options{Output: output})
		if err == nil || err.Error() != want {
			t.Errorf("-o %s: got %v, want %s", output, err, want)
		}
	}
}

func TestAWatchPrintsOneTable(t *testing.T) {
	t.Parallel()
	p, err := New(Options{Events: true, Now: func() time.Time { return epoch }})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, change := range []string{"ADDED", "MODIFIED", "DELETED"} {
		if err := p.Change(&out, change, config("a", nil, nil)); err != nil {
			t.Fatal(err)
		}
	}
	want := text("EVENT      NAME   DATA   AGE", "ADDED      a      0      0s", "MODIFIED   a      0      0s", "DELETED    a      0      0s")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAWatchPrintsEventsAroundWholeObjects(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"json":                            `{"type":"ADDED","object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","name":"a","namespace":"ns"}}}` + "\n",
		"name":                            "configmap/a\n",
		"jsonpath={.type} {.object.kind}": "ADDED ConfigMap",
	} {
		p, err := New(Options{Events: true, Output: output})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := p.Watched(&out, []Object{config("a", nil, nil)}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("-o %s (-want +got)\n%s", output, diff)
		}
	}
}

func TestDescribeShowsNoSecretValue(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	secret := &v1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s", Namespace: "ns"}, Type: v1.SecretTypeOpaque, Data: map[string][]byte{"password": []byte("hunter2")}}
	if err := Describe(&out, Subject{Object: secret, ShowEvents: true}); err != nil {
		t.Fatal(err)
	}
	want := text("Name:         s", "Namespace:    ns", "Labels:       <none>", "Annotations:  <none>", "", "Type:  Opaque", "", "Data", "====",
		"password:  7 bytes")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
