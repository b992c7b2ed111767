package node

import (
	"io/fs"
	"os"

	"github.com/podsim/podsim/simulator/internal/config"
)

// prepareHostPath makes sure that a hostPath of this machine is what its type
// says, making what the type wants made. The error is the text that
// FailedMount carries.
func prepareHostPath(h config.HostPath) error {
	found, err := os.Stat(h.Path)
	if err != nil {
		found = nil
	}
	create, err := h.Check(found)
	switch {
	case err != nil || create == 0:
		return err
	case create.IsDir():
		return os.MkdirAll(h.Path, create.Perm())
	}
	return makeFile(h.Path, create)
}

// makeFile makes an empty file; its directory must exist, as on a node.
func makeFile(path string, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, mode)
	if err != nil {
		return err
	}
	return f.Close()
}
