package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/simulator/internal/status"
)

// Pod is a pod as it was asked for.
type Pod struct {
	// Object is metadata and spec, defaulted and admitted. Read through Pod and
	// Pods it also carries the status its owner published last; what a writer
	// puts into Status is not kept.
	Object  *v1.Pod    `json:"object"`
	Options PodOptions `json:"options"`
	// Conditions are those that others than the node put into the status: what readiness gates look for.
	Conditions []v1.PodCondition `json:"conditions,omitempty"`
	// Version is the resourceVersion of wish and status together, which grows
	// with either; Object has the wish's. Only reading sets it.
	Version string `json:"-"`
}

// PodOptions are wishes about a pod that its manifest has no field for.
type PodOptions struct {
	// Publish are host ports asked for on the command line; PublishAll wants
	// every declared port on a free port of the engine's choice.
	Publish    []Port `json:"publish,omitempty"`
	PublishAll bool   `json:"publishAll,omitempty"`
	// Images replaces the image of containers, by container name.
	Images map[string]string `json:"images,omitempty"`
	// PullPolicy overrides every container's ("" does not).
	PullPolicy v1.PullPolicy `json:"pullPolicy,omitempty"`
	// DefaultedPullPolicy are the containers whose policy Always was not
	// written in the manifest but came from the image's tag.
	DefaultedPullPolicy []string `json:"defaultedPullPolicy,omitempty"`
	// BackoffScale multiplies restart back-offs; 0 is 1.
	BackoffScale float64 `json:"backoffScale,omitempty"`
	// Foreground is the process that means to own the pod from its creation
	// on; the background node leaves the pod to it while it lives.
	Foreground int `json:"foreground,omitempty"`
	// Temporary says that nobody wants the pod any more once that process has
	// died: it is removed then, and not taken over.
	Temporary bool `json:"temporary,omitempty"`
}

// Port publishes a port of the pod on the engine's machine.
type Port struct {
	HostIP        string `json:"hostIP,omitempty"`
	HostPort      uint16 `json:"hostPort,omitempty"` // 0: the engine chooses
	ContainerPort uint16 `json:"containerPort"`
	Protocol      string `json:"protocol,omitempty"` // "TCP", "UDP", "SCTP"; "" is TCP
}

func (s *Store) podDir(ns, name string) (string, error) {
	if !safeName(ns) || !safeName(name) {
		return "", apierrors.NewNotFound(KindPod.Resource(), name)
	}
	return filepath.Join(s.folder(KindPod, ns), name), nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// CreatePod keeps a new pod. Its object gets UID (unless it has one), creation
// time, generation 1 and resourceVersion, in place. A name that is taken is
// AlreadyExists.
func (s *Store) CreatePod(p *Pod) error {
	o := p.Object
	dir, err := s.podDir(o.Namespace, o.Name)
	if err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("pod name %q in namespace %q is no file name", o.Name, o.Namespace))
	}
	return s.locked(func() error {
		switch old, err := s.readPod(dir, o.Name); {
		case err == nil:
			return alreadyExists(KindPod, o.Name, old.Object)
		case !apierrors.IsNotFound(err):
			return err
		}
		uid := o.UID
		born(o)
		if uid != "" {
			o.UID = uid
		}
		o.Generation = 1
		return s.putPod(dir, p, "added")
	})
}

func alreadyExists(kind Kind, name string, old Object) error {
	err := apierrors.NewAlreadyExists(kind.Resource(), name)
	if old != nil && old.GetDeletionTimestamp() != nil {
		err.ErrStatus.Message = "object is being deleted: " + err.ErrStatus.Message
	}
	return err
}

// UpdatePod reads a pod (with its status), lets change work on it and keeps
// metadata, spec and options, with nobody writing in between. change must be
// quick; what it returns is returned as it is. The generation grows when the
// spec changed or a deletion was asked for. A pod left as it was is not
// written.
func (s *Store) UpdatePod(ns, name string, change func(*Pod) error) (Pod, error) {
	dir, err := s.podDir(ns, name)
	if err != nil {
		return Pod{}, err
	}
	var p *Pod
	err = s.locked(func() error {
		old, err := s.readPod(dir, name)
		if err != nil {
			return err
		}
		p = &Pod{Object: old.Object.DeepCopy(), Options: old.Options, Conditions: old.Conditions}
		if err := s.merge(dir, p); err != nil {
			return err
		}
		before := p.Object.Status
		if err := change(p); err != nil {
			return err
		}
		if err := s.replacePod(dir, old, p); err != nil {
			return err
		}
		p.Object.Status = status.WithForeign(before, p.Conditions)
		p.Version = newest(p.Version, p.Object.ResourceVersion)
		return nil
	})
	if err != nil {
		return Pod{}, err
	}
	return *p, nil
}

