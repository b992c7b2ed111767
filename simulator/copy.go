package simulator

import (
	"context"
	"io"
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

// CopyFrom copies a file or directory of a running container to this machine,
// as kubectl cp POD:remote local. No name in the archive can lead out of local,
// and links are left out, as kubectl leaves them out.
func (s *Simulator) CopyFrom(ctx context.Context, ns, name, remote, local string, o CopyOptions) error {
	return errTODO
}

// CopyTo copies a file or directory of this machine into a running container,
// as kubectl cp local POD:remote. It is unpacked by a tar inside the
// container, as kubectl's.
func (s *Simulator) CopyTo(ctx context.Context, ns, name, local, remote string, o CopyOptions) error {
	return errTODO
}

// ReadArchive gives a path of a container as an uncompressed tar; the caller
// closes it and trusts nothing in it.
func (s *Simulator) ReadArchive(ctx context.Context, ns, name, container, path string) (io.ReadCloser, error) {
	return nil, errTODO
}
