package wire

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// pair connects two sessions; the second serves streams with accept.
func pair(t testing.TB, accept func(*Stream)) *Session {
	t.Helper()
	a, b := net.Pipe()
	server := NewSession(b, b, accept)
	client := NewSession(a, a, nil)
	t.Cleanup(func() {
		client.Close()
		server.Wait()
		client.Wait()
	})
	return client
}

func open(t testing.TB, s *Session) *Stream {
	t.Helper()
	st, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func echo(st *Stream) { io.Copy(st, st) }

func TestManyStreamsCarryTheirOwnBytes(t *testing.T) {
	t.Parallel()
	s := pair(t, echo)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			data := make([]byte, 300_000+i)
			rand.Read(data)
			st := open(t, s)
			defer st.Close()
			go func() {
				st.Write(data)
				st.CloseWrite()
			}()
			got, err := io.ReadAll(st)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("stream %d: %d of %d bytes, %v", i, len(got), len(data), err)
			}
		})
	}
	wg.Wait()
}

func TestAStreamNobodyReadsBlocksNoOther(t *testing.T) {
	t.Parallel()
	s := pair(t, func(st *Stream) {
		b := make([]byte, 1)
		io.ReadFull(st, b)
		if b[0] == 'e' {
			echo(st)
			return
		}
		io.Copy(st, endless{})
	})
	deaf := open(t, s)
	deaf.Write([]byte("x"))
	st := open(t, s)
	st.Write([]byte("ehello"))
	st.CloseWrite()
	if got, err := io.ReadAll(st); string(got) != "hello" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	deaf.Close()
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestASenderIsAtMostAWindowAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		s := pair(t, func(st *Stream) {
			for {
				n, err := st.Write(make([]byte, 1000))
				sent += n
				if err != nil {
					return
				}
			}
		})
		st := open(t, s)
		synctest.Wait()
		if sent > streamWindow || sent < streamWindow-1000 {
			t.Errorf("sent %d", sent)
		}
		io.CopyN(io.Discard, st, streamWindow)
		synctest.Wait()
		if sent < streamWindow*3/2 {
			t.Errorf("sent %d after a window was read", sent)
		}
		st.Close()
	})
}

func TestWhatWasWrittenBeforeCloseArrives(t *testing.T) {
	t.Parallel()
	got := make(chan []byte, 1)
	s := pair(t, func(st *Stream) {
		b, _ := io.ReadAll(st)
		got <- b
	})
	st := open(t, s)
	st.Write([]byte("last words"))
	st.Close()
	if b := <-got; string(b) != "last words" {
		t.Errorf("got %q", b)
	}
}

func TestWritingToAClosedStreamFails(t *testing.T) {
	t.Parallel()
	s := pair(t, func(st *Stream) { st.Abort(104) })
	st := open(t, s)
	_, err := io.ReadAll(st)
	if !errors.Is(err, AbortError(104)) {
		t.Errorf("read: %v", err)
	}
	if _, err := st.Write([]byte("x")); err != io.ErrClosedPipe {
		t.Errorf("write: %v", err)
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		s := pair(t, func(st *Stream) { <-stop })
		st := open(t, s)
		start := time.Now()
		st.SetReadDeadline(start.Add(time.Second))
		if _, err := st.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
		if d := time.Since(start); d != time.Second {
			t.Errorf("read ended after %v", d)
		}
		st.SetDeadline(time.Now().Add(time.Second))
		if _, err := st.Write(make([]byte, 2*streamWindow)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write: %v", err)
		}
		close(stop)
		st.Close()
	})
}

func TestALostConnectionEndsEveryStream(t *testing.T) {
	t.Parallel()
	a, b := net.Pipe()
	s := NewSession(a, a, nil)
	go io.Copy(io.Discard, b)
	st := open(t, s)
	b.Close()
	if _, err := st.Read(make([]byte, 1)); !errors.Is(err, ErrLost) {
		t.Errorf("read: %v", err)
	}
	if _, err := s.Open(); !errors.Is(err, ErrLost) {
		t.Errorf("open: %v", err)
	}
	s.Wait()
}

func TestNonsenseEndsTheSession(t *testing.T) {
	t.Parallel()
	for name, bytes := range map[string][]byte{
		"an unknown kind":                {99, 0, 0, 0, 1, 0, 0, 0, 0},
		"too long a payload":             {byte(frameData), 0, 0, 0, 1, 255, 0, 0, 0},
		"a stream from the serving side": {byte(frameOpen), 0, 0, 0, 1, 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := net.Pipe()
			s := NewSession(a, a, nil)
			go io.Copy(io.Discard, b)
			st := open(t, s)
			b.Write(bytes)
			<-s.Done()
			if _, err := st.Read(make([]byte, 1)); err == nil {
				t.Error("stream lives")
			}
		})
	}
}

func TestDatagramsKeepTheirBounds(t *testing.T) {
	t.Parallel()
	s := pair(t, echo)
	st := open(t, s)
	defer st.Close()
	for _, msg := range []string{"one", "", "three"} {
		if err := WriteDatagram(st, []byte(msg)); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 4)
	for _, want := range []string{"one", "", "thre"} {
		n, err := ReadDatagram(st, buf)
		if err != nil || string(buf[:n]) != want {
			t.Errorf("got %q, %v; want %q", buf[:n], err, want)
		}
	}
}

func FuzzSessionSurvivesAnyBytes(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 'x'})
	f.Fuzz(func(t *testing.T, data []byte) {
		s := NewSession(bytes.NewReader(data), nopCloser{io.Discard}, echo)
		s.Wait()
	})
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func BenchmarkStream(b *testing.B) {
	s := pair(b, func(st *Stream) { io.Copy(io.Discard, st) })
	st := open(b, s)
	defer st.Close()
	data := make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		st.Write(data)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
