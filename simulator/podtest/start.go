package podtest

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/docker"
	"github.com/podsim/podsim/simulator"
)

// Options of Start; the zero value is good for most tests.
type Options struct {
	// Engine is where the pod runs; nil is the docker command's. The caller
	// closes it after the test.
	Engine runtime.Engine
	// Home is the state directory, as simulator.Options.
	Home string
	// Objects are created before the pod: ConfigMaps, Secrets, claims.
	Objects []simulator.Object
	// Images runs other images than the manifest names, by container name.
	Images map[string]string
	// PullPolicy overrides every container's.
	PullPolicy v1.PullPolicy
	// BackoffScale multiplies restart back-offs; 0 is 1.
	BackoffScale float64
	// Timeout bounds every waiting; 0 is two minutes. A test that go test
	// -timeout would end sooner fails a little before that, so that there is
	// time to report and to clean up.
	Timeout time.Duration
	// Grace is how long the pod may take to stop at the end of the test; 0 is
	// one second, negative is the pod's own.
	Grace time.Duration
	// Verbose prints status, events and logs though the test passed.
	Verbose bool
}

const (
	defaultTimeout = 2 * time.Minute
	// beforeTheEnd is left for report and removal before go test -timeout.
	beforeTheEnd = 10 * time.Second
)

// Start runs the pod of a manifest and returns at once; the test fails when it
// cannot be created. The manifest may also hold the ConfigMaps, Secrets and
// claims that the pod needs. Without an engine the test is skipped, and fails
// where $CI is set.
func Start(t testing.TB, manifest string, o Options) *Pod {
	t.Helper()
	decoded, err := simulator.Decode([]byte(manifest), simulator.DecodeOptions{})
	if err != nil {
		t.Fatalf("podtest: %v", err)
	}
	for _, w := range decoded.Warnings {
		t.Logf("podtest: warning: %v", w)
	}
	var pod *v1.Pod
	for _, object := range decoded.Objects {
		p, ok := object.(*v1.Pod)
		switch {
		case !ok:
			o.Objects = append(o.Objects[:len(o.Objects):len(o.Objects)], object)
		case pod != nil:
			t.Fatalf("podtest: the manifest holds more than one pod: %s, %s", pod.Name, p.Name)
		default:
			pod = p
		}
	}
	if pod == nil {
		t.Fatal("podtest: the manifest holds no pod")
	}
	return StartPod(t, pod, o)
}

// StartFile is Start for a manifest in a file.
func StartFile(t testing.TB, file string, o Options) *Pod {
	t.Helper()
	manifest, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("podtest: %v", err)
	}
	return Start(t, string(manifest), o)
}

// StartPod is Start for a pod made in Go.
func StartPod(t testing.TB, pod *v1.Pod, o Options) *Pod {
	t.Helper()
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	p := &Pod{t: t, o: o}
	ctx, cancel := p.timeout()
	defer cancel()
	p.sim = p.connect(ctx)
	p.sweep(ctx)
	for _, object := range o.Objects {
		p.create(ctx, object, simulator.PodOptions{})
	}
	pod = p.create(ctx, pod, simulator.PodOptions{
		Images: o.Images, PullPolicy: o.PullPolicy, BackoffScale: o.BackoffScale,
		Foreground: os.Getpid(), Temporary: true,
	}).(*v1.Pod)
	p.name, p.uid = pod.Name, pod.UID
	p.own()
	return p
}

// connect opens the state of the test's engine, in a namespace of its own.
func (p *Pod) connect(ctx context.Context) *simulator.Simulator {
	p.t.Helper()
	engine := p.o.Engine
	if engine == nil {
		connected, err := docker.Connect(ctx, docker.Options{})
		switch {
		case err != nil && os.Getenv("CI") == "" && errors.Is(err, runtime.ErrUnavailable):
			p.t.Skipf("podtest: no engine, so no pod ($CI makes this a failure): %v", err)
		case err != nil:
			p.t.Fatalf("podtest: %v", err)
		}
		p.t.Cleanup(func() { _ = connected.Close() })
		engine = connected
	}
	sim, err := simulator.New(ctx, simulator.Options{
		Engine: engine, Home: p.o.Home, Namespace: "test-" + rand.String(10),
	})
	if err != nil {
		p.t.Fatalf("podtest: %v", err)
	}
	return sim
}

// timeout bounds what the test waits for: by its options, and by go test
// -timeout.
func (p *Pod) timeout() (context.Context, context.CancelFunc) {
	d := p.o.Timeout
	if t, ok := p.t.(interface{ Deadline() (time.Time, bool) }); ok {
		if end, set := t.Deadline(); set {
			d = min(d, max(time.Until(end)-beforeTheEnd, time.Second))
		}
	}
	return context.WithTimeout(context.Background(), d)
}

// create puts an object into the test's namespace, whichever it names, and
// plans its removal.
func (p *Pod) create(ctx context.Context, o simulator.Object, opts simulator.PodOptions) simulator.Object {
	p.t.Helper()
	o = o.DeepCopyObject().(simulator.Object)
	kind := simulator.KindOf(o)
	if kind.Namespaced() {
		o.SetNamespace(p.sim.Namespace())
	}
	made, err := p.sim.Create(ctx, o, simulator.CreateOptions{Pod: opts})
	if err != nil {
		p.t.Fatalf("podtest: create %s %q: %v", kind, o.GetName(), err)
	}
	if kind != simulator.Pods {
		p.t.Cleanup(func() { p.remove(simulator.RefOf(made), simulator.DeleteOptions{Wait: true}) })
	}
	return made
}

// own runs the node of this one pod until the pod was removed.
func (p *Pod) own() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.sim.RunNode(ctx, simulator.NodeOptions{Only: []types.UID{p.uid}}) }()
	p.t.Cleanup(func() {
		p.t.Helper()
		if p.t.Failed() || p.o.Verbose {
			p.report()
		}
		p.Delete()
		cancel()
		if err := <-ended; err != nil {
			p.t.Errorf("podtest: run the pod: %v", err)
		}
	})
}

// remove deletes an object at the end of a test; gone is fine.
func (p *Pod) remove(ref simulator.Ref, o simulator.DeleteOptions) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), p.o.Timeout)
	defer cancel()
	if err := p.sim.Delete(ctx, ref, o); err != nil && !isNotFound(err) {
		p.t.Errorf("podtest: delete %s %q: %v", strings.ToLower(string(ref.Kind)), ref.Name, err)
	}
}

// sweep removes the pods of tests whose process was killed.
func (p *Pod) sweep(ctx context.Context) {
	if err := p.sim.DiscardTemporary(ctx); err != nil {
		p.t.Logf("podtest: remove what another test left: %v", err)
	}
}
