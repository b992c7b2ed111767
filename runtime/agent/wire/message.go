package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
)

// maxMessage bounds a request or a reply.
const maxMessage = 16 << 20

var errTooLong = errors.New("tunnel: message too long")

// WriteMessage writes v as JSON after its length.
func WriteMessage(w io.Writer, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b := make([]byte, 4, 4+len(body))
	binary.BigEndian.PutUint32(b, uint32(len(body)))
	_, err = w.Write(append(b, body...))
	return err
}

// ReadMessage reads what WriteMessage wrote.
func ReadMessage(r io.Reader, v any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxMessage {
		return errTooLong
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

// maxDatagram is the largest payload of a datagram.
const maxDatagram = 1<<16 - 1

// WriteDatagram writes one datagram of a udp stream.
func WriteDatagram(w io.Writer, p []byte) error {
	if len(p) > maxDatagram {
		return errTooLong
	}
	b := make([]byte, 2, 2+len(p))
	binary.BigEndian.PutUint16(b, uint16(len(p)))
	_, err := w.Write(append(b, p...))
	return err
}

// ReadDatagram reads one datagram into p; what does not fit is dropped, as
// with a socket.
func ReadDatagram(r io.Reader, p []byte) (int, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	size := int(binary.BigEndian.Uint16(head[:]))
	n, err := io.ReadFull(r, p[:min(size, len(p))])
	if err != nil {
		return n, err
	}
	_, err = io.CopyN(io.Discard, r, int64(size-n))
	return n, err
}
