//go:build linux

package main

import (
	"bufio"
	"io"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// fill writes the payloads that come in. An input that ends between two of them
// ends before its time because whoever wrote it died; the next owner of the pod
// swaps in what is missing.
func fill(in io.Reader) wire.Filled {
	r := bufio.NewReaderSize(in, 64<<10)
	for {
		var s wire.Swap
		err := wire.ReadMessage(r, &s)
		if err == io.EOF || err == nil && s.Volume == "" {
			return wire.Filled{}
		}
		if err == nil {
			_, err = swap(s, r)
		}
		if err != nil {
			return wire.Filled{Error: err.Error()}
		}
	}
}
