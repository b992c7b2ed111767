package store

import (
	"errors"
	"io/fs"
	"path/filepath"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// PodState is what the owner of a pod saw and decided last. Only the owner
// writes it.
type PodState struct {
	Status v1.PodStatus     `json:"status"`
	Memory lifecycle.Memory `json:"memory"`
	// Warnings are told once by commands that show the pod.
	Warnings []string `json:"warnings,omitempty"`
}

// stateFile is state.json: the state with whose and how new it is.
type stateFile struct {
	UID             types.UID `json:"uid"`
	ResourceVersion string    `json:"resourceVersion"`
	PodState
}

// SetState keeps the state of a pod; NotFound when that pod (by UID) is gone.
// A state that says what is there already is not written.
func (s *Store) SetState(ns, name string, uid types.UID, state PodState) error {
	dir, err := s.podDir(ns, name)
	if err != nil {
		return err
	}
	return s.locked(func() error {
		p, err := s.readPod(dir, name)
		if err != nil {
			return err
		}
		if p.Object.UID != uid {
			return apierrors.NewNotFound(Pods.Resource(), name)
		}
		old, found, err := readState(dir, uid)
		if err == nil && found && same(old.PodState, state) {
			return nil
		}
		v, err := s.next()
		if err != nil {
			return err
		}
		file := stateFile{UID: uid, ResourceVersion: formatVersion(v), PodState: state}
		if err := s.writeJSON(filepath.Join(dir, "state.json"), file, false); err != nil {
			return err
		}
		s.journal(Change{Version: v, Op: "status", Kind: Pods, Namespace: ns, Name: name, UID: uid})
		return nil
	})
}

// State reads the state of a pod; ok is false when its owner never wrote one.
func (s *Store) State(ns, name string, uid types.UID) (state PodState, ok bool, err error) {
	dir, err := s.podDir(ns, name)
	if err != nil {
		return PodState{}, false, nil
	}
	file, ok, err := readState(dir, uid)
	return file.PodState, ok, err
}

// readState reads state.json. An older pod's, or one that a power cut left
// empty, counts as none: labels and the next look rebuild it.
func readState(dir string, uid types.UID) (f stateFile, ok bool, err error) {
	err = readJSON(filepath.Join(dir, "state.json"), &f)
	var corrupt *CorruptError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return stateFile{}, false, nil
	case errors.As(err, &corrupt) && corrupt.empty:
		return stateFile{}, false, nil
	case err != nil:
		return stateFile{}, false, err
	case f.UID != uid:
		return stateFile{}, false, nil
	}
	return f, true, nil
}

// merge puts the state's status and version into a pod. A pod nobody has taken
// yet is Pending.
func (s *Store) merge(dir string, o *v1.Pod) error {
	f, ok, err := readState(dir, o.UID)
	if err != nil {
		return err
	}
	if !ok {
		o.Status = v1.PodStatus{Phase: v1.PodPending}
		return nil
	}
	o.Status = f.Status
	if parseVersion(f.ResourceVersion) > parseVersion(o.ResourceVersion) {
		o.ResourceVersion = f.ResourceVersion
	}
	return nil
}
