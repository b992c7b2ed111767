package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// extraResources is the label with the hash of the resources that an instance
// was made with.
const extraResources = "resources"

// container is what the worker knows of one container of the pod.
type container struct {
	name string
	kind runtime.Kind
	spec *v1.Container
	hash string
	// resourceHash is of the resources asked for now.
	resourceHash string
	// image is the one the next instance is made from.
	image runtime.Image

	instances  []*instance // newest first
	busy       lifecycle.Busy
	imageReady bool
	// imagesThere: the images for the next instance were found while their
	// pulls are held back; lookAt is when they are looked for next.
	imagesThere bool
	lookAt      time.Time

	failure *lifecycle.Failure
	ahead   *ahead
	// cancel ends the start under way, with its hook.
	cancel context.CancelFunc
	// cancelHook ends the preStop hook under way.
	cancelHook context.CancelFunc
	// cancelStop ends the stop under way so that a shorter one can follow.
	cancelStop context.CancelFunc
	stopRound  int
	probes     probes
}

// instance is one run of a container.
type instance struct {
	lifecycle.Instance
	id runtime.ContainerID
	// known is since when this worker knows it, by this machine's clock.
	known time.Time
	// read is true once its termination message was read.
	read bool
}

// addContainers takes the containers of the spec, keeping what is known.
func (w *worker) addContainers() {
	spec := &w.pod.Object.Spec
	for i := range spec.InitContainers {
		w.addContainer(&spec.InitContainers[i], runtime.KindInit)
	}
	for i := range spec.Containers {
		w.addContainer(&spec.Containers[i], runtime.KindContainer)
	}
	for i := range spec.EphemeralContainers {
		c := v1.Container(spec.EphemeralContainers[i].EphemeralContainerCommon)
		w.addContainer(&c, runtime.KindEphemeral)
	}
}

func (w *worker) addContainer(spec *v1.Container, kind runtime.Kind) {
	c := w.containers[spec.Name]
	if c == nil {
		c = &container{name: spec.Name, kind: kind}
		w.containers[spec.Name] = c
	}
	hash := config.SpecHash(spec)
	if c.hash != hash {
		// What was found out about the image and the last start is of the past.
		c.imageReady, c.imagesThere, c.failure = false, false, nil
	}
	c.spec, c.hash, c.resourceHash = spec, hash, resourceHash(spec)
}

// resourceHash tells resources apart that need a resize.
func resourceHash(c *v1.Container) string {
	b, err := json.Marshal(c.Resources)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:4])
}

func (c *container) observed() lifecycle.Container {
	o := lifecycle.Container{
		Busy:        c.busy,
		ImagesThere: c.imagesThere,
		ImageReady:  c.imageReady,
		Failure:     c.failure,
		SpecHash:    c.hash,

		ResourceHash: c.resourceHash,
	}
	if n := c.newest(); n != nil && n.id == c.probes.id {
		o.Probes = c.probes.results
	}
	for _, i := range c.instances {
		// An instance that was only created says nothing yet: it is either on
		// its way or left over, and the next start replaces it.
		if i.State != lifecycle.Created {
			o.Instances = append(o.Instances, i.Instance)
		}
	}
	return o
}

// newest is the newest instance that was started, or nil.
func (c *container) newest() *instance {
	for _, i := range c.instances {
		if i.State != lifecycle.Created {
			return i
		}
	}
	return nil
}

func (c *container) byID(id runtime.ContainerID) *instance {
	for _, i := range c.instances {
		if i.id == id {
			return i
		}
	}
	return nil
}

func (c *container) attempt(n int) *instance {
	for _, i := range c.instances {
		if i.Attempt == n {
			return i
		}
	}
	return nil
}

// put adds or replaces an instance, keeping the newest first.
func (c *container) put(i *instance) {
	if i.known.IsZero() {
		i.known = time.Now()
	}
	c.instances = slices.DeleteFunc(c.instances, func(o *instance) bool { return o.id == i.id })
	at := slices.IndexFunc(c.instances, func(o *instance) bool { return o.Attempt <= i.Attempt })
	if at < 0 {
		at = len(c.instances)
	}
	c.instances = slices.Insert(c.instances, at, i)
}

func (c *container) drop(id runtime.ContainerID) {
	c.instances = slices.DeleteFunc(c.instances, func(o *instance) bool { return o.id == id })
}

// observe looks at the pod's containers on the engine.
func (w *worker) observe(ctx context.Context) func() {
	cs, taken, err := w.list(ctx)
	if err != nil {
		return nil
	}
	return func() { w.observeAll(cs, taken) }
}

// list lists the pod's containers, trying until the engine answers or ctx ends.
// The list is of the time taken.
func (w *worker) list(ctx context.Context) (cs []runtime.Container, taken time.Time, err error) {
	for ctx.Err() == nil {
		taken = time.Now()
		cs, err = w.n.Engine.ListContainers(ctx, runtime.Filter{Home: w.n.Store.Home(), PodUID: string(w.key.UID)})
		if err == nil {
			return cs, taken, nil
		}
		w.log.Warn("list containers of pod", "error", err)
		pause(ctx, engineRetry)
	}
	return nil, taken, ctx.Err()
}

