package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/distribution/reference"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/store"
)

// pulls makes one pull of several for the same image at a time.
type pulls struct {
	mu      sync.Mutex
	flights map[string]*flight
}

type flight struct {
	done chan struct{}
	took time.Duration
	err  error
}

// pull fetches ref, or waits for the pull of it that is under way.
func (p *pulls) pull(ctx context.Context, ref string, do func(context.Context) error) (time.Duration, error) {
	p.mu.Lock()
	if p.flights == nil {
		p.flights = map[string]*flight{}
	}
	f := p.flights[ref]
	mine := f == nil
	if mine {
		f = &flight{done: make(chan struct{})}
		p.flights[ref] = f
	}
	p.mu.Unlock()
	if mine {
		begun := time.Now()
		f.err = do(ctx)
		f.took = time.Since(begun)
		p.mu.Lock()
		delete(p.flights, ref)
		p.mu.Unlock()
		close(f.done)
		return f.took, f.err
	}
	select {
	case <-f.done:
		return f.took, f.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// imageWant is an image that one container needs.
type imageWant struct {
	// container is whose image it is; empty for that of a volume: the kubelet
	// tells of these as of the pod.
	container string
	// ref is what is looked for, and what texts name: the pod's image, or the
	// user's in its place.
	ref    string
	policy v1.PullPolicy
	// defaulted: nobody asked for Always, the missing tag did.
	defaulted bool
	auth      []runtime.RegistryAuth
}

// want reads what the pod and the user's options say about c's image.
func (w *worker) want(c *container) imageWant {
	o := w.pod.Options
	iw := imageWant{
		container: c.name,
		ref:       c.spec.Image,
		policy:    c.spec.ImagePullPolicy,
		defaulted: slices.Contains(o.DefaultedPullPolicy, c.name),
	}
	if other, ok := o.Images[c.name]; ok {
		iw.ref = other
	}
	return iw.with(o)
}

// wants are all the images that c needs: those of the volumes it mounts, then
// its own.
func (w *worker) wants(c *container) []imageWant {
	var list []imageWant
	for _, v := range lifecycle.ImageVolumes(w.pod.Object, c.spec) {
		list = append(list, imageWant{ref: v.Image.Reference, policy: v.Image.PullPolicy}.with(w.pod.Options))
	}
	return append(list, w.want(c))
}

// with is the want as the user's options have it.
func (iw imageWant) with(o store.PodOptions) imageWant {
	if o.PullPolicy != "" {
		iw.policy, iw.defaulted = o.PullPolicy, false
	}
	return iw
}

// actImage makes sure of the images for the next instance of c.
func (w *worker) actImage(c *container) {
	c.busy, c.imagesThere = lifecycle.BusyImage, false
	wants := w.wants(c)
	own := wants[len(wants)-1].ref
	auth, problem := w.pullSecrets()
	if problem != "" {
		w.tell(warning("", "FailedToRetrieveImagePullSecret", problem))
	}
	w.task(func(ctx context.Context) func() {
		for _, iw := range wants {
			iw.auth = auth
			image, err := w.ensureImage(ctx, iw)
			if err != nil || iw.container != "" {
				return func() { w.imageDone(c, iw, own, image, err) }
			}
		}
		return nil // the last one is the container's own
	})
}

// imageDone takes the outcome of the image iw, the first that failed or the
// container's own.
func (w *worker) imageDone(c *container, iw imageWant, own string, image runtime.Image, err error) {
	c.busy = lifecycle.Idle
	if w.want(c).ref != own {
		return // another one is wanted by now
	}
	if err == nil {
		c.imageReady, c.failure, c.image = true, nil, image
		return
	}
	if w.engineFailed(err) {
		return
	}
	var ie *imageError
	if !errors.As(err, &ie) {
		ie = &imageError{Reason: lifecycle.ReasonErrImagePull, Message: err.Error()}
	}
	c.failure = &lifecycle.Failure{At: time.Now(), Reason: ie.Reason, Message: ie.Message}
	if iw.container == "" {
		c.failure.Image = iw.ref
	}
	w.tell(warning(c.name, "Failed", "Error: "+ie.Reason))
}

// imageLook is how often the engine is asked for images whose pulls are held
// back: as often the kubelet looks at such a pod again, and an image that came
// meanwhile ends the wait (pkg/kubelet/pod_workers.go, backOffPeriod).
const imageLook = 10 * time.Second

// lookForImages asks for the images of the containers that wait for a back-off
// to end. It returns when that is next to be done.
func (w *worker) lookForImages() time.Time {
	var next time.Time
	for _, c := range w.containers {
		h := w.memory.Containers[c.name].Waiting
		if h == nil || h.Reason != lifecycle.ReasonImagePullBackOff || c.imagesThere {
			c.lookAt = time.Time{}
			continue
		}
		if !time.Now().Before(c.lookAt) {
			if !c.lookAt.IsZero() {
				w.lookForImagesOf(c)
			}
			c.lookAt = time.Now().Add(imageLook)
		}
		next = earliest(next, c.lookAt)
	}
	return next
}

func (w *worker) lookForImagesOf(c *container) {
	wants, hash := w.wants(c), c.hash
	w.task(func(ctx context.Context) func() {
		for _, iw := range wants {
			if _, err := w.n.Engine.Image(ctx, iw.ref); err != nil || iw.policy == v1.PullAlways {
				return nil
			}
		}
		return func() { c.imagesThere = c.hash == hash && c.busy == lifecycle.Idle }
	})
}

// imageError is a failure that the status shows by its reason.
type imageError struct{ Reason, Message string }

func (e *imageError) Error() string { return e.Reason + ": " + e.Message }

// ensureImage follows the pull policy (pkg/kubelet/images: EnsureImageExists).
func (w *worker) ensureImage(ctx context.Context, iw imageWant) (runtime.Image, error) {
	if _, err := reference.ParseNormalizedNamed(iw.ref); err != nil {
		msg := fmt.Sprintf("Failed to apply default image tag %q: couldn't parse image name %q: %v", iw.ref, iw.ref, err)
		w.tellLater(warning(iw.container, "InspectFailed", msg))
		return runtime.Image{}, &imageError{lifecycle.ReasonInvalidImageName, msg}
	}
	image, err := w.n.Engine.Image(ctx, iw.ref)
	present := err == nil
	// A name that only the engine finds wrong is refused by the pull, as a
	// kubelet's container runtime does.
	if err != nil && !errors.Is(err, runtime.ErrNotFound) && !errors.Is(err, runtime.ErrInvalid) {
		if errors.Is(err, runtime.ErrUnavailable) {
			return image, err
		}
		msg := fmt.Sprintf("Failed to inspect image %q: %v", iw.ref, err)
		w.tellLater(warning(iw.container, "InspectFailed", msg))
		return image, &imageError{lifecycle.ReasonImageInspectError, msg}
	}
	switch {
	case present && iw.policy != v1.PullAlways:
		w.tellLater(normal(iw.container, "Pulled", alreadyPresent(iw.ref)))
		return image, nil
	case iw.policy == v1.PullNever:
		msg := fmt.Sprintf("Container image %q is not present with pull policy of Never", iw.ref)
		w.tellLater(warning(iw.container, lifecycle.ReasonErrImageNeverPull, msg))
		return image, &imageError{lifecycle.ReasonErrImageNeverPull, msg}
	}
	return w.pullImage(ctx, iw, image, present)
}

func alreadyPresent(name string) string {
	return fmt.Sprintf("Container image %q already present on machine and can be accessed by the pod", name)
}

func (w *worker) pullImage(ctx context.Context, iw imageWant, local runtime.Image, present bool) (runtime.Image, error) {
	begun := time.Now()
	w.tellLater(normal(iw.container, "Pulling", fmt.Sprintf("Pulling image %q", iw.ref)))
	took, err := w.pull(ctx, iw)
	if err != nil && present && iw.defaulted {
		w.tellLater(warning(iw.container, "PullSkipped", fmt.Sprintf("Image %q could not be pulled (%v); running the local one, since no imagePullPolicy was given", iw.ref, err)))
		w.tellLater(normal(iw.container, "Pulled", alreadyPresent(iw.ref)))
		return local, nil
	}
	if err != nil {
		if errors.Is(err, runtime.ErrUnavailable) || ctx.Err() != nil {
			return local, err
		}
		w.tellLater(warning(iw.container, "Failed", fmt.Sprintf("Failed to pull image %q: %v", iw.ref, err)))
		return local, &imageError{lifecycle.ReasonErrImagePull, err.Error()}
	}
	image, err := w.n.Engine.Image(ctx, iw.ref)
	if err != nil {
		return image, err
	}
	w.tellLater(normal(iw.container, "Pulled", fmt.Sprintf("Successfully pulled image %q in %s (%s including waiting). Image size: %d bytes.",
		iw.ref, took.Truncate(time.Millisecond), time.Since(begun).Truncate(time.Millisecond), image.Size)))
	return image, nil
}

func (w *worker) pull(ctx context.Context, iw imageWant) (time.Duration, error) {
	return w.n.pulls.pull(ctx, iw.ref, func(ctx context.Context) error {
		o := runtime.PullOptions{Auth: iw.auth}
		if w.n.Progress != nil {
			o.Progress = func(p runtime.PullProgress) { w.n.Progress(w.key.NamespacedName, iw.ref, p) }
		}
		return w.n.Engine.PullImage(ctx, iw.ref, o)
	})
}
