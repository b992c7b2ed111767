package simulator

import (
	"context"
	"encoding/json"
	"fmt"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/status"
	"github.com/podsim/podsim/simulator/internal/store"
	"github.com/podsim/podsim/simulator/internal/validate"
)

// PodOptions are wishes about a pod that its manifest has no field for: ports
// to publish, images to use instead, back-off scale.
type PodOptions = store.PodOptions

// PodPort is one published port of PodOptions.
type PodPort = store.Port

// CreateOptions of Create.
type CreateOptions struct {
	// Pod is for pods alone.
	Pod PodOptions
	// SaveConfig keeps the object as it is given in the annotation that Apply
	// compares with (kubectl create --save-config). Manifest is the object as
	// it stands in the file; nil takes it from the object.
	SaveConfig bool
	Manifest   []byte
	// DryRun does everything but keep it.
	DryRun bool
}

// nameTries is how often another random name is drawn when one is taken.
const nameTries = 8

// Create keeps a new object and returns it as stored. Defaults are filled in,
// it is validated (Invalid with all its errors), gets its namespace, its name
// from generateName, uid and creation time; o is not changed. A name that is
// taken is AlreadyExists.
//
// A pod is run by whoever owns it: call EnsureNode, or RunNode in this process.
func (s *Simulator) Create(_ context.Context, o Object, opts CreateOptions) (Object, error) {
	o = o.DeepCopyObject().(Object)
	if store.KindOf(o) == "" {
		return nil, unsupported(KindOf(o))
	}
	if opts.SaveConfig {
		if err := saveConfig(o, opts.Manifest); err != nil {
			return nil, err
		}
	}
	return s.create(o, opts)
}

func (s *Simulator) create(o Object, opts CreateOptions) (Object, error) {
	if err := s.complete(o); err != nil {
		return nil, err
	}
	base := o.GetGenerateName()
	drawn := o.GetName() == "" && base != ""
	for try := 1; ; try++ {
		if drawn {
			o.SetName(manifest.GenerateName(base, nil))
		}
		if _, err := Check(o); err != nil {
			return nil, err
		}
		if opts.DryRun {
			return o, nil
		}
		err := s.keep(o, opts.Pod)
		if drawn && apierrors.IsAlreadyExists(err) && try < nameTries {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.bindClaims(o)
		return o, nil
	}
}

// keep stores what was made; a pod is scheduled with it.
func (s *Simulator) keep(o Object, opts PodOptions) error {
	pod, ok := o.(*v1.Pod)
	if !ok {
		return s.store.Create(o)
	}
	if pod.Spec.NodeName == "" && lifecycle.Schedule(pod, s.nodeInfo(), s.cluster(pod.Namespace)) == "" {
		pod.Spec.NodeName = s.NodeName()
	}
	return s.store.CreatePod(&store.Pod{Object: pod, Options: opts})
}

// complete fills in what an API server does at creation.
func (s *Simulator) complete(o Object) error {
	if store.KindOf(o).Namespaced() && o.GetNamespace() == "" {
		o.SetNamespace(s.namespace)
	}
	if o.GetResourceVersion() != "" {
		return apierrors.NewBadRequest("resourceVersion should not be set on objects to be created")
	}
	o.SetUID("")
	manifest.SetDefaults(o, nil)
	if pod, ok := o.(*v1.Pod); ok {
		pod.Status = status.Initial(pod)
	}
	return nil
}

// cluster is what is asked for when a pod of the namespace is scheduled.
func (s *Simulator) cluster(ns string) lifecycle.Cluster {
	return lifecycle.Cluster{Pods: s.allPods, Claim: func(name string) *v1.PersistentVolumeClaim {
		claim, _ := s.store.Claim(ns, name)
		return claim
	}}
}

// allPods are those of the store that can be read.
func (s *Simulator) allPods() []*v1.Pod {
	pods, _ := s.store.Pods("")
	return store.Objects(pods)
}

// NodeName is the name of the node that pods are on: the engine's machine.
func (s *Simulator) NodeName() string {
	if s.info.Name == "" {
		return "podsim"
	}
	return s.info.Name
}

// validateNew checks an object as at its creation.
func validateNew(o Object) field.ErrorList {
	switch o := o.(type) {
	case *v1.Pod:
		errs, _ := validate.Pod(o)
		return errs
	case *v1.ConfigMap:
		return validate.ConfigMap(o)
	case *v1.Secret:
		return validate.Secret(o)
	case *v1.PersistentVolumeClaim:
		return validate.PersistentVolumeClaim(o)
	case *v1.PersistentVolume:
		return validate.PersistentVolume(o)
	}
	return nil
}

// invalid makes the API server's error of a list of faults; nil of none.
func invalid(o Object, errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Kind: string(KindOf(o))}, o.GetName(), errs)
}

// saveConfig writes the annotation that Apply compares with.
func saveConfig(o Object, raw []byte) error {
	given, err := configured(o, raw)
	if err != nil {
		return err
	}
	text, err := json.Marshal(given)
	if err != nil {
		return fmt.Errorf("encode %s %q: %w", KindOf(o), o.GetName(), err)
	}
	all := o.GetAnnotations()
	if all == nil {
		all = map[string]string{}
	}
	all[v1.LastAppliedConfigAnnotation] = string(text) + "\n"
	o.SetAnnotations(all)
	return nil
}
