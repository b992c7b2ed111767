package agent

import (
	"bufio"
	"context"
	"fmt"
	"io"

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
	err = c.call(ctx, wire.OpSwap, p.request(), &res, func(st *wire.Stream) error { return p.writeFiles(st) })
	if err != nil {
		return false, fmt.Errorf("swap payload of volume %q: %w", p.Volume, classify(err))
	}
	return res.Changed, nil
}

// WritePayloads writes payloads as process 1 of a sandbox reads them from its
// standard input (see wire.Setup).
func WritePayloads(w io.Writer, payloads []Payload) error {
	buf := bufio.NewWriterSize(w, 64<<10)
	for _, p := range payloads {
		if err := wire.WriteMessage(buf, p.request()); err != nil {
			return err
		}
		if err := p.writeFiles(buf); err != nil {
			return err
		}
	}
	if err := wire.WriteMessage(buf, wire.Swap{}); err != nil {
		return err
	}
	return buf.Flush()
}

func (p *Payload) request() wire.Swap {
	return wire.Swap{Volume: p.Volume, UID: p.UID, GID: p.GID, DirMode: p.DirMode}
}

func (p *Payload) writeFiles(w io.Writer) error {
	for _, f := range p.Files {
		head := wire.SwapFile{Name: f.Name, Mode: f.Mode, UID: f.UID, GID: f.GID, Size: int64(len(f.Data))}
		if err := wire.WriteMessage(w, head); err != nil {
			return err
		}
		if _, err := w.Write(f.Data); err != nil {
			return err
		}
	}
	return wire.WriteMessage(w, wire.SwapFile{})
}
