package agent

import (
	"context"
	"fmt"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// Payload is what a volume is to hold.
type Payload struct {
	// Volume is the volume's mount point in the sandbox.
	Volume string
	Files  []PayloadFile
	// UID and GID own directories and links; DirMode is 0755 if 0.
	UID, GID int
	DirMode  uint32
}

// PayloadFile is one file by its slash-separated name relative to the volume.
type PayloadFile struct {
	Name     string
	Mode     uint32
	UID, GID int
	Data     []byte
}

// Swap replaces a volume's payload at one instant, as the kubelet's atomic
// writer does. It reports whether anything changed; an equal payload is left
// alone.
func (c *Client) Swap(ctx context.Context, p Payload) (changed bool, err error) {
	var res wire.SwapResult
	req := wire.Swap{Volume: p.Volume, UID: p.UID, GID: p.GID, DirMode: p.DirMode}
	err = c.call(ctx, wire.OpSwap, req, &res, func(st *wire.Stream) error {
		for _, f := range p.Files {
			head := wire.SwapFile{Name: f.Name, Mode: f.Mode, UID: f.UID, GID: f.GID, Size: int64(len(f.Data))}
			if err := wire.WriteMessage(st, head); err != nil {
				return err
			}
			if _, err := st.Write(f.Data); err != nil {
				return err
			}
		}
		return wire.WriteMessage(st, wire.SwapFile{})
	})
	if err != nil {
		return false, fmt.Errorf("swap payload of volume %q: %w", p.Volume, classify(err))
	}
	return res.Changed, nil
}
