package probe

import (
	"context"
	"errors"
	"net"
	"time"

	v1 "k8s.io/api/core/v1"
)

// Kind says what a probe is for.
type Kind string

// The kinds, spelled as in events.
const (
	Startup   Kind = "Startup"
	Liveness  Kind = "Liveness"
	Readiness Kind = "Readiness"
)

// Of returns the probe of this kind, or nil.
func (k Kind) Of(c *v1.Container) *v1.Probe {
	switch k {
	case Startup:
		return c.StartupProbe
	case Liveness:
		return c.LivenessProbe
	case Readiness:
		return c.ReadinessProbe
	}
	return nil
}

// Result is what one run of a probe came to.
type Result string

// The results, spelled as in events. Warning counts as success.
const (
	Success Result = "success"
	Warning Result = "warning"
	Failure Result = "failure"
	Unknown Result = "unknown"
)

// Dialer connects to the pod, as net.Dialer does and with its errors.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Execer runs a command in the container with the container's environment,
// user and directory, and returns what it wrote and its exit code. When ctx
// ends it gives the command up and returns ctx's error, with what was written.
// Any other error means that there is no exit code.
type Execer interface {
	Exec(ctx context.Context, argv []string) (output Output, exitCode int, err error)
}

// Output is what a command wrote: everything, and to its standard error alone.
type Output struct{ All, Stderr []byte }

// Target is the container to be probed.
type Target struct {
	Container *v1.Container
	// Pod is the pod as messages name it: NAME_NAMESPACE(UID).
	Pod string
	// PodIP is where handlers without a host connect to.
	PodIP  string
	Dialer Dialer
	// NodeDialer connects for handlers that name a host: the kubelet does so
	// from the node, so 127.0.0.1 there is not the pod's. Nil is this
	// machine's own network.
	NodeDialer Dialer
	Execer     Execer
}

// dialer is who connects for a handler with this host.
func (t Target) dialer(host string) Dialer {
	switch {
	case host == "":
		return t.Dialer
	case t.NodeDialer == nil:
		return &net.Dialer{}
	}
	return t.NodeDialer
}

func (t Target) host(host string) string {
	if host == "" {
		return t.PodIP
	}
	return host
}

// Outcome is one finished run of a probe. With Err set the run could not be
// made; it says nothing about the container and changes no state.
type Outcome struct {
	Result Result
	Output string
	Err    error
}

// Reasons of the events.
const (
	ReasonUnhealthy    = "Unhealthy"
	ReasonProbeWarning = "ProbeWarning"
)

// Event is the warning event an outcome gives, if any.
func (o Outcome) Event(k Kind) (reason, message string, ok bool) {
	switch {
	case o.Err != nil:
		return ReasonUnhealthy, string(k) + " probe errored and resulted in " + string(o.Result) + " state: " + o.Err.Error(), true
	case o.Result == Warning:
		return ReasonProbeWarning, string(k) + " probe warning: " + o.Output, true
	case o.Result == Failure:
		return ReasonUnhealthy, string(k) + " probe failed: " + o.Output, true
	}
	return "", "", false
}

// tries is how often a run that errs is made.
const tries = 3

// Check runs a probe once, and again at once while it errs, at most three
// times. It blocks at most three times the probe's timeout.
func Check(ctx context.Context, p *v1.Probe, t Target) Outcome {
	var o Outcome
	for range tries {
		o = check(ctx, p, t)
		if o.Err == nil || ctx.Err() != nil {
			break
		}
	}
	return o
}

func check(ctx context.Context, p *v1.Probe, t Target) Outcome {
	timeout := time.Duration(p.TimeoutSeconds) * time.Second
	if timeout <= 0 {
		timeout = time.Second // the API's default
	}
	switch {
	case p.Exec != nil:
		return checkExec(ctx, expandCommand(p.Exec.Command, t.Container.Env), t.Execer, timeout)
	case p.HTTPGet != nil:
		return checkHTTP(ctx, p.HTTPGet, t, timeout)
	case p.TCPSocket != nil:
		return checkTCP(ctx, p.TCPSocket, t, timeout)
	case p.GRPC != nil:
		return checkGRPC(ctx, p.GRPC, t, timeout)
	}
	return errored(errors.New("missing probe handler"))
}

func succeeded(output string) Outcome { return Outcome{Result: Success, Output: output} }
func failed(output string) Outcome    { return Outcome{Result: Failure, Output: output} }
func errored(err error) Outcome       { return Outcome{Result: Unknown, Err: err} }
