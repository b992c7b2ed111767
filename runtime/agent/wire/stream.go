package wire

import (
	"io"
	"os"
	"strconv"
	"sync"
)

// Stream is one connection inside a session. It has the methods of a net.Conn
// but for the addresses, and may be used by many goroutines.
type Stream struct {
	id uint32
	s  *Session

	mu       sync.Mutex
	readable sync.Cond
	writable sync.Cond
	queue    [][]byte // received and not read yet
	queued   int      // bytes in queue
	taken    int      // bytes read and not granted again
	window   int      // bytes that may be sent
	eof      bool     // the other side writes no more
	deaf     bool     // the other side reads no more
	reason   uint32   // why the other side closed, an errno of Linux
	finished bool     // this side writes no more
	err      error    // closed here, or the session has ended

	readBy, writeBy deadline
}

func newStream(s *Session, id uint32) *Stream {
	st := &Stream{id: id, s: s, window: streamWindow}
	st.readable.L = &st.mu
	st.writable.L = &st.mu
	return st
}

// Read returns io.EOF after the last byte the other side wrote.
func (st *Stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	st.mu.Lock()
	if err := st.awaitData(); err != nil {
		st.mu.Unlock()
		return 0, err
	}
	n := copy(p, st.queue[0])
	if n == len(st.queue[0]) {
		st.s.bufs.put(st.pop())
	} else {
		st.queue[0] = st.queue[0][n:]
		st.queued -= n
	}
	grant := st.take(n)
	st.mu.Unlock()
	return n, st.sendGrant(grant)
}

// WriteTo copies what arrives to w until the other side finished.
func (st *Stream) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		st.mu.Lock()
		if err := st.awaitData(); err != nil {
			st.mu.Unlock()
			if err == io.EOF {
				err = nil
			}
			return total, err
		}
		chunk := st.pop()
		st.mu.Unlock()

		n, err := w.Write(chunk)
		total += int64(n)
		if err != nil {
			return total, err
		}
		st.s.bufs.put(chunk)
		st.mu.Lock()
		grant := st.take(n)
		st.mu.Unlock()
		if err := st.sendGrant(grant); err != nil {
			return total, err
		}
	}
}

// Write blocks while the other side is a window behind. Writing to a stream
// that the other side closed is io.ErrClosedPipe.
func (st *Stream) Write(p []byte) (int, error) {
	b := st.s.bufs.get()
	defer st.s.bufs.put(b)
	total := 0
	for len(p) > 0 {
		n, err := st.reserve(min(len(p), maxPayload))
		if err != nil {
			return total, err
		}
		copy(b[headerSize:], p[:n])
		if err := st.s.sendBuffer(st.id, b[:headerSize+n]); err != nil {
			return total, err
		}
		total += n
		p = p[n:]
	}
	return total, nil
}

// ReadFrom copies r into the stream until r ends.
func (st *Stream) ReadFrom(r io.Reader) (int64, error) {
	b := st.s.bufs.get()
	defer st.s.bufs.put(b)
	var total int64
	for {
		room, err := st.reserve(maxPayload)
		if err != nil {
			return total, err
		}
		n, rerr := r.Read(b[headerSize : headerSize+room])
		if n < room {
			st.grant(room - n)
		}
		if n > 0 {
			if err := st.s.sendBuffer(st.id, b[:headerSize+n]); err != nil {
				return total, err
			}
			total += int64(n)
		}
		if rerr == io.EOF {
			return total, nil
		}
		if rerr != nil {
			return total, rerr
		}
	}
}

// CloseWrite says that nothing more will be written; reading goes on.
func (st *Stream) CloseWrite() error {
	st.mu.Lock()
	if st.err != nil || st.finished {
		defer st.mu.Unlock()
		return st.err
	}
	st.finished = true
	st.writable.Broadcast()
	st.mu.Unlock()
	return st.s.send(frame{kind: frameFinish, stream: st.id})
}

// Close ends the stream. What was written before still arrives.
func (st *Stream) Close() error { return st.Abort(0) }

// OtherClosed says that the other side called Close.
func (st *Stream) OtherClosed() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.deaf
}

