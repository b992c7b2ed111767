package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/e2e/harness"
	"github.com/podsim/podsim/simulator"
)

// BenchmarkRestart measures from the moment that the engine tells of the end
// of a container to the start of its replacement, by the engine's own times,
// against the engine's create and start of one more container in the same
// network.
func BenchmarkRestart(b *testing.B) {
	h := harness.New(b)
	sim := open(b, h)
	var engine, restart []time.Duration
	for i := 0; b.Loop(); i++ {
		engine = append(engine, startOneMore(b, h))
		restart = append(restart, restartOnce(b, h, sim, fmt.Sprintf("restart-%d", i)))
	}
	base := median(engine)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(base.Milliseconds()), "engine-ms")
	b.ReportMetric(float64(median(restart).Milliseconds()), "restart-ms")
	b.ReportMetric(float64(median(restart))/float64(base), "restart/engine")
}

// startOneMore times create and start of a container that joins a sandbox.
func startOneMore(b *testing.B, h *harness.Home) time.Duration {
	b.Helper()
	pod := &bare{engine: h.Engine, image: image}
	if err := pod.start(b.Context(), 0); err != nil {
		b.Fatal(err)
	}
	join := "container:" + pod.ids[0]
	begin := time.Now()
	id, err := pod.container(b.Context(), map[string]any{"NetworkMode": join, "IpcMode": join})
	if err != nil {
		b.Fatal(err)
	}
	last, err := lastStart(b.Context(), h.Engine, []string{id})
	if err != nil {
		b.Fatal(err)
	}
	if err := pod.remove(b.Context()); err != nil {
		b.Fatal(err)
	}
	return last.Sub(begin)
}

func restartOnce(b *testing.B, h *harness.Home, sim *simulator.Simulator, name string) time.Duration {
	b.Helper()
	p := pod(name)
	p.Spec.Containers = p.Spec.Containers[:1]
	p.Spec.Containers[0].Command = []string{"sh", "-c", "sleep 2"}
	create(b, sim, p)
	var took time.Duration
	harness.WaitFor(b, "the first restart", time.Minute, func() bool {
		time.Sleep(100 * time.Millisecond) // looking costs what is measured
		o, err := sim.Get(b.Context(), refOf(name))
		if err != nil {
			return false
		}
		s := o.(*corev1.Pod).Status.ContainerStatuses
		if len(s) == 0 || s[0].RestartCount != 1 || s[0].State.Running == nil || s[0].LastTerminationState.Terminated == nil {
			return false
		}
		dead := strings.TrimPrefix(s[0].LastTerminationState.Terminated.ContainerID, "docker://")
		now := strings.TrimPrefix(s[0].ContainerID, "docker://")
		end, err1 := toldEnd(b.Context(), h.Engine, dead)
		begin, err2 := lastStart(b.Context(), h.Engine, []string{now})
		took = begin.Sub(end)
		return err1 == nil && err2 == nil
	})
	remove(b, h, sim, name)
	return took
}

// BenchmarkPayload measures what 5 ConfigMaps of 100 keys and 3 Secrets add to
// the start of a pod.
func BenchmarkPayload(b *testing.B) {
	h := harness.New(b)
	sim := open(b, h)
	makeObjects(b, sim)
	var plain, loaded []time.Duration
	for i := 0; b.Loop(); i++ {
		plain = append(plain, timeStart(b, h, sim, pod(fmt.Sprintf("plain-%d", i))))
		loaded = append(loaded, timeStart(b, h, sim, withPayload(pod(fmt.Sprintf("loaded-%d", i)))))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(median(plain).Milliseconds()), "plain-ms")
	b.ReportMetric(float64(median(loaded).Milliseconds()), "loaded-ms")
	b.ReportMetric(float64((median(loaded) - median(plain)).Milliseconds()), "added-ms")
}

const (
	configMaps = 5
	secrets    = 3
)

func makeObjects(b *testing.B, sim *simulator.Simulator) {
	b.Helper()
	for i := range configMaps {
		cm := &corev1.ConfigMap{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("cm-%d", i)}, Data: map[string]string{},
		}
		for k := range 100 {
			cm.Data[fmt.Sprintf("key-%d", k)] = strings.Repeat("x", 200)
		}
		create(b, sim, cm)
	}
	for i := range secrets {
		create(b, sim, &corev1.Secret{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("sec-%d", i)}, Data: map[string][]byte{"a": []byte("1"), "b": []byte("2")},
		})
	}
}

func withPayload(p *corev1.Pod) *corev1.Pod {
	add := func(name string, v corev1.VolumeSource) {
		p.Spec.Volumes = append(p.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: v})
		c := &p.Spec.Containers[0]
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: "/" + name})
	}
	for i := range configMaps {
		name := fmt.Sprintf("cm-%d", i)
		add(name, corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}})
	}
	for i := range secrets {
		name := fmt.Sprintf("sec-%d", i)
		add(name, corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name, DefaultMode: ptr.To[int32](0o400)}})
	}
	return p
}

func timeStart(b *testing.B, h *harness.Home, sim *simulator.Simulator, p *corev1.Pod) time.Duration {
	b.Helper()
	begin := time.Now()
	create(b, sim, p)
	took := untilStarted(b, h, p.Name).Sub(begin)
	remove(b, h, sim, p.Name)
	return took
}

func create(b *testing.B, sim *simulator.Simulator, o simulator.Object) {
	b.Helper()
	if _, err := sim.Create(b.Context(), o, simulator.CreateOptions{}); err != nil {
		b.Fatal(err)
	}
}

func refOf(name string) simulator.Ref {
	return simulator.Ref{Kind: simulator.KindOf(pod(name)), Name: name}
}

// remove deletes the only pod there is.
func remove(b *testing.B, h *harness.Home, sim *simulator.Simulator, name string) {
	b.Helper()
	if err := sim.Delete(b.Context(), refOf(name), simulator.DeleteOptions{}); err != nil {
		b.Fatal(err)
	}
	h.NothingLeft() // else its sandbox goes while the next start is measured
}
