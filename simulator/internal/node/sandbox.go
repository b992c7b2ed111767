package node

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/store"
)

// sandbox is the pause container of the pod as the worker knows it.
type sandbox struct {
	state     lifecycle.SandboxState
	attempt   int
	id        runtime.ContainerID
	createdAt time.Time
	known     time.Time // since when, by this machine's clock
	ips       []string
	stopping  bool
	failure   *lifecycle.Failure
	tunnel    Tunnel
	// busy is true while ActSandbox is under way.
	busy  bool
	ports []runtime.PortBinding
}

func (s *sandbox) observed() lifecycle.Sandbox {
	return lifecycle.Sandbox{
		State:     s.state,
		Attempt:   s.attempt,
		CreatedAt: s.createdAt,
		IPs:       s.ips,
		Stopping:  s.stopping,
		Failure:   s.failure,
	}
}

// observe takes the newest sandbox as the engine shows it.
func (s *sandbox) observe(rc runtime.Container) {
	if rc.ID == s.id {
		s.ports = rc.Ports
	}
	if s.busy || (s.id != "" && rc.ID != s.id && rc.Meta.Attempt < s.attempt) {
		return
	}
	if s.id != rc.ID {
		s.known = time.Now()
	} else if s.state == lifecycle.SandboxDead {
		return // it never comes back; an older answer may have been overtaken
	}
	s.id, s.attempt, s.createdAt = rc.ID, rc.Meta.Attempt, rc.CreatedAt
	switch rc.State {
	case runtime.StateRunning:
		s.state = lifecycle.SandboxReady
		if len(s.ips) == 0 {
			for _, ip := range rc.IPs {
				s.ips = append(s.ips, ip.String())
			}
		}
	case runtime.StateCreated:
		s.state = lifecycle.SandboxNone
	default:
		s.lost()
	}
}

// lost notes that the sandbox ended or is gone.
func (s *sandbox) lost() {
	if s.state == lifecycle.SandboxReady || s.state == lifecycle.SandboxNone && s.id != "" {
		s.state = lifecycle.SandboxDead
	}
	s.closeTunnel()
}

func (s *sandbox) closeTunnel() {
	if s.tunnel != nil {
		s.tunnel.Close()
		s.tunnel = nil
	}
}

func (s *sandbox) observedGone(seen map[runtime.ContainerID]bool, taken time.Time) {
	if s.id != "" && !seen[s.id] && !s.busy && s.known.Before(taken) {
		s.lost()
	}
}

// actSandbox makes, starts and fills a sandbox.
func (w *worker) actSandbox(attempt int) {
	old := w.sandbox.id
	w.discard(old)
	w.sandbox = sandbox{state: lifecycle.SandboxStarted, attempt: attempt, busy: true, known: time.Now(), createdAt: time.Now()}
	vols, in, opts := w.volumes.list, w.configInput(), w.pod.Options
	for _, v := range vols {
		if v.MadeUp != "" {
			w.tell(warning("", "ClaimMadeUp", fmt.Sprintf("no PersistentVolumeClaim %q is declared: volume %q is an empty one that outlives the pod", v.MadeUp, v.Name)))
		}
	}
	w.prefetch()
	w.make(w.ctx, func(ctx context.Context) func() {
		if old != "" {
			w.removeQuietly(old) // it never comes back
		}
		id, ips, err := w.makeSandbox(ctx, attempt, vols, in, opts)
		if err != nil && id != "" {
			w.removeQuietly(id)
		}
		return func() { w.sandboxMade(attempt, id, ips, vols, err) }
	})
}

func (w *worker) sandboxMade(attempt int, id runtime.ContainerID, ips []string, vols []config.Volume, err error) {
	w.sandbox.busy = false
	if err != nil {
		w.discard(id)
		w.sandbox.state, w.sandbox.id = lifecycle.SandboxNone, ""
		w.dropAhead()
		if w.engineFailed(err) {
			return
		}
		w.sandbox.failure = &lifecycle.Failure{At: time.Now(), Attempt: attempt, Reason: "CreatePodSandboxError", Message: err.Error()}
		w.tell(warning("", "FailedCreatePodSandBox", "Failed to create pod sandbox: "+err.Error()))
		return
	}
	w.sandbox.state, w.sandbox.id, w.sandbox.ips, w.sandbox.failure = lifecycle.SandboxReady, id, ips, nil
	w.volumesApplied(vols)
	w.refresh(id) // the ports that the engine chose
}

