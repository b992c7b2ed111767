package agent

import (
	"context"
	"fmt"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// MakeFiles makes empty files in the sandbox's volumes, as wire.Setup's Files.
func (c *Client) MakeFiles(ctx context.Context, files ...wire.File) error {
	return c.call(ctx, wire.OpMakeFiles, files, nil, nil)
}

// ResolveSubpath finds where path below a volume's mount point really is: a
// link-free path relative to the volume. A path that leads out of the volume
// is ErrEscape. With create, what is missing is made as directories with the
// mode of the volume's root.
func (c *Client) ResolveSubpath(ctx context.Context, volume, path string, create bool) (wire.SubpathResult, error) {
	var res wire.SubpathResult
	err := c.call(ctx, wire.OpSubpath, wire.Subpath{Volume: volume, Path: path, Create: create}, &res, nil)
	if err != nil {
		return res, fmt.Errorf("resolve %q in volume %q: %w", path, volume, classify(err))
	}
	return res, nil
}

// Measure adds up what a directory takes on disk.
func (c *Client) Measure(ctx context.Context, path string) (wire.Usage, error) {
	var u wire.Usage
	err := c.call(ctx, wire.OpMeasure, wire.Path{Path: path}, &u, nil)
	return u, classify(err)
}

// Stat looks at paths in the sandbox, each for itself: the error of one is in
// its result. Links are not followed.
func (c *Client) Stat(ctx context.Context, paths ...string) ([]wire.FileStat, error) {
	var out []wire.FileStat
	err := c.call(ctx, wire.OpStat, wire.Paths{Paths: paths}, &out, nil)
	return out, classify(err)
}

// ReadFile reads at most limit bytes of a regular file, the first or the last
// ones. A missing file is fs.ErrNotExist.
func (c *Client) ReadFile(ctx context.Context, path string, limit int64, tail bool) ([]byte, error) {
	var out wire.FileContent
	err := c.call(ctx, wire.OpReadFile, wire.ReadFile{Path: path, Limit: limit, Tail: tail}, &out, nil)
	return out.Data, classify(err)
}

// Listeners are the sockets of the pod's network that wait for peers.
func (c *Client) Listeners(ctx context.Context) ([]wire.Listener, error) {
	var out []wire.Listener
	err := c.call(ctx, wire.OpListeners, nil, &out, nil)
	return out, classify(err)
}