// replacePod writes p over old; the store is locked.
func (s *Store) replacePod(dir string, old, p *Pod) error {
	o := p.Object
	o.UID, o.CreationTimestamp, o.Namespace, o.Name = old.Object.UID, old.Object.CreationTimestamp, old.Object.Namespace, old.Object.Name
	o.Generation, o.ResourceVersion = old.Object.Generation, old.Object.ResourceVersion
	o.ManagedFields, o.Status = nil, v1.PodStatus{}
	KindPod.stamp(o)
	if equality.Semantic.DeepEqual(old.Object, o) && same(old.Options, p.Options) && same(old.Conditions, p.Conditions) {
		return nil
	}
	deletion := old.Object.DeletionTimestamp == nil && o.DeletionTimestamp != nil
	if deletion || !equality.Semantic.DeepEqual(old.Object.Spec, o.Spec) {
		o.Generation++
	}
	return s.putPod(dir, p, "modified")
}

// putPod writes a pod without its status under a new version.
func (s *Store) putPod(dir string, p *Pod, op string) error {
	v, err := s.next()
	if err != nil {
		return err
	}
	kept := p.Object.DeepCopy()
	kept.Status = v1.PodStatus{}
	kept.ResourceVersion = formatVersion(v)
	KindPod.stamp(kept)
	if err := s.writeJSON(filepath.Join(dir, "pod.json"), &Pod{Object: kept, Options: p.Options, Conditions: p.Conditions}, true); err != nil {
		return err
	}
	p.Object.ResourceVersion = kept.ResourceVersion
	KindPod.stamp(p.Object)
	s.journal(Change{Version: v, Op: op, Kind: KindPod, Namespace: kept.Namespace, Name: kept.Name, UID: kept.UID})
	return nil
}

// Bind puts a pod that has no node on one, and says whether it had none. As in
// an API server its generation stays. NotFound when that pod (by UID) is gone.
func (s *Store) Bind(ns, name, uid, node string) (bound bool, err error) {
	dir, err := s.podDir(ns, name)
	if err != nil {
		return false, err
	}
	err = s.locked(func() error {
		p, err := s.readPod(dir, name)
		switch {
		case err != nil:
			return err
		case string(p.Object.UID) != uid:
			return apierrors.NewNotFound(KindPod.Resource(), name)
		case p.Object.Spec.NodeName != "":
			return nil
		}
		bound, p.Object.Spec.NodeName = true, node
		return s.putPod(dir, p, "modified")
	})
	return bound && err == nil, err
}

// readPod reads a wish without its status.
func (s *Store) readPod(dir, name string) (*Pod, error) {
	p := &Pod{}
	if err := readJSON(filepath.Join(dir, "pod.json"), p); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, apierrors.NewNotFound(KindPod.Resource(), name)
		}
		return nil, err
	}
	if p.Object == nil || p.Object.UID == "" {
		return nil, &CorruptError{Path: filepath.Join(dir, "pod.json"), Err: errors.New("it holds no pod")}
	}
	return p, nil
}

// Pod reads a pod with its status; NotFound if there is none.
func (s *Store) Pod(ns, name string) (Pod, error) {
	dir, err := s.podDir(ns, name)
	if err != nil {
		return Pod{}, err
	}
	p, err := s.readPod(dir, name)
	if err != nil {
		return Pod{}, err
	}
	if err := s.merge(dir, p); err != nil {
		return Pod{}, err
	}
	return *p, nil
}

// Pods reads all pods of a namespace or of all ("") with their status, in the
// order of namespace and name. With an error it still returns those that could
// be read.
func (s *Store) Pods(ns string) ([]Pod, error) {
	var out []Pod
	err := s.each(KindPod, ns, func(ns, name string) error {
		p, err := s.Pod(ns, name)
		if err == nil {
			out = append(out, p)
		}
		return err
	})
	return out, err
}

// Objects are the API's objects of pods.
func Objects(pods []Pod) []*v1.Pod {
	all := make([]*v1.Pod, len(pods))
	for i, p := range pods {
		all[i] = p.Object
	}
	return all
}

// RemovePod takes a pod with its state out of the store. Gone, or another pod
// of the same name, is success. Its events stay for a while.
func (s *Store) RemovePod(ns, name, uid string) error {
	dir, err := s.podDir(ns, name)
	if err != nil {
		return nil
	}
	err = s.locked(func() error {
		p, err := s.readPod(dir, name)
		var corrupt *CorruptError
		switch {
		case apierrors.IsNotFound(err):
			return nil
		case errors.As(err, &corrupt) && uid == "":
		case err != nil:
			return err
		case uid != "" && string(p.Object.UID) != uid:
			return nil
		}
		return s.remove(dir, Change{Op: "deleted", Kind: KindPod, Namespace: ns, Name: name, UID: types.UID(uid)})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the whole store is gone
	}
	return err
}
