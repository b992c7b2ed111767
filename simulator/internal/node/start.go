package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/probe"
)

// The reasons of a start that failed, as the kubelet spells them.
const (
	reasonConfig    = "CreateContainerConfigError"
	reasonCreate    = "CreateContainerError"
	reasonRun       = "RunContainerError"
	reasonPostStart = "PostStartHookError"
)

// startError is a failed start with the reason that the status shows.
type startError struct {
	reason string
	err    error
}

func (e *startError) Error() string { return e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// containerInput is what package config needs for one instance of c.
func (w *worker) containerInput(c *container, attempt int, sandbox runtime.ContainerID, subpaths map[config.Subpath]string) config.ContainerInput {
	return config.ContainerInput{
		Name:           c.name,
		Attempt:        attempt,
		Image:          c.image,
		Ref:            w.want(c).ref,
		Sandbox:        sandbox,
		SandboxAttempt: w.sandbox.attempt,
		PodIPs:         w.sandbox.ips,
		HostIPs:        w.n.Info.IPs,
		Volumes:        w.volumes.list,
		Subpaths:       subpaths,
		Backoff:        w.memory.Containers[c.name].Backoff.Delay,
		Target:         w.debugged(c),
	}
}

// debugged is the instance whose processes a debug container shares.
func (w *worker) debugged(c *container) runtime.ContainerID {
	for _, e := range w.pod.Object.Spec.EphemeralContainers {
		if e.Name != c.name || w.containers[e.TargetContainerName] == nil {
			continue
		}
		if i := w.containers[e.TargetContainerName].newest(); i != nil && i.State == lifecycle.Running {
			return i.id
		}
	}
	return ""
}

// actStart creates, starts and hooks one instance.
func (w *worker) actStart(c *container, attempt int) {
	ctx, cancel := context.WithCancel(w.ctx)
	s := &start{
		w: w, c: c, attempt: attempt,
		in: w.configInput(), ci: w.containerInput(c, attempt, w.sandbox.id, nil),
		tunnel: w.tunnel(), target: w.target(c, ""), ahead: c.ahead, hash: c.hash, resources: c.resourceHash,
		empty: w.emptyImages(c),
	}
	s.in.ReadFile = s.readFile(w.ctx)
	c.busy, c.ahead, c.cancel, c.imageReady = lifecycle.BusyStart, nil, cancel, false
	w.make(ctx, func(ctx context.Context) func() {
		err := s.run(ctx)
		return func() {
			cancel()
			w.startDone(c, s, err)
		}
	})
}

func (w *worker) startDone(c *container, s *start, err error) {
	c.cancel = nil
	if i := c.byID(s.id); i != nil && i.PostStart == lifecycle.HookRunning {
		i.PostStart = lifecycle.HookDone
	}
	var se *startError
	hookFailed := errors.As(err, &se) && se.reason == reasonPostStart
	if !hookFailed && w.engineFailed(err) {
		w.startLost(c) // it may have been carried out all the same
		return
	}
	c.startOver()
	if err == nil {
		c.failure = nil
		return
	}
	if errors.Is(err, context.Canceled) {
		return
	}
	reason := reasonRun
	if se != nil {
		reason = se.reason
	}
	if i := c.byID(s.id); i != nil && hookFailed {
		i.PostStart = lifecycle.HookFailed
	}
	c.failure = &lifecycle.Failure{At: time.Now(), Attempt: s.attempt, Reason: reason, Message: err.Error()}
}

// startOver notes that a start has come to its end.
func (c *container) startOver() {
	if c.busy == lifecycle.BusyStart {
		c.busy = lifecycle.Idle
	}
}

// startLost looks what became of a start whose answer was lost. Until that is
// known the start is not over.
func (w *worker) startLost(c *container) {
	w.task(func(ctx context.Context) func() {
		apply := w.observe(ctx)
		return func() {
			c.startOver()
			if apply != nil {
				apply()
			}
		}
	})
}

// start is one ActStart under way. It runs outside the worker's goroutine.
type start struct {
	w       *worker
	c       *container
	attempt int
	in      config.Input
	ci      config.ContainerInput
	tunnel  Tunnel
	// target is the instance for its hook, once it has an id.
	target probe.Target
	ahead  *ahead
	hash   string
	// resources is the hash of the resources it is made with.
	resources string
	// empty are the volumes to be filled from images first.
	empty []config.Volume
	id    runtime.ContainerID
	// protected: it was created with a negative OOM score.
	protected bool
}

func (s *start) run(ctx context.Context) error {
	id, err := s.create(ctx)
	if err != nil {
		return s.failed(err)
	}
	s.id = id
	s.w.tellLater(normal(s.c.name, "Created", "Container created"))
	if err := s.launch(ctx, id); err != nil {
		if s.unprotected(ctx, err) {
			return s.run(ctx)
		}
		if errors.Is(err, runtime.ErrNoSandbox) {
			// It ended under the start's hands: no instance came of it.
			s.w.removeQuietly(id)
			return fmt.Errorf("%w: %w", err, runtime.ErrUnavailable)
		}
		if notShared.MatchString(err.Error()) {
			// The runtime of a node finds that out when it makes the container.
			s.w.post(func() { s.w.discard(id) })
			s.w.removeQuietly(id)
			return s.failed(&startError{reasonCreate, err})
		}
		if !unsettled(err) {
			s.show(ctx)
		}
		if cause := refusal(s.c.spec, err.Error(), s.w.n.Can.Lacks); cause != "" {
			err = fmt.Errorf("%s: %w", cause, err)
		}
		return s.failed(&startError{reasonRun, err})
	}
	s.running(ctx)
	s.w.tellLater(normal(s.c.name, "Started", "Container started"))
	if s.c.spec.Lifecycle == nil || s.c.spec.Lifecycle.PostStart == nil {
		return nil
	}
	s.target.Execer = execer{engine: s.w.n.Engine, id: id}
	return s.postStart(ctx)
}

// launch starts the process. When the answer is lost it looks whether the
// process was started: what comes after a start must come in any case.
func (s *start) launch(ctx context.Context, id runtime.ContainerID) error {
	err := s.w.n.Engine.StartContainer(ctx, id)
	for ctx.Err() == nil && errors.Is(err, runtime.ErrUnavailable) {
		rc, lookErr := s.w.n.Engine.Container(ctx, id)
		switch {
		case lookErr == nil && rc.State == runtime.StateCreated:
			return err
		case lookErr == nil && rc.StartError != "":
			return errors.New(rc.StartError)
		case lookErr == nil:
			return nil
		case !errors.Is(lookErr, runtime.ErrUnavailable):
			return err
		}
		pause(ctx, engineRetry)
	}
	return err
}

// unprotected finds out whether a start failed because the engine may not
// lower the OOM score, and says that it is to be tried without. Engines tell
// it apart badly, so that every failed start with a low score is tried once
// more.
func (s *start) unprotected(ctx context.Context, err error) bool {
	if !s.protected || unsettled(err) {
		return false
	}
	if s.w.n.Engine.RemoveContainer(ctx, s.id) != nil {
		return false
	}
	if s.w.n.oomDenied.CompareAndSwap(false, true) {
		s.w.log.Warn("the engine may not lower oom_score_adj; containers run without", "error", err)
	}
	return true
}

func unsettled(err error) bool {
	return errors.Is(err, runtime.ErrUnavailable) || errors.Is(err, context.Canceled)
}

// failed tells users of a start that did not work.
func (s *start) failed(err error) error {
	if !unsettled(err) {
		s.w.tellLater(warning(s.c.name, "Failed", "Error: "+err.Error()))
	}
	return err
}

// create makes the instance, or takes the one that was made ahead.
func (s *start) create(ctx context.Context) (runtime.ContainerID, error) {
	if id := s.takeAhead(ctx); id != "" {
		return id, nil
	}
	for _, v := range s.empty {
		if err := s.w.copyImage(ctx, s.in, s.ci.Sandbox, v); err != nil {
			return "", &startError{reasonCreate, fmt.Errorf("copy image of volume %q: %w", v.Name, err)}
		}
	}
	subpaths, err := s.resolveSubpaths(ctx)
	if err != nil {
		return "", err
	}
	s.ci.Subpaths = subpaths
	if err := s.makeMessageFile(ctx); err != nil {
		return "", err
	}
	spec, err := config.Container(s.in, s.ci)
	if err != nil {
		return "", configError(err)
	}
	s.adjust(&spec)
	id, err := createContainer(ctx, s.w.n.Engine, spec)
	if err != nil {
		return "", &startError{reasonCreate, err}
	}
	return id, nil
}

func (s *start) takeAhead(ctx context.Context) runtime.ContainerID {
	if s.ahead == nil {
		return ""
	}
	select {
	case <-s.ahead.done:
	case <-ctx.Done():
		return ""
	}
	if s.attempt == 0 && s.ahead.hash == s.hash {
		return s.ahead.id
	}
	return ""
}

// running takes the instance as running at once and asks the engine for the
// exact facts beside the next step. The status waits for them a moment: what it
// says of a start does not change afterwards.
func (s *start) running(ctx context.Context) {
	now := time.Now()
	hook := lifecycle.HookNone
	if s.c.spec.Lifecycle != nil && s.c.spec.Lifecycle.PostStart != nil {
		hook = lifecycle.HookRunning
	}
	i := &instance{id: s.id, Instance: lifecycle.Instance{
		ID: string(s.id), Attempt: s.attempt, State: lifecycle.Running,
		SpecHash: s.hash, CreatedAt: now, StartedAt: now, PostStart: hook,
		SandboxAttempt: s.ci.SandboxAttempt, Backoff: s.ci.Backoff, ResourceHash: s.resources,
	}}
	i.Image, i.ImageID = imageNames(s.c.spec.Image, s.ci.Image)
	s.w.post(func() {
		if old := s.c.byID(s.id); old != nil && old.State != lifecycle.Created {
			old.Image, old.ImageID, old.PostStart = i.Image, i.ImageID, i.PostStart
		} else {
			s.c.put(i)
		}
		s.w.ascertain(s.id)
	})
}

// show waits until the worker knows the instance that could not be started.
func (s *start) show(ctx context.Context) {
	rc, err := s.w.n.Engine.Container(ctx, s.id)
	for ctx.Err() == nil && errors.Is(err, runtime.ErrUnavailable) {
		pause(ctx, engineRetry)
		rc, err = s.w.n.Engine.Container(ctx, s.id)
	}
	if err != nil {
		return
	}
	image, imageID := imageNames(s.c.spec.Image, s.ci.Image)
	s.w.post(func() {
		s.w.observeOne(rc)
		if i := s.c.byID(s.id); i != nil {
			i.Image, i.ImageID = image, imageID
		}
	})
}

// adjust is the worker's adjust for one try, which may have to do without a low
// OOM score.
func (s *start) adjust(spec *runtime.ContainerSpec) {
	s.w.adjust(spec, s.resources)
	s.protected = spec.OOMScoreAdj != nil && *spec.OOMScoreAdj < 0
	if s.protected && s.w.n.oomDenied.Load() {
		s.protected, spec.OOMScoreAdj = false, nil
	}
}

// adjust adds what only this package remembers by labels, and takes away what
// the engine is known not to give.
func (w *worker) adjust(spec *runtime.ContainerSpec, resources string) {
	if spec.Meta.Extra == nil {
		spec.Meta.Extra = map[string]string{}
	}
	spec.Meta.Extra[extraResources] = resources
	w.n.Can.grant(&spec.Security)
}
