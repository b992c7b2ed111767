package simulator

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
)

// echoServer answers each line on this machine's loopback, where the tunnel of
// these tests leads.
func echoServer(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

func TestPortForwardCarriesConnectionsUntilThePodEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.node()
	w.make(servePod)
	w.wait("web", "condition=Ready")
	port := echoServer(t)
	ready := make(chan []ForwardedPort, 1)
	ended := make(chan error, 1)
	var out lockedBuffer
	go func() {
		ended <- w.PortForward(context.Background(), "", "web", PortForwardOptions{
			Addresses: []string{"127.0.0.1"}, Ports: []string{":" + itoa(port), ":1"}, Out: &out, ErrOut: &out,
			Ready: func(p []ForwardedPort) { ready <- p },
		})
	}()
	ports := <-ready
	for range 3 {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", itoa(ports[0].Local)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, "ping\n"); err != nil {
			t.Fatal(err)
		}
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(c)
		if string(answer) != "ping\n" || err != nil {
			t.Errorf("answer %q %v", answer, err)
		}
		_ = c.Close()
	}
	refused, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", itoa(ports[1].Local)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(refused).ReadByte(); err == nil {
		t.Error("a port that nobody listens on answered")
	}
	if err := w.Delete(t.Context(), Ref{Kind: Pods, Name: "web"}, DeleteOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || err.Error() != "lost connection to pod" {
		t.Errorf("ended with %v", err)
	}
	for _, line := range []string{"Forwarding from 127.0.0.1:" + itoa(ports[0].Local) + " -> " + itoa(port), "Handling connection for " + itoa(ports[0].Local), "an error occurred forwarding " + itoa(ports[1].Local) + " -> 1"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is not in %s", line, out.String())
		}
	}
}

func itoa(n uint16) string { return strconv.Itoa(int(n)) }

func TestPortForwardNeedsARunningPod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(servePod)
	err := w.PortForward(t.Context(), "", "web", PortForwardOptions{Ports: []string{"80"}})
	if err == nil || err.Error() != "unable to forward port because pod is not running. Current status=Pending" {
		t.Errorf("got %v", err)
	}
}

func TestCommandsOnContainersThatDoNotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(servePod)
	notRunning := `Internal error occurred: unable to upgrade connection: container not found ("a")`
	if _, err := w.Exec(t.Context(), "", "web", ExecOptions{Command: []string{"true"}}); err == nil || err.Error() != notRunning {
		t.Errorf("exec: %v", err)
	}
	if err := w.Attach(t.Context(), "", "web", ExecOptions{}); err == nil || err.Error() != notRunning {
		t.Errorf("attach: %v", err)
	}
	want := `container "a" in pod "web" is waiting to start: ContainerCreating`
	if err := w.Logs(t.Context(), "", "web", LogOptions{}, io.Discard); !apierrors.IsBadRequest(err) || err.Error() != want {
		t.Errorf("logs: %v", err)
	}
	if _, err := w.Exec(t.Context(), "", "x", ExecOptions{Command: []string{"true"}}); !apierrors.IsNotFound(err) {
		t.Errorf("exec in no pod: %v", err)
	}
}

func TestDebugAddsAContainerThatRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.node()
	w.make(servePod)
	w.wait("web", "condition=Ready")
	name, err := w.Debug(t.Context(), "", "web", DebugOptions{Image: "app:1", PullPolicy: v1.PullIfNotPresent, Target: "a", Command: []string{"sh", "-c", "echo debugging; sleep 100"}})
	if err != nil || !strings.HasPrefix(name, "debugger-") {
		t.Fatalf("%q %v", name, err)
	}
	w.wait("web", "jsonpath={.status.ephemeralContainerStatuses[0].state.running.startedAt}")
	if _, err := w.Debug(t.Context(), "", "web", DebugOptions{Name: name, Image: "app:1"}); !apierrors.IsInvalid(err) {
		t.Errorf("the same name again: %v", err)
	}
	if _, err := w.Debug(t.Context(), "", "web", DebugOptions{Image: "app:1", Target: "zzz"}); !apierrors.IsInvalid(err) {
		t.Errorf("a target that is not there: %v", err)
	}
}

