package podtest

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/simulator"
)

// Pod is a pod that runs for a test. Its methods fail the test when they
// cannot do what they say; like t.Fatal they belong into the test's goroutine.
type Pod struct {
	t    testing.TB
	o    Options
	sim  *simulator.Simulator
	name string
	uid  types.UID
}

// Simulator gives everything that podsim can do with the pod.
func (p *Pod) Simulator() *simulator.Simulator { return p.sim }

// Name and Namespace name the pod.
func (p *Pod) Name() string      { return p.name }
func (p *Pod) Namespace() string { return p.sim.Namespace() }

// Get reads the pod with its status.
func (p *Pod) Get() *v1.Pod {
	p.t.Helper()
	pod, err := p.sim.Pod(context.Background(), "", p.name)
	if err != nil {
		p.t.Fatalf("podtest: %v", err)
	}
	return pod
}

// Status reads the pod's status.
func (p *Pod) Status() v1.PodStatus {
	p.t.Helper()
	return p.Get().Status
}

// WaitReady waits until all containers are ready. A pod that ends instead
// fails the test at once.
func (p *Pod) WaitReady() *v1.Pod {
	p.t.Helper()
	return p.WaitUntil("is ready", simulator.Ready)
}

// WaitDone waits until the pod has ended, well or not.
func (p *Pod) WaitDone() *v1.Pod {
	p.t.Helper()
	return p.WaitUntil("has ended", simulator.Ended)
}

// WaitUntil waits until the pod is as is says; what completes the sentence "the
// pod ...". A pod that ends without being so fails the test at once.
func (p *Pod) WaitUntil(what string, is func(*v1.Pod) bool) *v1.Pod {
	p.t.Helper()
	ctx, cancel := p.timeout()
	defer cancel()
	began := time.Now()
	events, err := p.sim.Watch(ctx, simulator.Pods, simulator.ListOptions{Name: p.name})
	if err != nil {
		p.t.Fatalf("podtest: %v", err)
	}
	for e := range events {
		pod := e.Object.(*v1.Pod)
		switch {
		case e.Op == simulator.Deleted:
			p.t.Fatalf("podtest: the pod was deleted before it %s", what)
		case is(pod):
			return pod
		case simulator.Ended(pod):
			p.t.Fatalf("podtest: the pod ended (%s) and never %s", pod.Status.Phase, what)
		}
	}
	p.t.Fatalf("podtest: waited %v, but never the pod %s", time.Since(began).Round(time.Second), what)
	return nil
}

// Dial connects to a TCP port on the pod's localhost; nothing needs to be
// published. The connection is closed at the end of the test.
func (p *Pod) Dial(port uint16) net.Conn {
	p.t.Helper()
	ctx, cancel := p.timeout()
	defer cancel()
	c, err := p.sim.Dial(ctx, "", p.name, port)
	if err != nil {
		p.t.Fatalf("podtest: %v", err)
	}
	p.t.Cleanup(func() { _ = c.Close() })
	return c
}

// DialContext connects to the port of an address inside the pod, whatever its
// host is called: it fits into clients that take a dialer.
func (p *Pod) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, err
	}
	return p.sim.Dial(ctx, "", p.name, uint16(port))
}

// Client is an HTTP client inside the pod: http://pod:8080/ is port 8080 of
// the pod's localhost. It ends with the test.
func (p *Pod) Client() *http.Client {
	transport := &http.Transport{DialContext: p.DialContext}
	p.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: p.o.Timeout}
}

// Result is what a command did.
type Result struct {
	Stdout, Stderr string
	ExitCode       int
}

// Exec runs a command in a container ("": the pod's default one).
func (p *Pod) Exec(container string, command ...string) Result {
	p.t.Helper()
	ctx, cancel := p.timeout()
	defer cancel()
	var out, errOut bytes.Buffer
	code, err := p.sim.Exec(ctx, "", p.name, simulator.ExecOptions{
		Container: container, Command: command, Stdout: &out, Stderr: &errOut,
	})
	if err != nil {
		p.t.Fatalf("podtest: exec %q: %v", command, err)
	}
	return Result{Stdout: out.String(), Stderr: errOut.String(), ExitCode: code}
}

// Logs reads what a container ("": the pod's default one) has written so far.
func (p *Pod) Logs(container string) string {
	p.t.Helper()
	text, err := p.logs(container, false)
	if err != nil {
		p.t.Fatalf("podtest: %v", err)
	}
	return text
}

func (p *Pod) logs(container string, previous bool) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), p.o.Timeout)
	defer cancel()
	var out bytes.Buffer
	err := p.sim.Logs(ctx, "", p.name, simulator.LogOptions{Container: container, Previous: previous}, &out)
	return out.String(), err
}

// Events reads the events about the pod, the oldest first.
func (p *Pod) Events() []v1.Event {
	p.t.Helper()
	events, err := p.sim.Events(context.Background(), simulator.EventOptions{
		For: &simulator.Ref{Kind: simulator.Pods, Name: p.name},
	})
	if err != nil {
		p.t.Fatalf("podtest: %v", err)
	}
	return events
}

// Delete removes the pod before the test ends; again is fine.
func (p *Pod) Delete() {
	p.t.Helper()
	o := simulator.DeleteOptions{Wait: true, UID: p.uid}
	switch grace := int64(p.o.Grace / time.Second); {
	case p.o.Grace >= 0:
		grace = max(grace, 1)
		o.Grace = &grace
	}
	p.remove(simulator.Ref{Kind: simulator.Pods, Name: p.name}, o)
}

func isNotFound(err error) bool { return apierrors.IsNotFound(err) }
