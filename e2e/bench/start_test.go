package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/e2e/harness"
	"github.com/podsim/podsim/runtime/docker"
	"github.com/podsim/podsim/simulator"
)

const (
	image      = "podsim.test/busybox:1"
	containers = 3
)

func TestMain(m *testing.M) { harness.Main(m) }

func pod(name string) *corev1.Pod {
	p := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.PodSpec{TerminationGracePeriodSeconds: ptr.To[int64](1), AutomountServiceAccountToken: ptr.To(false)},
	}
	for i := range containers {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{
			Name: fmt.Sprintf("c%d", i), Image: image,
			Command: []string{"sh", "-c", "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done"},
		})
	}
	return p
}

// BenchmarkStart starts a pod of three containers in three ways, in turns:
// with the engine's own calls, through the Go API, and with the command.
// It measures from the request to the moment that the engine started the last
// container.
func BenchmarkStart(b *testing.B) {
	h := harness.New(b)
	sim := open(b, h)
	var engine, api, command []time.Duration
	for i := 0; b.Loop(); i++ {
		engine = append(engine, startBare(b, h))
		api = append(api, startThroughAPI(b, h, sim, fmt.Sprintf("api-%d", i)))
		command = append(command, startWithCommand(b, h, fmt.Sprintf("run-%d", i)))
	}
	b.ReportMetric(0, "ns/op")
	base := median(engine)
	b.ReportMetric(float64(base.Milliseconds()), "engine-ms")
	b.ReportMetric(float64(median(api).Milliseconds()), "api-ms")
	b.ReportMetric(float64(median(command).Milliseconds()), "command-ms")
	b.ReportMetric(float64(median(api))/float64(base), "api/engine")
	b.ReportMetric(float64(median(command))/float64(base), "command/engine")
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

// open runs a node in this process.
func open(b *testing.B, h *harness.Home) *simulator.Simulator {
	b.Helper()
	engine, err := docker.Connect(b.Context(), docker.Options{})
	if err != nil {
		b.Fatal(err)
	}
	sim, err := simulator.New(b.Context(), simulator.Options{Engine: engine, Home: h.Dir})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sim.RunNode(ctx, simulator.NodeOptions{}) }()
	b.Cleanup(func() {
		cancel()
		<-done
		_ = engine.Close()
	})
	return sim
}

func startBare(b *testing.B, h *harness.Home) time.Duration {
	b.Helper()
	pod := &bare{engine: h.Engine, image: image}
	begin := time.Now()
	err := pod.start(b.Context(), containers)
	last, inspectErr := lastStart(b.Context(), h.Engine, pod.ids)
	if removeErr := pod.remove(context.WithoutCancel(b.Context())); err != nil || inspectErr != nil || removeErr != nil {
		b.Fatal(err, inspectErr, removeErr)
	}
	return last.Sub(begin)
}

func startThroughAPI(b *testing.B, h *harness.Home, sim *simulator.Simulator, name string) time.Duration {
	b.Helper()
	return timeStart(b, h, sim, pod(name))
}

func startWithCommand(b *testing.B, h *harness.Home, name string) time.Duration {
	b.Helper()
	file := h.Write(name+".json", fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":%q},"spec":%s}`, name, mustJSON(b, pod(name).Spec)))
	begin := time.Now()
	p := h.Start("run", file)
	took := untilStarted(b, h, name).Sub(begin)
	p.Signal(os.Interrupt)
	p.Wait()
	return took
}

// seldom is the distance of looks at the engine: each costs it some of what is
// being measured.
const seldom = 250 * time.Millisecond

// untilStarted waits until every container runs and returns the engine's own
// time of the last start, so that how often this looks does not matter.
func untilStarted(b *testing.B, h *harness.Home, name string) time.Time {
	b.Helper()
	var names []string
	for end := time.Now().Add(time.Minute); len(names) != containers; names = started(b, h, name) {
		if time.Now().After(end) {
			b.Fatalf("%s: not all containers started within a minute", name)
		}
		time.Sleep(seldom)
	}
	last, err := lastStart(b.Context(), h.Engine, names)
	if err != nil {
		b.Fatal(err)
	}
	return last
}

// started are the running containers of a pod, the sandbox left out.
func started(b *testing.B, h *harness.Home, name string) []string {
	b.Helper()
	var names []string
	for _, o := range h.Leftovers() {
		if o.Type == "containers" && o.State == "running" && o.Labels["io.kubernetes.pod.name"] == name &&
			o.Labels["io.kubernetes.container.name"] != "" {
			names = append(names, o.Name)
		}
	}
	return names
}

// BenchmarkVersion is what the start of the process costs, beside docker's.
func BenchmarkVersion(b *testing.B) {
	binary := harness.Binary(b)
	if info, err := os.Stat(binary); err == nil {
		b.Logf("%s: %.1f MB", filepath.Base(binary), float64(info.Size())/1e6)
	}
	var own, docker []time.Duration
	for b.Loop() {
		own = append(own, timeOf(b, binary, "version", "--client"))
		docker = append(docker, timeOf(b, "docker", "--version"))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(median(own).Microseconds())/1000, "podsim-ms")
	b.ReportMetric(float64(median(docker).Microseconds())/1000, "docker-ms")
}

func timeOf(b *testing.B, name string, args ...string) time.Duration {
	b.Helper()
	begin := time.Now()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		b.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return time.Since(begin)
}

func mustJSON(b *testing.B, v any) string {
	b.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}