// makeSandbox returns the id as soon as there is something to remove, also
// with an error.
func (w *worker) makeSandbox(ctx context.Context, attempt int, vols []config.Volume, in config.Input, opts store.PodOptions) (runtime.ContainerID, []string, error) {
	image, err := w.n.Agent.Ensure(ctx)
	if err != nil {
		return "", nil, err
	}
	spec, _, err := config.Sandbox(in, config.SandboxInput{
		Attempt: attempt, PauseImage: image, Volumes: vols,
		Publish: bindings(opts.Publish), PublishAll: opts.PublishAll,
	})
	if err != nil {
		return "", nil, err
	}
	// The pause process is too small to be worth a protection that many engines
	// may not give, and that fails the start where they may not.
	spec.OOMScoreAdj = nil
	w.bindClaims(in)
	if err := w.makeVolumes(ctx, in, vols); err != nil {
		return "", nil, err
	}
	id, err := createOwn(ctx, w.n.Engine, spec.Meta, spec.Name, func() (runtime.ContainerID, error) {
		return w.n.Engine.CreateSandbox(ctx, spec)
	})
	if err != nil {
		return "", nil, fmt.Errorf("create sandbox: %w", err)
	}
	w.post(func() { w.sandboxCreated(id) })
	ips, err := w.startSandbox(ctx, id, in, attempt, vols)
	if len(ips) == 0 || spec.HostNetwork {
		ips = w.n.Info.IPs
	}
	return id, ips, err
}

// sandboxCreated lets containers be created while the sandbox starts.
func (w *worker) sandboxCreated(id runtime.ContainerID) {
	if w.sandbox.busy {
		w.sandbox.id = id
		w.createAhead()
	}
}

func (w *worker) startSandbox(ctx context.Context, id runtime.ContainerID, in config.Input, attempt int, vols []config.Volume) ([]string, error) {
	payloads := payloadsOf(vols)
	out, err := w.n.Engine.Attach(ctx, id, runtime.AttachOptions{Stdin: len(payloads) > 0})
	if err != nil {
		return nil, fmt.Errorf("attach to sandbox: %w", err)
	}
	defer out.Close()
	p := newPauseProcess(out, payloads)
	if err := w.n.Engine.StartContainer(ctx, id); err != nil {
		return nil, fmt.Errorf("start sandbox: %w", err)
	}
	var ready wire.Ready
	if err := p.answer(ctx, &ready); err != nil {
		return nil, fmt.Errorf("set up sandbox: %w", err)
	}
	if ready.Error != "" {
		return nil, fmt.Errorf("set up sandbox: %s", ready.Error)
	}
	for _, text := range ready.Warnings {
		w.tellLater(warning("", "DNSConfigForming", text))
	}
	if ready.Payload {
		err = p.filled(ctx)
	} else {
		err = w.fillVolumes(ctx, id, in, attempt, vols)
	}
	if err != nil {
		return ready.IPs, fmt.Errorf("fill volumes: %w", err)
	}
	return ready.IPs, nil
}

// createContainer creates a container as createOwn does.
func createContainer(ctx context.Context, e runtime.Engine, spec runtime.ContainerSpec) (runtime.ContainerID, error) {
	return createOwn(ctx, e, spec.Meta, spec.Name, func() (runtime.ContainerID, error) { return e.CreateContainer(ctx, spec) })
}

