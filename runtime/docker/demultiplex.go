package docker

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// bufferSize is large, so that a log of short lines costs few reads and
// writes: the engine frames every line by itself.
const bufferSize = 256 << 10

// The streams of a frame's first byte.
const (
	frameStdin  = 0
	frameStdout = 1
	frameStderr = 2
	frameSystem = 3 // an error of the engine's
	headerSize  = 8
)

// demultiplexer splits the engine's frames into two streams. Bytes are handed
// on as soon as the source has no more to offer, and in the order in which
// they came, also when both streams go to one writer.
type demultiplexer struct {
	in   *bufio.Reader
	out  *bufio.Writer // buffers for dest
	dest io.Writer
}

// demultiplex copies until the end of in. The end inside a frame is
// io.ErrUnexpectedEOF.
func demultiplex(in io.Reader, stdout, stderr io.Writer) error {
	d := &demultiplexer{in: bufio.NewReaderSize(in, bufferSize), out: bufio.NewWriterSize(stdout, bufferSize), dest: stdout}
	err := d.copyFrames(stdout, stderr)
	return errors.Join(err, d.out.Flush())
}

func (d *demultiplexer) copyFrames(stdout, stderr io.Writer) error {
	var header [headerSize]byte
	current := byte(frameStdout)
	for {
		if err := d.flushBeforeWait(headerSize); err != nil {
			return err
		}
		if _, err := io.ReadFull(d.in, header[:]); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		size := int64(binary.BigEndian.Uint32(header[4:]))
		stream := header[0]
		switch stream {
		case frameStdin:
			stream = frameStdout
		case frameSystem:
			return d.systemError(size)
		}
		if stream != current {
			if err := d.out.Flush(); err != nil {
				return err
			}
			current = stream
			switch stream {
			case frameStdout:
				d.dest = stdout
			case frameStderr:
				d.dest = stderr
			default:
				return fmt.Errorf("engine's stream has an unknown frame type %d", stream)
			}
			d.out.Reset(d.dest)
		}
		if err := d.copyBody(size); err != nil {
			return err
		}
	}
}

// copyBody hands on size bytes without waiting for all of them.
func (d *demultiplexer) copyBody(size int64) error {
	for size > 0 {
		if err := d.flushBeforeWait(1); err != nil {
			return err
		}
		if _, err := d.in.Peek(1); err != nil {
			if err == io.EOF {
				return io.ErrUnexpectedEOF
			}
			return err
		}
		chunk, err := d.in.Peek(int(min(size, int64(d.in.Buffered()))))
		if err != nil {
			return err
		}
		if _, err := d.out.Write(chunk); err != nil {
			return err
		}
		if _, err := d.in.Discard(len(chunk)); err != nil {
			return err
		}
		size -= int64(len(chunk))
	}
	return nil
}

// flushBeforeWait hands on what is buffered when reading n bytes would wait.
func (d *demultiplexer) flushBeforeWait(n int) error {
	if d.in.Buffered() >= n {
		return nil
	}
	return d.out.Flush()
}

func (d *demultiplexer) systemError(size int64) error {
	text, err := io.ReadAll(io.LimitReader(d.in, min(size, 64<<10)))
	if err != nil {
		return err
	}
	return failure(string(text))
}