// observeAll takes a full list that was asked for at the time taken.
func (w *worker) observeAll(cs []runtime.Container, taken time.Time) {
	if w.teardown {
		return
	}
	seen := map[runtime.ContainerID]bool{}
	for _, c := range cs {
		seen[c.ID] = true
		w.observeOne(c)
	}
	for id, at := range w.discarded {
		switch {
		case !at.Before(taken):
		case seen[id]:
			w.removeLater(id) // that did not work
		default:
			delete(w.discarded, id)
		}
	}
	for _, c := range w.containers {
		for _, i := range slices.Clone(c.instances) {
			if !seen[i.id] && i.known.Before(taken) && c.busy == lifecycle.Idle {
				w.vanished(c, i)
			}
		}
	}
	w.sandbox.observedGone(seen, taken)
	if !w.observed {
		w.observed = true
		w.settle()
	}
}

// observeOne takes one container as the engine shows it.
func (w *worker) observeOne(rc runtime.Container) {
	if _, ok := w.discarded[rc.ID]; ok {
		return
	}
	if rc.Meta.Kind == runtime.KindSandbox {
		w.sandbox.observe(rc)
		return
	}
	c := w.containers[rc.Meta.Container]
	if c == nil || rc.State == runtime.StateRemoving {
		return
	}
	old := c.byID(rc.ID)
	next := fromEngine(rc)
	next.StartError = withCause(refusal(c.spec, rc.StartError, w.n.Can.Lacks), rc.StartError)
	if old != nil {
		if next.before(old) {
			return
		}
		next.keep(old)
	}
	c.put(next)
	if next.State != lifecycle.Exited {
		return
	}
	if !next.read {
		w.readMessage(c, next)
	}
	w.outlived(c, next)
}

// fromEngine translates an engine's container.
func fromEngine(rc runtime.Container) *instance {
	return &instance{id: rc.ID, Instance: lifecycle.Instance{
		ID:             string(rc.ID),
		Attempt:        rc.Meta.Attempt,
		State:          stateOf(rc.State),
		Image:          rc.Image,
		ImageID:        rc.ImageID,
		SpecHash:       rc.Meta.Extra[config.ExtraSpecHash],
		CreatedAt:      rc.CreatedAt,
		StartedAt:      rc.StartedAt,
		FinishedAt:     rc.FinishedAt,
		ExitCode:       rc.ExitCode,
		OOMKilled:      rc.OOMKilled,
		StartError:     rc.StartError,
		SandboxAttempt: atoi(rc.Meta.Extra[config.ExtraSandbox]),
		Backoff:        duration(rc.Meta.Extra[config.ExtraBackoff]),
		ResourceHash:   rc.Meta.Extra[extraResources],
	}}
}

func stateOf(s runtime.State) lifecycle.InstanceState {
	switch s {
	case runtime.StateRunning:
		return lifecycle.Running
	case runtime.StateExited:
		return lifecycle.Exited
	default:
		return lifecycle.Created
	}
}

// before says that what was seen now is older than what is known: answers of
// the engine may overtake each other.
func (i *instance) before(known *instance) bool {
	switch known.State {
	case lifecycle.Running:
		return i.State == lifecycle.Created
	case lifecycle.Exited:
		return i.State != lifecycle.Exited && !i.StartedAt.After(known.FinishedAt)
	}
	return false
}

// keep carries over what the engine does not know.
func (i *instance) keep(old *instance) {
	i.known = old.known
	i.Image, i.ImageID = old.Image, old.ImageID
	i.PreStop, i.PostStart = old.PreStop, old.PostStart
	i.Message, i.read = old.Message, old.read
	i.ResourceHash = old.ResourceHash
	i.OOMKilled = i.OOMKilled || old.OOMKilled
}

// engineEvent looks at the container an event is about.
func (w *worker) engineEvent(e runtime.Event) {
	if w.teardown {
		return
	}
	switch e.Kind {
	case runtime.EventStart, runtime.EventDie, runtime.EventOOM, runtime.EventDestroy:
		w.refresh(e.ID)
	}
}

// refresh inspects one container, trying until the engine answers or ctx
// ends.
func (w *worker) refresh(id runtime.ContainerID) {
	w.task(func(ctx context.Context) func() {
		for ctx.Err() == nil {
			rc, err := w.n.Engine.Container(ctx, id)
			switch {
			case err == nil:
				return func() { w.observeOne(rc) }
			case errors.Is(err, runtime.ErrNotFound):
				return func() { w.missing(id) }
			}
			w.log.Warn("inspect container", "id", id, "error", err)
			pause(ctx, engineRetry)
		}
		return nil
	})
}

// ascertainTimeout is how long a status waits for what the engine says of a
// start.
const ascertainTimeout = time.Second

// ascertain is refresh that the status waits for.
func (w *worker) ascertain(id runtime.ContainerID) {
	w.unread++
	w.task(func(ctx context.Context) func() {
		ctx, cancel := context.WithTimeout(ctx, ascertainTimeout)
		defer cancel()
		rc, err := w.n.Engine.Container(ctx, id)
		return func() {
			w.unread--
			if err != nil {
				w.refresh(id)
				return
			}
			w.observeOne(rc)
		}
	})
}

// missing notes that a container is not on the engine any more.
func (w *worker) missing(id runtime.ContainerID) {
	if w.sandbox.id == id {
		w.sandbox.lost()
		return
	}
	for _, c := range w.containers {
		if i := c.byID(id); i != nil && c.busy != lifecycle.BusyRemove {
			w.vanished(c, i)
		}
	}
}

// vanished keeps an ended instance as it was seen; one that ran is reported
// as lost.
func (w *worker) vanished(c *container, i *instance) {
	switch i.State {
	case lifecycle.Created:
		c.drop(i.id)
	case lifecycle.Running:
		i.State = lifecycle.Vanished
	}
}
