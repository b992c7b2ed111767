package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/probe"
	"github.com/podsim/podsim/simulator/internal/status"
)

// probes are the probes of a container's newest instance.
type probes struct {
	id          runtime.ContainerID // of the instance they run for
	runners     map[probe.Kind]*probe.Runner
	results     lifecycle.Probes
	terminating bool
}

var probeKinds = [...]probe.Kind{probe.Startup, probe.Liveness, probe.Readiness}

// syncProbes runs the probes of the instances that run, and no others. They
// begin when the status tells of the instance (pkg/kubelet/prober/worker.go:
// doProbe).
func (w *worker) syncProbes() {
	for _, c := range w.containers {
		i := c.newest()
		running := i != nil && i.State == lifecycle.Running && c.busy != lifecycle.BusyStart
		switch {
		case !running || c.probes.id != i.id:
			w.stopProbes(c)
			if running && !status.Untold(w.snapshot(), c.name) {
				w.startProbes(c, i)
			}
		case w.pod.Object.DeletionTimestamp != nil && !c.probes.terminating:
			c.probes.terminating = true
			for _, r := range c.probes.runners {
				r.MarkTerminating()
			}
		}
	}
}

// startProbes begins the probes of an instance. One that an earlier owner
// probed goes on from what was published.
func (w *worker) startProbes(c *container, i *instance) {
	id := i.id
	c.probes = probes{id: id, runners: map[probe.Kind]*probe.Runner{}, results: w.resumed(c, i)}
	started := c.spec.StartupProbe == nil || c.probes.results.Startup == lifecycle.ProbeSuccess
	target := w.target(c, id)
	target.Execer = execer{w.n.Engine, id, w.killer(id)}
	for _, k := range probeKinds {
		p := k.Of(c.spec)
		if p == nil || (k == probe.Startup && started) {
			continue
		}
		c.probes.runners[k] = probe.Start(w.ctx, probe.Options{
			Kind: k, Probe: p, Target: target, Since: w.sandbox.createdAt, StartedAt: i.StartedAt, Started: started,
			Resume: probe.State(c.probes.result(k)),
			Report: func(ctx context.Context, r probe.Report) {
				_, _, tells := r.Outcome.Event(r.Kind)
				tooLate := errors.Is(r.Outcome.Err, runtime.ErrConflict) // the container has just ended
				if !r.Changed && !tells || tooLate {
					return // nothing new to anybody
				}
				w.postUnless(ctx, func() { w.probed(c, id, r) })
			},
		})
	}
}

// resumed is what was published of an instance that was running before this
// node owned the pod.
func (w *worker) resumed(c *container, i *instance) lifecycle.Probes {
	var out lifecycle.Probes
	st := w.published.Status
	for _, s := range append(st.InitContainerStatuses, st.ContainerStatuses...) {
		if s.Name != c.name || s.State.Running == nil || s.ContainerID != "docker://"+string(i.id) {
			continue
		}
		if s.Started != nil && *s.Started {
			out.Startup = lifecycle.ProbeSuccess
		}
		if s.Ready {
			out.Readiness = lifecycle.ProbeSuccess
		}
	}
	return out
}

func (p *probes) result(k probe.Kind) lifecycle.ProbeResult {
	switch k {
	case probe.Startup:
		return p.results.Startup
	case probe.Liveness:
		return p.results.Liveness
	default:
		return p.results.Readiness
	}
}

// stopProbes ends the probes of an instance that does not run any more. The
// results stay until the next instance is probed: they are why it was killed.
func (w *worker) stopProbes(c *container) {
	runners := c.probes.runners
	c.probes.runners = nil
	for _, r := range runners {
		w.task(func(context.Context) func() {
			r.Stop()
			return nil
		})
	}
}

// probed takes the report of one run.
func (w *worker) probed(c *container, id runtime.ContainerID, r probe.Report) {
	if c.probes.id != id || c.probes.runners == nil {
		return
	}
	state := lifecycle.ProbeResult(r.State)
	switch r.Kind {
	case probe.Startup:
		c.probes.results.Startup = state
	case probe.Liveness:
		c.probes.results.Liveness = state
	case probe.Readiness:
		c.probes.results.Readiness = state
	}
	if reason, message, ok := r.Outcome.Event(r.Kind); ok {
		w.events = append(w.events, pendingEvent{Event: warning(c.name, reason, message), at: r.At})
	}
	if r.Kind == probe.Startup && r.Changed && state == lifecycle.ProbeSuccess {
		for _, o := range c.probes.runners {
			o.MarkStarted()
		}
	}
}

// target is one instance for its probes and hooks.
func (w *worker) target(c *container, id runtime.ContainerID) probe.Target {
	t := probe.Target{Container: c.spec, Pod: w.podText(), Dialer: w.tunnel(), Execer: execer{engine: w.n.Engine, id: id}}
	if len(w.sandbox.ips) > 0 {
		t.PodIP = w.sandbox.ips[0]
	}
	return t
}

// killTimeout bounds the killing of a probe's command.
const killTimeout = 10 * time.Second

// killer kills the command of a probe that has timed out, as the runtime of a
// kubelet does: they would pile up.
func (w *worker) killer(id runtime.ContainerID) func(context.Context, runtime.Process) {
	sandbox, meta := w.sandbox.id, runtime.Meta{Home: w.n.Store.Home(), Pod: w.podRef()}
	return func(ctx context.Context, p runtime.Process) {
		ctx, cancel := context.WithTimeout(ctx, killTimeout)
		defer cancel()
		if err := w.n.Agent.Kill(ctx, sandbox, meta, id, p); err != nil {
			w.log.Warn("kill the command of a probe", "error", err)
		}
	}
}

// execer runs commands in one instance.
type execer struct {
	engine runtime.Engine
	id     runtime.ContainerID
	// late ends a command that has run out of time; nil leaves it alone.
	late func(context.Context, runtime.Process)
}

// Exec runs argv to its end or until ctx does. A program that cannot be
// started is an error in the words of the kubelet's runtime: for a probe it says
// nothing of the container.
func (e execer) Exec(ctx context.Context, argv []string) (probe.Output, int, error) {
	p, err := e.engine.Exec(ctx, e.id, runtime.ExecOptions{Cmd: argv})
	if errors.Is(err, runtime.ErrPaused) {
		err = fmt.Errorf("rpc error: code = Unknown desc = failed to exec in container: %w", err)
	}
	if err != nil {
		return probe.Output{}, 0, err
	}
	defer p.Close()
	var out output
	read := make(chan struct{})
	go func() {
		defer close(read)
		out.read(p)
	}()
	select {
	case <-ctx.Done():
		p.Close()
		<-read
		if e.late != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			e.late(context.WithoutCancel(ctx), p)
		}
		return out.taken(), 0, ctx.Err()
	case <-read:
	}
	code, err := p.Wait(ctx)
	taken := out.taken()
	text := strings.TrimSpace(string(taken.All))
	switch {
	case err == nil && runtime.ExecTooLate(code, text):
		return probe.Output{}, 0, fmt.Errorf("%s: %w", text, runtime.ErrConflict)
	case err == nil && runtime.ExecRefused(code, text):
		return probe.Output{}, 0, fmt.Errorf("rpc error: code = Unknown desc = failed to exec in container: %s", text)
	}
	return taken, code, err
}
