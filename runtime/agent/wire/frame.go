package wire

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"
)

// Greeting is the first thing the agent writes; a program that writes
// something else is no agent.
const Greeting = "podsim-agent tunnel 1\n"

const (
	headerSize = 9
	// maxPayload bounds one frame, and with it how long a stream may hold the
	// connection.
	maxPayload = 64 << 10
	// streamWindow is how far a sender may be ahead of the reader.
	streamWindow = 1 << 20
	// smallPayload is copied together with its neighbours instead of taking a
	// buffer of its own.
	smallPayload = 4 << 10
)

type frameKind uint8

const (
	frameOpen frameKind = iota + 1
	frameData
	frameWindow
	frameFinish
	frameClose
)

var errProtocol = errors.New("tunnel: protocol violated")

type frame struct {
	kind   frameKind
	stream uint32
	// value is the length of the payload, or the bytes of a window.
	value uint32
}

func (f frame) put(b []byte) {
	b[0] = byte(f.kind)
	binary.BigEndian.PutUint32(b[1:], f.stream)
	binary.BigEndian.PutUint32(b[5:], f.value)
}

func readFrame(r io.Reader, b []byte) (frame, error) {
	if _, err := io.ReadFull(r, b[:headerSize]); err != nil {
		return frame{}, err
	}
	f := frame{
		kind:   frameKind(b[0]),
		stream: binary.BigEndian.Uint32(b[1:]),
		value:  binary.BigEndian.Uint32(b[5:]),
	}
	if f.kind == frameData && f.value > maxPayload {
		return frame{}, errProtocol
	}
	return f, nil
}

// buffers hold one frame each: the header, then the payload.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() []byte {
	if v, ok := b.pool.Get().(*[]byte); ok {
		return *v
	}
	return make([]byte, headerSize+maxPayload)
}

func (b *buffers) put(p []byte) {
	if cap(p) < headerSize+maxPayload {
		return
	}
	p = p[:headerSize+maxPayload]
	b.pool.Put(&p)
}
