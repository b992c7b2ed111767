package examples

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/e2e/harness"
	"github.com/podsim/podsim/e2e/images"
)

func TestMain(m *testing.M) { harness.Main(m) }

const folder = "../../examples"

// local are the images that run in place of the public ones, which the examples
// name.
var local = map[string]string{
	"busybox:1.36":                                  images.Busybox,
	"postgres:16":                                   images.Postgres,
	"prom/node-exporter:v1.8.2":                     images.NodeExporter,
	"nicolaka/netshoot:v0.13":                       images.IPTables,
	"nginx:1.27":                                    images.TLSProxy,
	"edoburu/pgbouncer:v1.23.1-p3":                  images.PgBouncer,
	"prometheuscommunity/postgres-exporter:v0.15.0": images.PostgresExporter,
}

// example is one folder of examples in a home of its own.
type example struct {
	*harness.Home
	t    *testing.T
	name string
}

func open(t *testing.T, name string) *example {
	t.Helper()
	t.Parallel()
	return &example{Home: harness.New(t), t: t, name: name}
}

func (e *example) file() string { return e.path("pod.yaml") }

func (e *example) path(name string) string { return filepath.Join(folder, e.name, name) }

// run runs the pod in the foreground to its end.
func (e *example) run(flags ...string) harness.Result {
	e.t.Helper()
	return e.runFile("pod.yaml", flags...)
}

// runFile is run for another file of the example.
func (e *example) runFile(name string, flags ...string) harness.Result {
	e.t.Helper()
	text, err := os.ReadFile(e.path(name))
	if err != nil {
		e.t.Fatal(err)
	}
	argv := []string{"run", e.path(name)}
	for public, image := range local {
		if strings.Contains(string(text), "image: "+public+"\n") {
			argv = append(argv, "--image", public+"="+image)
		}
	}
	return e.Run(append(argv, flags...)...)
}

// detach leaves the pod to the background node.
func (e *example) detach(flags ...string) harness.Result {
	e.t.Helper()
	r := e.run(append([]string{"-d"}, flags...)...)
	if r.Code != 0 {
		e.t.Fatalf("%s", r)
	}
	return r
}

// remove deletes the pod and wants nothing left of it.
func (e *example) remove() {
	e.t.Helper()
	e.Must("delete", "pod", e.name)
	e.NothingLeft()
}

// logs of a container, as they are now.
func (e *example) logs(container string) string {
	return e.Run("logs", e.name, "-c", container).Stdout
}

// exec runs a shell line in a container and returns what it printed.
func (e *example) exec(container, script string) string {
	e.t.Helper()
	return e.Must("exec", e.name, "-c", container, "--", "sh", "-c", script)
}

func (e *example) pod() corev1.Pod {
	e.t.Helper()
	var pod corev1.Pod
	if err := json.Unmarshal([]byte(e.Must("get", "pod", e.name, "-o", "json")), &pod); err != nil {
		e.t.Fatalf("read pod: %v", err)
	}
	return pod
}

// eventually waits for a text in what look returns.
func (e *example) eventually(want string, look func() string) {
	e.t.Helper()
	var got string
	if !harness.Eventually(time.Minute, func() bool { got = look(); return strings.Contains(got, want) }) {
		e.t.Fatalf("no %q in:\n%s", want, got)
	}
}

// forward opens port-forward on a free port and returns its address.
func (e *example) forward(port string) string {
	e.t.Helper()
	p := e.Start("port-forward", e.name, ":"+port)
	var address string
	harness.WaitFor(e.t, "port-forward", 30*time.Second, func() bool {
		for _, word := range strings.Fields(p.Stdout() + p.Stderr()) {
			if _, _, err := net.SplitHostPort(word); err == nil && strings.HasPrefix(word, "127.0.0.1:") {
				address = word
			}
		}
		return address != ""
	})
	return address
}

// in wants each of the texts in s.
func in(t *testing.T, s string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(s, text) {
			t.Errorf("no %q in:\n%s", text, s)
		}
	}
}
