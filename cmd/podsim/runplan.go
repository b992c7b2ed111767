package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/simulator"
)

// runPlan is what a run makes: everything is read and checked before anything is made.
type runPlan struct {
	// others are ConfigMaps, Secrets, claims and volumes.
	others []manifest
	pods   []plannedPod
}

type plannedPod struct {
	manifest
	options simulator.PodOptions
}

// planRun reads and checks all files. Everything that is wrong is told at once.
func (a *app) planRun(ctx context.Context, o runOptions) (runPlan, error) {
	read := a.readManifests(ctx, o.files)
	read.add(a.readOfKind(ctx, o, simulator.Configs, o.configs))
	read.add(a.readOfKind(ctx, o, simulator.Secrets, o.secrets))
	if !o.look.quiet {
		a.warn(read.warnings...)
	}
	errs := []error{inPlace(read.err)}
	var plan runPlan
	for _, m := range read.objects {
		warnings, err := simulator.Check(m.object)
		if !o.look.quiet {
			a.warn(warnings...)
		}
		errs = append(errs, err)
		pod, isPod := m.object.(*v1.Pod)
		if !isPod {
			plan.others = append(plan.others, m)
			continue
		}
		if !o.look.quiet && err == nil {
			a.beforeRun(pod)
		}
		options, err := o.pod.options(m, pod)
		errs = append(errs, err)
		plan.pods = append(plan.pods, plannedPod{manifest: m, options: options})
	}
	if err := errors.Join(errs...); err != nil {
		return plan, err
	}
	return plan, plan.check(o)
}

// inPlace makes what could not be read of files errors that name line and field, as lint does: kubectl, which names
// neither, has no such verb.
func inPlace(err error) error {
	var all []error
	for _, e := range singleErrors(err) {
		var manifest *simulator.ManifestError
		if errors.As(e, &manifest) {
			e = errors.New(manifest.Error())
		}
		all = append(all, e)
	}
	return errors.Join(all...)
}

// readOfKind reads the files of --configmap and --secret.
func (a *app) readOfKind(ctx context.Context, o runOptions, kind simulator.Kind, files []string) manifests {
	if len(files) == 0 {
		return manifests{}
	}
	read := a.readManifests(ctx, manifestOptions{files: files, lenient: o.files.lenient, namespace: o.files.namespace})
	for _, m := range read.objects {
		if simulator.KindOf(m.object) != kind {
			read.err = errors.Join(read.err, fmt.Errorf("%s: %s is no %s", m.file, titleOf(m.object), kind))
		}
	}
	return read
}

// check looks at what concerns the pods together.
func (p runPlan) check(o runOptions) error {
	if len(p.pods) == 0 {
		return errors.New("there is no pod in the files: run needs one (apply takes everything else)")
	}
	if len(o.pod.publish) > 0 && len(p.pods) > 1 {
		return errors.New("--publish is for one pod, and there are several in the files")
	}
	for name := range o.pod.images {
		if !slices.ContainsFunc(p.pods, func(pod plannedPod) bool { return len(matching(pod.pod(), name)) > 0 }) {
			return fmt.Errorf("--image %s=...: no pod has a container or an image of this name", name)
		}
	}
	if name := o.exitCodeFrom; name != "" {
		if !slices.ContainsFunc(p.pods, func(pod plannedPod) bool { return slices.Contains(simulator.ContainerNames(pod.pod()), name) }) {
			return fmt.Errorf("--exit-code-from %s: no pod has a container of this name", name)
		}
	}
	return nil
}

func (p plannedPod) pod() *v1.Pod {
	pod, _ := p.object.(*v1.Pod)
	return pod
}

// options makes a pod's options of the flags.
func (f podFlags) options(m manifest, pod *v1.Pod) (simulator.PodOptions, error) {
	o := podOptions(m)
	o.Publish, o.PublishAll, o.PullPolicy = f.publish, f.publishAll, f.pull
	if f.backoffScale != 1 {
		o.BackoffScale = f.backoffScale
	}
	for name, ref := range f.images {
		for _, container := range matching(pod, name) {
			if o.Images == nil {
				o.Images = map[string]string{}
			}
			o.Images[container] = ref
		}
	}
	return o, nil
}

// matching are the containers that a name of --image means: the one of this name, else all that run the image.
func matching(pod *v1.Pod, name string) []string {
	if slices.Contains(simulator.ContainerNames(pod), name) {
		return []string{name}
	}
	var found []string
	for _, list := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, c := range list {
			if c.Image == name {
				found = append(found, c.Name)
			}
		}
	}
	return found
}

// madeObjects are what a run made, so that it removes nothing else.
type madeObjects struct {
	pods []*v1.Pod
	// temporary are ConfigMaps and Secrets that were not there before. Claims are never among them: their data is the
	// user's.
	temporary []simulator.Object
	all       []simulator.Object
}

func (m madeObjects) uids() []types.UID {
	var uids []types.UID
	for _, pod := range m.pods {
		uids = append(uids, pod.UID)
	}
	return uids
}

// make puts the objects into the store. foreground is the process that means to own the pods, 0 for the background node.
func (a *app) make(ctx context.Context, s *session, plan runPlan, foreground int) (madeObjects, error) {
	var made madeObjects
	for _, m := range plan.others {
		result, err := s.Apply(ctx, m.object, m.raw, simulator.ApplyOptions{})
		if err != nil {
			return made, err
		}
		kind := simulator.KindOf(m.object)
		if result.Op == simulator.Created && (kind == simulator.Configs || kind == simulator.Secrets) {
			made.temporary = append(made.temporary, result.Object)
		}
		made.all = append(made.all, result.Object)
	}
	for _, p := range plan.pods {
		p.options.Foreground = foreground
		obj, err := s.Create(ctx, p.object, simulator.CreateOptions{Pod: p.options, Manifest: p.raw, SaveConfig: foreground == 0})
		if apierrors.IsAlreadyExists(err) {
			err = &hintedError{err: err, hint: fmt.Sprintf("%s delete pod %s", a.program(), p.object.GetName())}
		}
		if err != nil {
			return made, err
		}
		if pod, ok := obj.(*v1.Pod); ok {
			made.pods = append(made.pods, pod)
		}
		made.all = append(made.all, obj)
	}
	return made, nil
}

// undo removes what was made before something failed: no container of it runs yet.
func (m madeObjects) undo(ctx context.Context, s *session) {
	for _, pod := range m.pods {
		_ = s.Delete(ctx, simulator.RefOf(pod), simulator.DeleteOptions{Wait: true})
	}
	m.removeTemporary(ctx, s)
}

func (m madeObjects) removeTemporary(ctx context.Context, s *session) {
	for _, obj := range m.temporary {
		ref := simulator.RefOf(obj)
		if err := s.Delete(ctx, ref, simulator.DeleteOptions{Wait: true}); err != nil && !apierrors.IsNotFound(err) {
			s.log.Warn("remove object", "kind", ref.Kind, "name", ref.Name, "err", err)
		}
	}
}

// self is this process, as the owner of pods.
func self() int { return os.Getpid() }
