package store

import (
	"errors"
	"io/fs"
	"path/filepath"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/status"
)

// PodState is what the owner of a pod saw and decided last. Only the owner
// writes it.
type PodState struct {
	Status v1.PodStatus     `json:"status"`
	Memory lifecycle.Memory `json:"memory"`
	// Writer is the process that wrote it, having looked at the engine.
	Writer int `json:"writer,omitempty"`
	// SandboxReady is the number of the sandbox that was set up in full (its
	// attempt + 1), 0 for none.
	SandboxReady int `json:"sandboxReady,omitempty"`
	// Ports are the ports published on the engine's machine.
	Ports []runtime.PortBinding `json:"ports,omitempty"`
}

// stateFile is state.json: the state with whose and how new it is.
type stateFile struct {
	UID             types.UID `json:"uid"`
	ResourceVersion string    `json:"resourceVersion"`
	PodState
}

// SetState keeps the state of a pod; NotFound when that pod (by UID) is gone,
// or the whole store.
// A state that says what is there already is not written. The pod's version
// grows with its status alone: the rest is nothing that a client sees.
func (s *Store) SetState(ns, name, uid string, state PodState) error {
	dir, err := s.podDir(ns, name)
	if err != nil {
		return err
	}
	err = s.locked(func() error {
		p, err := s.readPod(dir, name)
		if err != nil {
			return err
		}
		if string(p.Object.UID) != uid {
			return apierrors.NewNotFound(KindPod.Resource(), name)
		}
		old, found, err := readState(dir, uid)
		found = err == nil && found
		if found && same(old.PodState, state) {
			return nil
		}
		v, err := s.next()
		if err != nil {
			return err
		}
		file := stateFile{UID: types.UID(uid), ResourceVersion: formatVersion(v), PodState: state}
		if found && same(old.Status, state.Status) {
			file.ResourceVersion = old.ResourceVersion
		}
		if err := s.writeJSON(filepath.Join(dir, "state.json"), file, false); err != nil {
			return err
		}
		s.journal(Change{Version: v, Op: "status", Kind: KindPod, Namespace: ns, Name: name, UID: types.UID(uid)})
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return apierrors.NewNotFound(KindPod.Resource(), name)
	}
	return err
}

// State reads the state of a pod; it is zero when no owner ever wrote one.
func (s *Store) State(ns, name, uid string) (PodState, error) {
	dir, err := s.podDir(ns, name)
	if err != nil {
		return PodState{}, nil
	}
	file, _, err := readState(dir, uid)
	return file.PodState, err
}

// readState reads state.json. An older pod's, or a damaged one, counts as
// none: labels and the next look rebuild it.
func readState(dir, uid string) (f stateFile, ok bool, err error) {
	err = readJSON(filepath.Join(dir, "state.json"), &f)
	var corrupt *CorruptError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return stateFile{}, false, nil
	case errors.As(err, &corrupt):
		return stateFile{}, false, nil
	case err != nil:
		return stateFile{}, false, err
	case string(f.UID) != uid:
		return stateFile{}, false, nil
	}
	return f, true, nil
}

// merge puts the state's status and version into a pod. A pod nobody has taken
// yet is Pending.
func (s *Store) merge(dir string, p *Pod) error {
	o := p.Object
	p.Version = o.ResourceVersion
	f, ok, err := readState(dir, string(o.UID))
	if err != nil {
		return err
	}
	if !ok {
		o.Status = status.WithForeign(v1.PodStatus{Phase: v1.PodPending}, p.Conditions)
		return nil
	}
	o.Status = status.WithForeign(f.Status, p.Conditions)
	p.Version = newest(o.ResourceVersion, f.ResourceVersion)
	return nil
}
