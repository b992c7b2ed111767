package docker_test

import (
	"io"
	"os/exec"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/images"
	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/docker"
)

// BenchmarkLogs reads a log of short lines and says how long that takes
// compared with "docker logs" in the same run.
func BenchmarkLogs(b *testing.B) {
	e, err := docker.Connect(b.Context(), docker.Options{})
	if err != nil {
		b.Skip(err)
	}
	defer e.Close()
	if err := images.EnsureSome(b.Context(), e, images.Busybox); err != nil {
		b.Fatal(err)
	}
	const size = 50 << 20
	id, err := e.CreateContainer(b.Context(), runtime.ContainerSpec{
		Meta:       runtime.Meta{Home: "benchmark", Kind: runtime.KindHelper},
		Image:      images.Busybox,
		Entrypoint: []string{"sh", "-c", "yes 'a line of a log that is neither long nor short, about 80 bytes in all.....' | head -c 52428800"},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer e.RemoveContainer(b.Context(), id)
	if err := e.StartContainer(b.Context(), id); err != nil {
		b.Fatal(err)
	}
	if err := e.Logs(b.Context(), id, runtime.LogOptions{Follow: true, Tail: -1}, io.Discard, io.Discard); err != nil {
		b.Fatal(err)
	}
	var ours, theirs time.Duration
	b.SetBytes(size)
	for b.Loop() {
		begun := time.Now()
		if err := e.Logs(b.Context(), id, runtime.LogOptions{Tail: -1}, io.Discard, io.Discard); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(begun)
		b.StopTimer()
		begun = time.Now()
		if err := exec.Command("docker", "logs", string(id)).Run(); err != nil {
			b.Skip(err)
		}
		theirs += time.Since(begun)
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(theirs), "of-docker-logs")
}