// createOwn creates a container; a name that is taken by the same pod's
// leftover is freed first, one that is somebody else's is an error. So is a
// container that was started: it is not to be killed like a leftover.
func createOwn(ctx context.Context, e runtime.Engine, m runtime.Meta, name string, create func() (runtime.ContainerID, error)) (runtime.ContainerID, error) {
	id, err := create()
	if !errors.Is(err, runtime.ErrConflict) {
		return id, err
	}
	taken, lookErr := e.ContainerByName(ctx, name)
	if lookErr != nil {
		return "", err
	}
	if taken.Meta.Home != m.Home || taken.Meta.Pod.UID != m.Pod.UID {
		return "", fmt.Errorf("the name %q is taken by a container that is not this pod's: %w", name, err)
	}
	if m.Kind != runtime.KindSandbox && taken.State != runtime.StateCreated {
		return "", errThere
	}
	if err := e.RemoveContainer(ctx, taken.ID); err != nil {
		return "", err
	}
	return create()
}

// errThere says that what was to be made has run already: an answer was lost.
var errThere = fmt.Errorf("the container is there already: %w", runtime.ErrUnavailable)

// bindClaims says of the claims of the pod that they are bound: it is their
// first consumer.
func (w *worker) bindClaims(in config.Input) {
	for _, claim := range in.Objects.Claims {
		if !usesClaim(in.Pod, claim) || claim.Status.Phase == v1.ClaimBound {
			continue
		}
		if err := w.n.Store.BindClaim(claim.Namespace, claim.Name, true); err != nil {
			w.log.Warn("bind claim", "claim", claim.Name, "error", err)
		}
	}
}

// makeVolumes creates the pod's engine volumes side by side.
func (w *worker) makeVolumes(ctx context.Context, in config.Input, vols []config.Volume) error {
	g, ctx := errgroup.WithContext(ctx)
	specs := []runtime.VolumeSpec{config.StateVolume(in)}
	for _, v := range vols {
		if v.Engine.Name != "" {
			specs = append(specs, v.Engine)
		}
	}
	for _, s := range specs {
		g.Go(func() error {
			if _, err := w.n.Engine.CreateVolume(ctx, s); err != nil {
				return fmt.Errorf("create volume %q: %w", s.Name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// actStopSandbox ends the network of a finished pod.
func (w *worker) actStopSandbox() {
	id := w.sandbox.id
	w.sandbox.closeTunnel()
	w.sandbox.stopping = true
	w.task(func(ctx context.Context) func() {
		err := w.n.leaving.alone(ctx, func() error {
			err := w.n.Engine.StopContainer(ctx, id, "", 2*time.Second)
			_, _ = w.n.Engine.Container(ctx, id) // answers once the network is left
			return err
		})
		return func() {
			w.sandbox.stopping = false
			if err != nil && w.engineFailed(err) {
				return
			}
			w.sandbox.state = lifecycle.SandboxDead
		}
	})
}

// tunnel reaches into the running sandbox.
func (w *worker) tunnel() Tunnel {
	if w.sandbox.tunnel == nil {
		w.sandbox.tunnel = w.n.Agent.Tunnel(w.sandbox.id)
	}
	return w.sandbox.tunnel
}

// removeQuietly removes a container that is of no use, whatever ctx says.
func (w *worker) removeQuietly(id runtime.ContainerID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), 10*time.Second)
	defer cancel()
	if err := w.n.Engine.RemoveContainer(ctx, id); err != nil {
		w.log.Warn("remove container", "id", id, "error", err)
	}
}

// removeLater is removeQuietly in a task.
func (w *worker) removeLater(id runtime.ContainerID) {
	w.task(func(context.Context) func() {
		w.removeQuietly(id)
		return nil
	})
}

// bindings are the ports of the command line as the engine takes them.
func bindings(ports []store.Port) []runtime.PortBinding {
	var out []runtime.PortBinding
	for _, p := range ports {
		ip, err := netip.ParseAddr(p.HostIP)
		if err != nil {
			ip = netip.Addr{} // every address
		}
		out = append(out, runtime.PortBinding{
			ContainerPort: p.ContainerPort, HostPort: p.HostPort, HostIP: ip, Protocol: strings.ToLower(p.Protocol),
		})
	}
	return out
}
