package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// errModified is the API server's text for a lost race.
var errModified = errors.New("the object has been modified; please apply your changes to the latest version and try again")

// Create keeps a new object (any kind but pods, see CreatePod). It gets a UID,
// a creation time and a resourceVersion, in place. A name that is taken is
// AlreadyExists.
func (s *Store) Create(o Object) error {
	kind := KindOf(o)
	path, err := s.objectPath(kind, o.GetNamespace(), o.GetName())
	if err != nil {
		return err
	}
	return s.locked(func() error {
		if exists(path) {
			old, _ := s.read(kind, path, o.GetName()) // one that cannot be read is there all the same
			return alreadyExists(kind, o.GetName(), old)
		}
		born(o)
		return s.put(kind, path, o, "added")
	})
}

// Update reads an object, lets change work on it and keeps the result, with
// nobody writing in between. change must be quick. The result is returned; an
// object left as it was is not written.
func (s *Store) Update(kind Kind, ns, name string, change func(Object) error) (Object, error) {
	path, err := s.objectPath(kind, ns, name)
	if err != nil {
		return nil, err
	}
	var o Object
	err = s.locked(func() error {
		old, err := s.read(kind, path, name)
		if err != nil {
			return err
		}
		o = old.DeepCopyObject().(Object)
		if err := change(o); err != nil {
			return err
		}
		return s.replaceObject(kind, path, old, o)
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// replaceObject writes o over old; the store is locked.
func (s *Store) replaceObject(kind Kind, path string, old, o Object) error {
	if v := o.GetResourceVersion(); v != "" && v != old.GetResourceVersion() {
		return apierrors.NewConflict(kind.Resource(), o.GetName(), errModified)
	}
	if err := isUID(kind, old, string(o.GetUID())); err != nil {
		return err
	}
	o.SetUID(old.GetUID())
	o.SetCreationTimestamp(old.GetCreationTimestamp())
	o.SetDeletionTimestamp(old.GetDeletionTimestamp())
	o.SetDeletionGracePeriodSeconds(old.GetDeletionGracePeriodSeconds())
	o.SetResourceVersion(old.GetResourceVersion())
	o.SetManagedFields(nil)
	kind.stamp(o)
	if equality.Semantic.DeepEqual(old, o) {
		return nil
	}
	return s.put(kind, path, o, "modified")
}

// isUID is Conflict when a UID is asked for and the object's is another.
func isUID(kind Kind, o Object, uid string) error {
	if uid == "" || string(o.GetUID()) == uid {
		return nil
	}
	return apierrors.NewConflict(kind.Resource(), o.GetName(), fmt.Errorf(
		"Precondition failed: UID in precondition: %v, UID in object meta: %v", uid, o.GetUID()))
}

// put writes o under a new version; the store is locked.
func (s *Store) put(kind Kind, path string, o Object, op string) error {
	v, err := s.next()
	if err != nil {
		return err
	}
	before := o.GetResourceVersion()
	o.SetResourceVersion(formatVersion(v))
	kind.stamp(o)
	if err := s.writeJSON(path, o, true); err != nil {
		o.SetResourceVersion(before)
		return err
	}
	s.journal(Change{Version: v, Op: op, Kind: kind, Namespace: o.GetNamespace(), Name: o.GetName(), UID: o.GetUID()})
	return nil
}

// Get reads an object other than a pod; NotFound if there is none.
func (s *Store) Get(kind Kind, ns, name string) (Object, error) {
	path, err := s.objectPath(kind, ns, name)
	if err != nil {
		return nil, err
	}
	return s.read(kind, path, name)
}

func (s *Store) read(kind Kind, path, name string) (Object, error) {
	o := kind.New()
	if err := readJSON(path, o); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, apierrors.NewNotFound(kind.Resource(), name)
		}
		return nil, err
	}
	return o, nil
}

// List reads all objects of a kind other than pods, of one namespace or of all
// ("") in the order of namespace and name. With an error it still returns
// those that could be read.
func (s *Store) List(kind Kind, ns string) ([]Object, error) {
	var out []Object
	err := s.each(kind, ns, func(ns, name string) error {
		o, err := s.Get(kind, ns, name)
		if err == nil {
			out = append(out, o)
		}
		return err
	})
	return out, err
}

// each calls read for every name of a kind and joins the errors; what went
// away meanwhile is none.
func (s *Store) each(kind Kind, ns string, read func(ns, name string) error) error {
	spaces, err := s.namespaces(kind, ns)
	if err != nil {
		return err
	}
	var errs []error
	for _, ns := range spaces {
		list, err := names(s.folder(kind, ns))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, name := range list {
			if err := read(ns, name); err != nil && !apierrors.IsNotFound(err) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// Delete removes an object other than a pod; NotFound if there is none, and
// Conflict if uid is not empty and another's.
func (s *Store) Delete(kind Kind, ns, name, uid string) error {
	path, err := s.objectPath(kind, ns, name)
	if err != nil {
		return err
	}
	return s.locked(func() error {
		old, err := s.read(kind, path, name)
		var corrupt *CorruptError
		if err != nil && !errors.As(err, &corrupt) {
			return err
		}
		if corrupt != nil {
			old = kind.New()
		} else if err := isUID(kind, old, uid); err != nil {
			return err
		}
		return s.remove(path, Change{Op: "deleted", Kind: kind, Namespace: ns, Name: name, UID: old.GetUID()})
	})
}

// remove takes a path away under a new version; the store is locked.
func (s *Store) remove(path string, c Change) error {
	v, err := s.next()
	if err != nil {
		return err
	}
	if err := s.vanish(path); err != nil {
		return err
	}
	c.Version = v
	s.journal(c)
	return nil
}

// objectPath refuses names that are none; for reading they are NotFound.
func (s *Store) objectPath(kind Kind, ns, name string) (string, error) {
	if kind.plural() == "" || kind == KindEvent {
		return "", apierrors.NewBadRequest(fmt.Sprintf("podsim does not keep objects of kind %q", string(kind)))
	}
	if !safeName(name) || kind.Namespaced() && !safeName(ns) {
		return "", apierrors.NewNotFound(kind.Resource(), name)
	}
	if !kind.Namespaced() {
		ns = ""
	}
	return filepath.Join(s.folder(kind, ns), name), nil
}

// born gives a new object what an API server would.
func born(o Object) {
	o.SetUID(types.UID(newUID()))
	o.SetCreationTimestamp(now())
	o.SetManagedFields(nil)
	o.SetSelfLink("")
	o.SetDeletionTimestamp(nil)
	o.SetDeletionGracePeriodSeconds(nil)
}

// now is the present as the API writes it: in UTC, to the second.
func now() metav1.Time { return metav1.NewTime(time.Now().UTC().Truncate(time.Second)) }

// Claim reads one; NotFound if there is none.
func (s *Store) Claim(ns, name string) (*v1.PersistentVolumeClaim, error) {
	o, err := s.Get(KindClaim, ns, name)
	if err != nil {
		return nil, err
	}
	return o.(*v1.PersistentVolumeClaim), nil
}

// same tells whether two values are the same JSON.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
