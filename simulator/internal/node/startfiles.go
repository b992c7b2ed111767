package node

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/simulator/internal/config"
)

// This file is about the files of a start: the paths within volumes, those that
// the environment is read from and the one for the termination message.

// resolveSubpaths asks the program in the sandbox for link-free paths. They are
// made where they are missing, but for those inside an image.
func (s *start) resolveSubpaths(ctx context.Context) (map[config.Subpath]string, error) {
	wanted, err := config.Subpaths(s.in, s.ci)
	if err != nil {
		return nil, configError(err)
	}
	resolved := make(map[config.Subpath]string, len(wanted))
	for _, sp := range wanted {
		image := imageOf(s.in.Pod, sp.Volume)
		found, err := s.tunnel.ResolveSubpath(ctx, sp.Dir(), sp.Path, image == "")
		if err != nil {
			if unsettled(err) {
				return nil, err
			}
			if image != "" {
				return nil, &startError{reasonCreate, fmt.Errorf("mount path %q of image %q: %w", sp.Path, image, err)}
			}
			s.w.log.Warn("resolve subPath", "container", s.c.name, "error", err)
			return nil, configError(sp.Failed(s.c.name, missingSubpath(err)))
		}
		resolved[sp] = found.Path
	}
	return resolved, nil
}

// missingSubpath tells whether a path that could not be resolved is one that
// the kubelet would have tried to make. It does not where stat fails in another
// way than that nothing is there. (pkg/kubelet/kubelet_pods.go, makeMounts)
func missingSubpath(err error) bool {
	for _, class := range []error{agent.ErrEscape, syscall.ENOTDIR, syscall.ELOOP} {
		if errors.Is(err, class) {
			return false
		}
	}
	return true
}

// configError is the failed start that an error of package config means.
func configError(err error) error {
	var ce *config.Error
	if errors.As(err, &ce) {
		return &startError{ce.Reason, errors.New(ce.Message)}
	}
	return &startError{reasonConfig, err}
}

// envFileMax bounds the file of a fileKeyRef, as the API does.
const envFileMax = 64 << 10

// readFile reads files of the pod's volumes through the sandbox.
func (s *start) readFile(ctx context.Context) func(volume, path string) ([]byte, error) {
	return func(volume, path string) ([]byte, error) {
		dir := config.Subpath{Volume: volume}.Dir()
		found, err := s.tunnel.ResolveSubpath(ctx, dir, path, false)
		if err != nil {
			return nil, err
		}
		return s.tunnel.ReadFile(ctx, dir+"/"+found.Path, envFileMax+1, false)
	}
}

// makeMessageFile makes the termination message file of an instance for which
// the sandbox did not make one when it started.
func (s *start) makeMessageFile(ctx context.Context) error {
	files := config.MessageFilesNeeded(s.c.spec, s.c.kind, s.attempt)
	if len(files) == 0 {
		return nil
	}
	if err := s.tunnel.MakeFiles(ctx, files...); err != nil {
		if unsettled(err) {
			return err
		}
		return &startError{reasonCreate, fmt.Errorf("make termination message file: %w", err)}
	}
	return nil
}
