package bench

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/podsim/podsim/e2e/harness"
)

// streamed is how much the streams carry.
const streamed = 64 << 20

// BenchmarkLogs reads a long log with podsim and with the engine's own command.
func BenchmarkLogs(b *testing.B) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		b.Skip(err)
	}
	h := harness.New(b)
	p := pod("talks")
	p.Spec.RestartPolicy = corev1.RestartPolicyNever
	p.Spec.Containers = p.Spec.Containers[:1]
	p.Spec.Containers[0].Command = []string{"sh", "-c", fmt.Sprintf("yes %s | head -c %d", strings.Repeat("x", 95), streamed)}
	must(b, h, "apply", "-f", h.Write("talks.json", text(b, p)))
	must(b, h, "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/talks", "--timeout", patience.String())
	id := strings.TrimPrefix(must(b, h, "get", "pod", "talks", "-o", "jsonpath={.status.containerStatuses[0].containerID}").Stdout, "docker://")
	var engine, ours []time.Duration
	for b.Loop() {
		engine = append(engine, timeOutput(b, exec.Command(docker, "logs", id)))
		command := exec.Command(h.Bin, "logs", "talks")
		command.Env = append(os.Environ(), "PODSIM_HOME="+h.Dir)
		ours = append(ours, timeOutput(b, command))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(streamed/1e6/median(ours).Seconds(), "MB/s")
	b.ReportMetric(float64(median(ours))/float64(median(engine)), "podsim/docker")
	must(b, h, "delete", "pod", "talks")
}

// timeOutput reads all that a command prints.
func timeOutput(b *testing.B, command *exec.Cmd) time.Duration {
	b.Helper()
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	begin := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	n, err := io.Copy(io.Discard, out)
	if err != nil || n != streamed {
		b.Fatalf("%s: %d bytes, %v", command, n, err)
	}
	if err := command.Wait(); err != nil {
		b.Fatalf("%s: %v", command, err)
	}
	return time.Since(begin)
}

// BenchmarkPortForward fetches a large file and many small ones through a
// forwarded port and, where this machine reaches the pod's network, directly.
func BenchmarkPortForward(b *testing.B) {
	h := harness.New(b)
	p := pod("serves")
	p.Spec.Containers = p.Spec.Containers[:1]
	c := &p.Spec.Containers[0]
	c.Command = []string{"sh", "-c", fmt.Sprintf(
		"mkdir /www; truncate -s %d /www/large; echo hi > /www/small; exec httpd -f -p 8080 -h /www", streamed)}
	c.ReadinessProbe = &corev1.Probe{PeriodSeconds: 1}
	c.ReadinessProbe.TCPSocket = &corev1.TCPSocketAction{Port: intstr.FromInt32(8080)}
	must(b, h, "apply", "-f", h.Write("serves.json", text(b, p)))
	must(b, h, "wait", "--for=condition=Ready", "pod/serves")
	ip := must(b, h, "get", "pod", "serves", "-o", "jsonpath={.status.podIP}").Stdout
	forward := h.Start("port-forward", "pod/serves", ":8080")
	var port uint16
	harness.WaitFor(b, "the forwarded port", time.Minute, func() bool {
		n, _ := fmt.Sscanf(forward.Stdout(), "Forwarding from 127.0.0.1:%d ->", &port)
		return n == 1
	})
	b.Run("forwarded", func(b *testing.B) { fetchFrom(b, fmt.Sprintf("127.0.0.1:%d", port)) })
	b.Run("direct", func(b *testing.B) {
		address := netip.AddrPortFrom(netip.MustParseAddr(ip), 8080).String()
		conn, err := net.DialTimeout("tcp", address, 2*time.Second)
		if err != nil {
			b.Skip(err)
		}
		conn.Close()
		fetchFrom(b, address)
	})
	must(b, h, "delete", "pod", "serves")
}

func fetchFrom(b *testing.B, address string) {
	var large, small []time.Duration
	for b.Loop() {
		large = append(large, fetch(b, address, "large", streamed))
		for range 50 {
			small = append(small, fetch(b, address, "small", 1))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(streamed/1e6/median(large).Seconds(), "MB/s")
	b.ReportMetric(float64(median(small).Microseconds())/1000, "small-ms")
}

func fetch(b *testing.B, address, name string, least int64) time.Duration {
	b.Helper()
	begin := time.Now()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /%s HTTP/1.0\r\n\r\n", name)
	if n, err := io.Copy(io.Discard, conn); err != nil || n < least {
		b.Fatalf("fetch %s: %d bytes, %v", name, n, err)
	}
	return time.Since(begin)
}