func TestClaimInUseIsKeptAndItsDataGoesWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(`{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}`)
	w.make(`{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: "app:1"}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}}`)
	volume := config.ClaimVolumeName(w.store.Home(), "default", "data")
	if _, err := w.engine.CreateVolume(t.Context(), runtime.VolumeSpec{Name: volume, Meta: runtime.Meta{Home: w.store.Home(), Kind: runtime.KindClaim}}); err != nil {
		t.Fatal(err)
	}
	ref := Ref{Kind: Claims, Name: "data"}
	if err := w.Delete(t.Context(), ref, DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	claim, err := w.Get(t.Context(), ref)
	if err != nil || claim.GetDeletionTimestamp() == nil || *claim.GetDeletionGracePeriodSeconds() != 0 {
		t.Errorf("in use: %+v, %v", claim, err)
	}
	w.make(`{apiVersion: v1, kind: Pod, metadata: {name: late}, spec: {containers: [{name: c, image: "app:1"}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}}`)
	if late, err := w.Pod(t.Context(), "", "late"); err != nil || late.Spec.NodeName != "" {
		t.Errorf("a pod that came too late for the claim is on a node: %v, %v", late, err)
	}
	if _, err := w.engine.Volume(t.Context(), volume); err != nil {
		t.Errorf("the data went while it was used: %v", err)
	}
	waits, asked := make(chan error), make(chan bool)
	go func() { waits <- w.Delete(t.Context(), ref, DeleteOptions{Wait: true, Asked: func() { close(asked) }}) }()
	<-asked
	if err := w.Delete(t.Context(), Ref{Kind: Pods, Name: "p"}, DeleteOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	if err := <-waits; err != nil {
		t.Error(err)
	}
	if _, err := w.engine.Volume(t.Context(), volume); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("the data is still there: %v", err)
	}
}

func TestLeftoversAreOnlyWhatNoPodOwns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.node()
	w.make(servePod)
	w.wait("web", "condition=Ready")
	lost := runtime.Meta{Home: w.store.Home(), Pod: runtime.PodRef{UID: "gone", Namespace: "default", Name: "old"}, Kind: runtime.KindVolume}
	foreign, claim := lost, lost
	foreign.Home, claim.Kind = "other", runtime.KindClaim
	for name, meta := range map[string]runtime.Meta{"lost": lost, "foreign": foreign, "claim": claim} {
		if _, err := w.engine.CreateVolume(t.Context(), runtime.VolumeSpec{Name: name, Meta: meta}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{1, 0} {
		left, err := w.Leftovers(t.Context())
		if err != nil || len(left) != want {
			t.Errorf("left %v %v, want %d", left, err, want)
		}
		if _, err := w.RemoveLeftovers(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if p, err := w.Pod(t.Context(), "", "web"); err != nil || p.Status.Phase != v1.PodRunning {
		t.Errorf("the running pod: %v %v", p, err)
	}
}

// nothingOn waits until the engine has nothing of any pod.
func (w *world) nothingOn() {
	w.t.Helper()
	for range 200 {
		containers, err := w.engine.ListContainers(w.t.Context(), runtime.Filter{})
		volumes, volErr := w.engine.ListVolumes(w.t.Context(), runtime.Filter{})
		if err != nil || volErr != nil {
			w.t.Fatal(err, volErr)
		}
		if len(containers)+len(volumes) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.t.Error("something is left on the engine")
}

func TestPodTakenOutOfTheStoreIsTakenDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.node()
	w.make(servePod)
	w.wait("web", "condition=Ready")
	if err := w.store.RemovePod("default", "web", ""); err != nil {
		t.Fatal(err)
	}
	w.nothingOn()
}

func TestDamagedPodIsDeletedWithOwnerAndWithout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.node()
	damage := func() {
		w.make(servePod)
		w.wait("web", "condition=Ready")
		file := filepath.Join(w.Dir(), "namespaces", "default", "pods", "web", "pod.json")
		if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	remove := func() {
		told := false
		err := w.Delete(t.Context(), Ref{Kind: Pods, Name: "web"}, DeleteOptions{Wait: true, Asked: func() { told = true }})
		if err != nil || !told {
			t.Errorf("delete: %v, told %v", err, told)
		}
		w.nothingOn()
	}
	damage()
	remove()
	damage()
	stop()
	remove()
}

func TestTopMeasuresRunningContainers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.node()
	w.make(servePod)
	w.wait("web", "condition=Ready")
	if _, err := w.Create(t.Context(), &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "waiting"},
		Spec:       v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "none:1", ImagePullPolicy: v1.PullNever}}},
	}, CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	top, err := w.Top(t.Context(), ListOptions{})
	if err != nil || len(top) != 1 || len(top[0].Containers) != 2 || top[0].Containers[0].Name != "a" {
		t.Errorf("got %+v %v", top, err)
	}
}

func TestDeletedPodIsWaitedForByEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(servePod)
	w.node()
	w.wait("web", "condition=Ready")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			err := w.Delete(t.Context(), Ref{Kind: Pods, Name: "web"}, DeleteOptions{Wait: true, Grace: new(int64)})
			if err != nil && !apierrors.IsNotFound(err) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := w.Pod(short, "", "web"); !apierrors.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
}

// lockedBuffer is a buffer for several writers.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
