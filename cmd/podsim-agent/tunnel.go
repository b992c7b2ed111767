//go:build linux

package main

import (
	"encoding/json"
	"os"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// pipeSize for the standard streams: fewer turns a megabyte. Best effort.
const pipeSize = 1 << 20

// tunnel serves streams until its input ends.
func tunnel(in, out *os.File) {
	unix.Umask(0)
	unix.FcntlInt(in.Fd(), unix.F_SETPIPE_SZ, pipeSize)
	unix.FcntlInt(out.Fd(), unix.F_SETPIPE_SZ, pipeSize)
	if _, err := out.WriteString(wire.Greeting); err != nil {
		fail(err)
	}
	wire.NewSession(in, out, serve).Wait()
}

// serve answers one request.
func serve(st *wire.Stream) {
	var req wire.Request
	if err := wire.ReadMessage(st, &req); err != nil {
		return
	}
	switch req.Op {
	case wire.OpDial:
		answerDial(st, req.Body)
	case wire.OpSwap:
		answer(st, req.Body, func(s wire.Swap) (wire.SwapResult, error) { return swap(s, st) })
	case wire.OpListeners:
		answer(st, nil, func(struct{}) ([]wire.Listener, error) { return listeners() })
	case wire.OpSubpath:
		answer(st, req.Body, resolveSubpath)
	case wire.OpMeasure:
		answer(st, req.Body, func(p wire.Path) (wire.Usage, error) { return measure(p.Path) })
	case wire.OpStat:
		answer(st, req.Body, func(p wire.Paths) ([]wire.FileStat, error) { return statPaths(p.Paths), nil })
	case wire.OpReadFile:
		answer(st, req.Body, readPart)
	case wire.OpMakeFiles:
		answer(st, req.Body, func(f []wire.File) (struct{}, error) { return struct{}{}, makeFiles(f) })
	default:
		reply(st, nil, &wire.Error{Text: "unknown operation " + string(req.Op)})
	}
}

// answer decodes a request, does it and replies.
func answer[Q, A any](st *wire.Stream, body []byte, do func(Q) (A, error)) {
	var q Q
	if len(body) > 0 {
		if err := json.Unmarshal(body, &q); err != nil {
			reply(st, nil, err)
			return
		}
	}
	a, err := do(q)
	reply(st, a, err)
}

func reply(st *wire.Stream, body any, err error) error {
	var r wire.Reply
	if err == nil {
		r.Body, err = json.Marshal(body)
	}
	if err != nil {
		r = wire.Reply{Error: toWire(err)}
	}
	return wire.WriteMessage(st, r)
}
