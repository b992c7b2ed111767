package bench

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/e2e/harness"
)

const (
	// many is a node with much to do.
	many = 50
	// idle is how long a node is watched doing nothing.
	idle = 20 * time.Second
	// patience is for an engine with hundreds of containers to start.
	patience = 10 * time.Minute
)

// BenchmarkNode measures the background node: what it takes for one pod, for
// many, and for one with three exec probes a second.
func BenchmarkNode(b *testing.B) {
	for _, c := range []struct {
		name   string
		pods   int
		probes bool
	}{{"pods-1", 1, false}, {fmt.Sprintf("pods-%d", many), many, false}, {"exec-probes", 1, true}} {
		b.Run(c.name, func(b *testing.B) {
			h := harness.New(b)
			for b.Loop() {
				runMany(b, h, c.pods, c.probes)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func runMany(b *testing.B, h *harness.Home, n int, probes bool) {
	b.Helper()
	file := h.Write("many.json", list(b, n, probes))
	begin := time.Now()
	must(b, h, "apply", "-f", file)
	must(b, h, "wait", "--for=condition=Ready", "pods", "--all", "--timeout", patience.String())
	b.ReportMetric(time.Since(begin).Seconds(), "ready-s")

	pid := h.NodePID()
	time.Sleep(2 * time.Second) // what the start left to do
	before, err := cpuTime(pid)
	if err != nil {
		b.Skip(err)
	}
	time.Sleep(idle)
	after, err := cpuTime(pid)
	if err != nil {
		b.Fatal(err)
	}
	resident, err := memory(pid)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(100*float64(after-before)/float64(idle), "idle-%")
	b.ReportMetric(resident, "MiB")

	var looks []time.Duration
	for range 9 {
		looks = append(looks, must(b, h, "get", "pods").Took)
	}
	b.ReportMetric(float64(median(looks).Milliseconds()), "get-ms")
	b.ReportMetric(must(b, h, "delete", "-f", file).Took.Seconds(), "delete-s")
	h.NothingLeft()
}

func must(b *testing.B, h *harness.Home, args ...string) harness.Result {
	b.Helper()
	r := h.RunTimeout(patience, args...)
	if r.Code != 0 {
		b.Fatal(r)
	}
	return r
}

// list is a file with n pods of three containers.
func list(b *testing.B, n int, probes bool) string {
	b.Helper()
	l := corev1.PodList{}
	l.APIVersion, l.Kind = "v1", "List"
	for i := range n {
		p := pod(fmt.Sprintf("many-%d", i))
		for k := range p.Spec.Containers {
			c := &p.Spec.Containers[k]
			c.Command = []string{"sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"}
			if probes {
				c.LivenessProbe = &corev1.Probe{PeriodSeconds: 1}
				c.LivenessProbe.Exec = &corev1.ExecAction{Command: []string{"true"}}
			}
		}
		l.Items = append(l.Items, *p)
	}
	return text(b, l)
}

func text(b *testing.B, object any) string {
	b.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		b.Fatal(err)
	}
	return string(data)
}
