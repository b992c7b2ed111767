package wire

import (
	"bufio"
	"errors"
	"io"
	"sync"
)

// ErrClosed is the error of a stream or session that this side closed.
var ErrClosed = errors.New("tunnel: closed")

// ErrLost is the error of every stream when the connection below ended.
var ErrLost = errors.New("tunnel: connection lost")

// Session carries many streams over one connection. Its methods may be called
// from many goroutines.
type Session struct {
	accept func(*Stream)
	bufs   buffers

	wmu   sync.Mutex // held while a frame is written
	w     io.WriteCloser
	small [headerSize]byte

	mu      sync.Mutex
	streams map[uint32]*Stream
	next    uint32
	err     error
	done    chan struct{}
	serving sync.WaitGroup
}

// NewSession runs a session over r and w. The side that serves streams gives
// accept, which is called in a goroutine of its own for each stream the other
// side opens, and owns the stream. The session ends when r does or Close is
// called; w is closed then, r is not.
func NewSession(r io.Reader, w io.WriteCloser, accept func(*Stream)) *Session {
	s := &Session{
		accept:  accept,
		w:       w,
		streams: map[uint32]*Stream{},
		done:    make(chan struct{}),
	}
	go s.receive(bufio.NewReaderSize(r, maxPayload))
	return s
}

// Open begins a stream.
func (s *Session) Open() (*Stream, error) {
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return nil, s.err
	}
	s.next++
	st := newStream(s, s.next)
	s.streams[st.id] = st
	s.mu.Unlock()
	if err := s.send(frame{kind: frameOpen, stream: st.id}); err != nil {
		return nil, err
	}
	return st, nil
}

// Done is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.done }

// Close ends the session and every stream.
func (s *Session) Close() error {
	s.end(ErrClosed)
	return nil
}

// Wait blocks until the session has ended and every accepted stream's
// goroutine has returned.
func (s *Session) Wait() {
	<-s.done
	s.serving.Wait()
}

func (s *Session) end(err error) {
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return
	}
	s.err = err
	streams := s.streams
	s.streams = map[uint32]*Stream{}
	close(s.done)
	s.mu.Unlock()
	for _, st := range streams {
		st.fail(err)
	}
	s.w.Close()
}

func (s *Session) forget(id uint32) {
	s.mu.Lock()
	delete(s.streams, id)
	s.mu.Unlock()
}

func (s *Session) stream(id uint32) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams[id]
}

// send writes a frame without payload.
func (s *Session) send(f frame) error {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	f.put(s.small[:])
	return s.write(s.small[:])
}

// sendBuffer writes a data frame whose payload already stands in b behind the
// room for the header, in one write.
func (s *Session) sendBuffer(id uint32, b []byte) error {
	frame{kind: frameData, stream: id, value: uint32(len(b) - headerSize)}.put(b)
	s.wmu.Lock()
	defer s.wmu.Unlock()
	return s.write(b)
}

func (s *Session) write(b []byte) error {
	select {
	case <-s.done:
		return s.cause()
	default:
	}
	if _, err := s.w.Write(b); err != nil {
		s.end(ErrLost)
		return s.cause()
	}
	return nil
}

func (s *Session) cause() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// receive hands out frames until the connection ends. It never writes: two
// sides that both waited for the other to read would stop for ever.
func (s *Session) receive(r io.Reader) {
	header := make([]byte, headerSize)
	small := make([]byte, smallPayload)
	for {
		f, err := readFrame(r, header)
		if err == nil {
			err = s.handle(f, r, small)
		}
		if err != nil {
			if !errors.Is(err, errProtocol) {
				err = ErrLost
			}
			s.end(err)
			return
		}
	}
}

func (s *Session) handle(f frame, r io.Reader, small []byte) error {
	switch f.kind {
	case frameOpen:
		return s.accepted(f.stream)
	case frameData:
		return s.data(f, r, small)
	}
	st := s.stream(f.stream)
	if st == nil {
		return nil // closed on this side, the other does not know yet
	}
	switch f.kind {
	case frameWindow:
		st.grant(int(f.value))
	case frameFinish:
		st.otherFinished(false, 0)
	case frameClose:
		st.otherFinished(true, f.value)
	default:
		return errProtocol
	}
	return nil
}

func (s *Session) accepted(id uint32) error {
	if s.accept == nil {
		return errProtocol
	}
	s.mu.Lock()
	if s.streams[id] != nil || s.err != nil {
		s.mu.Unlock()
		return errProtocol
	}
	st := newStream(s, id)
	s.streams[id] = st
	s.serving.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.serving.Done()
		defer st.Close()
		s.accept(st)
	}()
	return nil
}

func (s *Session) data(f frame, r io.Reader, small []byte) error {
	st := s.stream(f.stream)
	n := int(f.value)
	if n <= len(small) {
		if _, err := io.ReadFull(r, small[:n]); err != nil {
			return err
		}
		if st != nil {
			return st.pushCopy(small[:n])
		}
		return nil
	}
	b := s.bufs.get()
	if _, err := io.ReadFull(r, b[:n]); err != nil {
		return err
	}
	if st == nil {
		s.bufs.put(b)
		return nil
	}
	return st.push(b[:n])
}