// Abort is Close with a reason, an errno of Linux, that the other side's Read
// returns as an AbortError instead of io.EOF.
func (st *Stream) Abort(errno uint32) error {
	st.mu.Lock()
	if st.err != nil {
		st.mu.Unlock()
		return nil
	}
	st.failLocked(ErrClosed)
	st.mu.Unlock()
	st.s.forget(st.id)
	st.s.send(frame{kind: frameClose, stream: st.id, value: errno})
	return nil
}

// awaitData blocks until the queue holds data, with the lock held.
func (st *Stream) awaitData() error {
	for {
		switch {
		case st.err == ErrClosed:
			return st.err
		case st.readBy.passed():
			return os.ErrDeadlineExceeded
		case len(st.queue) > 0:
			return nil
		case st.eof && st.reason != 0:
			return AbortError(st.reason)
		case st.eof:
			return io.EOF
		case st.err != nil:
			return st.err
		}
		st.readable.Wait()
	}
}

// reserve takes 1 to n bytes of the send window.
func (st *Stream) reserve(n int) (int, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for {
		switch {
		case st.err != nil:
			return 0, st.err
		case st.finished, st.deaf:
			return 0, io.ErrClosedPipe
		case st.writeBy.passed():
			return 0, os.ErrDeadlineExceeded
		case st.window > 0:
			n = min(n, st.window)
			st.window -= n
			return n, nil
		}
		st.writable.Wait()
	}
}

func (st *Stream) pop() []byte {
	chunk := st.queue[0]
	st.queue[0] = nil
	st.queue = st.queue[1:]
	st.queued -= len(chunk)
	return chunk
}

// take counts n bytes as read, and returns how many to grant now.
func (st *Stream) take(n int) uint32 {
	st.taken += n
	if st.taken < streamWindow/2 || st.eof {
		return 0
	}
	grant := st.taken
	st.taken = 0
	return uint32(grant)
}

func (st *Stream) sendGrant(n uint32) error {
	if n == 0 {
		return nil
	}
	// A failure shows at the next call: what was read is still good.
	st.s.send(frame{kind: frameWindow, stream: st.id, value: n})
	return nil
}

// The rest is called by the session.

func (st *Stream) grant(n int) {
	st.mu.Lock()
	st.window += n
	st.writable.Broadcast()
	st.mu.Unlock()
}

// push takes over chunk.
func (st *Stream) push(chunk []byte) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err != nil {
		return nil
	}
	if st.queued+st.taken+len(chunk) > streamWindow {
		return errProtocol
	}
	st.queue = append(st.queue, chunk)
	st.queued += len(chunk)
	st.readable.Signal()
	return nil
}

// pushCopy appends to the last chunk if there is room, so that a thousand
// short writes do not become a thousand chunks.
func (st *Stream) pushCopy(p []byte) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err != nil || len(p) == 0 {
		return nil
	}
	if st.queued+st.taken+len(p) > streamWindow {
		return errProtocol
	}
	st.queued += len(p)
	if last := len(st.queue) - 1; last >= 0 && cap(st.queue[last])-len(st.queue[last]) >= len(p) {
		st.queue[last] = append(st.queue[last], p...)
	} else {
		room := len(p)
		if last >= 0 {
			room = smallPayload
		}
		st.queue = append(st.queue, append(make([]byte, 0, room), p...))
	}
	st.readable.Signal()
	return nil
}

func (st *Stream) otherFinished(closed bool, reason uint32) {
	st.mu.Lock()
	st.eof = true
	st.deaf = st.deaf || closed
	st.reason = max(st.reason, reason)
	st.readable.Broadcast()
	st.writable.Broadcast()
	st.mu.Unlock()
}

func (st *Stream) fail(err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err == nil {
		st.failLocked(err)
	}
}

func (st *Stream) failLocked(err error) {
	st.err = err
	if err == ErrClosed {
		for _, chunk := range st.queue {
			st.s.bufs.put(chunk)
		}
		st.queue = nil
	}
	st.readBy.stop()
	st.writeBy.stop()
	st.readable.Broadcast()
	st.writable.Broadcast()
}

// AbortError is the errno (of Linux, whatever this machine is) with which the
// other side gave a stream up.
type AbortError uint32

func (e AbortError) Error() string { return "tunnel: aborted, errno " + strconv.Itoa(int(e)) }
