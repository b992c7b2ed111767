//go:build linux

package main

import (
	"github.com/podsim/podsim/runtime/agent/wire"
)

func swap(s wire.Swap, st *wire.Stream) (wire.SwapResult, error) {
	return wire.SwapResult{}, &wire.Error{Text: "not yet"}
}
