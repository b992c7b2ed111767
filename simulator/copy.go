package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// CopyOptions of CopyFrom and CopyTo.
type CopyOptions struct {
	// Container "" is that of ChooseContainer.
	Container string
	// NoPreserve leaves owners and modes to the receiver.
	NoPreserve bool
	// Warn hears of what was left out (links, names that lead outside).
	Warn func(line string)
}

func (o CopyOptions) warnf(format string, args ...any) {
	if o.Warn != nil {
		o.Warn(fmt.Sprintf(format, args...))
	}
}

// TarError is what the tar of a container complained of, and its exit code.
type TarError struct {
	Text string
	Code int
}

func (e *TarError) Error() string { return fmt.Sprintf("%s (exit code %d)", e.Text, e.Code) }

// errNoPath is kubectl's refusal of an empty path.
var errNoPath = errors.New("filepath can not be empty")

// CopyFrom copies a file or directory of a running container to this machine,
// as kubectl cp POD:remote local. No name in the archive can lead out of local,
// and links are left out, as kubectl leaves them out. Unlike kubectl's, a file
// copied to a directory that exists goes into it.
func (s *Simulator) CopyFrom(ctx context.Context, ns, name, remote, local string, o CopyOptions) error {
	if remote == "" || local == "" {
		return errNoPath
	}
	archive, err := s.ReadArchive(ctx, ns, name, o.Container, remote)
	if err != nil {
		return err
	}
	defer archive.Close()
	return unpack(archive, local, o)
}

// ReadArchive gives a path of a running container as an uncompressed tar whose
// names begin with the path's last part; the caller closes it and trusts
// nothing in it.
func (s *Simulator) ReadArchive(ctx context.Context, ns, name, container, remote string) (io.ReadCloser, error) {
	pod, err := s.Pod(ctx, ns, name)
	if err != nil {
		return nil, err
	}
	choice, c, err := s.copied(ctx, pod, container)
	if err != nil {
		return nil, err
	}
	archive, err := s.engine.CopyFrom(ctx, c.ID, absolute(s.workingDir(ctx, pod, choice.Name, c), remote))
	if errors.Is(err, runtime.ErrNotFound) {
		return nil, &TarError{Text: fmt.Sprintf("tar: %s: No such file or directory", remote), Code: 1}
	}
	return archive, err
}

// copied is the running container that is copied from or to.
func (s *Simulator) copied(ctx context.Context, pod *v1.Pod, container string) (Choice, runtime.Container, error) {
	if err := completed(pod, "exec into"); err != nil {
		return Choice{}, runtime.Container{}, err
	}
	choice, err := ChooseContainer(pod, container)
	if err != nil {
		return Choice{}, runtime.Container{}, err
	}
	c, err := s.running(ctx, pod, choice.Name)
	return choice, c, err
}

// workingDir is the directory that relative paths begin at.
func (s *Simulator) workingDir(ctx context.Context, pod *v1.Pod, container string, c runtime.Container) string {
	if spec := findContainer(pod, container); spec != nil && spec.WorkingDir != "" {
		return spec.WorkingDir
	}
	if img, err := s.engine.Image(ctx, c.ImageID); err == nil && img.WorkingDir != "" {
		return img.WorkingDir
	}
	return "/"
}

func absolute(dir, p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join("/", dir, p)
}

// CopyTo copies a file or directory of this machine into a running container,
// as kubectl cp local POD:remote. It is unpacked by a tar inside the
// container, as kubectl's: the engine's own way in would race with the
// container's processes.
func (s *Simulator) CopyTo(ctx context.Context, ns, name, local, remote string, o CopyOptions) error {
	if remote == "" || local == "" {
		return errNoPath
	}
	if _, err := os.Stat(local); err != nil {
		return fmt.Errorf("%s doesn't exist in local filesystem", local)
	}
	if strings.HasSuffix(remote, "/") || s.isDirectory(ctx, ns, name, remote, o) {
		remote = path.Join(remote, filepath.Base(filepath.Clean(local)))
	}
	pack, to := io.Pipe()
	packed := make(chan error, 1)
	go func() {
		err := packTree(to, local, path.Base(remote), o)
		_ = to.CloseWithError(err)
		packed <- err
	}()
	cmd := []string{"tar", "-xmf", "-"}
	if o.NoPreserve {
		cmd = []string{"tar", "--no-same-permissions", "--no-same-owner", "-xmf", "-"}
	}
	cmd = append(cmd, "-C", path.Dir(remote))
	var complaint bytes.Buffer
	code, err := s.Exec(ctx, ns, name, ExecOptions{
		Container: o.Container, Command: cmd, Stdin: pack, Stderr: &complaint, Stdout: &complaint,
	})
	_ = pack.CloseWithError(io.ErrClosedPipe)
	packErr := <-packed
	switch {
	case err != nil && strings.Contains(err.Error(), "executable file not found"):
		return errors.New("copy into container: its image has no tar, which does the unpacking")
	case err != nil:
		return err
	case code != 0:
		return &TarError{Text: strings.TrimSpace(complaint.String()), Code: code}
	case packErr != nil && !errors.Is(packErr, io.ErrClosedPipe):
		return packErr
	}
	return nil
}

// isDirectory asks the container; when it cannot say, the path is taken as it
// is given.
func (s *Simulator) isDirectory(ctx context.Context, ns, name, remote string, o CopyOptions) bool {
	code, err := s.Exec(ctx, ns, name, ExecOptions{Container: o.Container, Command: []string{"test", "-d", remote}})
	return err == nil && code == 0
}
