package wire

import (
	"sync"
	"time"
)

// SetDeadline sets both deadlines; the zero time takes them away. What a
// deadline ends fails with os.ErrDeadlineExceeded.
func (st *Stream) SetDeadline(t time.Time) error {
	st.SetReadDeadline(t)
	return st.SetWriteDeadline(t)
}

// SetReadDeadline bounds Read.
func (st *Stream) SetReadDeadline(t time.Time) error {
	return st.setDeadline(&st.readBy, t, &st.readable)
}

// SetWriteDeadline bounds the wait for the other side's window.
func (st *Stream) SetWriteDeadline(t time.Time) error {
	return st.setDeadline(&st.writeBy, t, &st.writable)
}

func (st *Stream) setDeadline(d *deadline, t time.Time, wake *sync.Cond) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err != nil {
		return st.err
	}
	d.stop()
	d.at = t
	if !t.IsZero() {
		d.timer = time.AfterFunc(time.Until(t), func() {
			st.mu.Lock()
			wake.Broadcast()
			st.mu.Unlock()
		})
	}
	wake.Broadcast()
	return nil
}

// deadline is a point in time, with a timer that wakes those who wait.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}
