package docker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/docker/docker/pkg/stdcopy"
	"pgregory.net/rapid"
)

func frame(stream byte, body string) string {
	var h [headerSize]byte
	h[0] = stream
	binary.BigEndian.PutUint32(h[4:], uint32(len(body)))
	return string(h[:]) + body
}

func TestStreamsAreSplitAsDockerSplitsThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var in strings.Builder
		for range rapid.IntRange(0, 20).Draw(t, "frames") {
			body := rapid.StringN(0, -1, 2000).Draw(t, "body")
			if rapid.IntRange(0, 9).Draw(t, "big") == 0 {
				body = strings.Repeat("x", bufferSize+17)
			}
			in.WriteString(frame(byte(rapid.IntRange(1, 2).Draw(t, "stream")), body))
		}
		var wantOut, wantErr, out, errs bytes.Buffer
		if _, err := stdcopy.StdCopy(&wantOut, &wantErr, strings.NewReader(in.String())); err != nil {
			t.Fatal(err)
		}
		if err := demultiplex(strings.NewReader(in.String()), &out, &errs); err != nil {
			t.Fatal(err)
		}
		if out.String() != wantOut.String() || errs.String() != wantErr.String() {
			t.Fatal("the streams differ")
		}
	})
}

func TestFramesKeepTheirOrderOnOneWriter(t *testing.T) {
	t.Parallel()
	in := frame(1, "a") + frame(2, "b") + frame(1, "c") + frame(1, "d") + frame(2, "e")
	var both bytes.Buffer
	if err := demultiplex(iotest.OneByteReader(strings.NewReader(in)), &both, &both); err != nil {
		t.Fatal(err)
	}
	if both.String() != "abcde" {
		t.Errorf("got %q", both.String())
	}
}

func TestWhatHasComeIsHandedOnBeforeMoreComes(t *testing.T) {
	t.Parallel()
	in, feed := io.Pipe()
	out, to := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- demultiplex(in, to, io.Discard) }()
	for _, text := range []string{"one\n", "two without end"} {
		whole := frame(1, text+" and more")
		part := len(whole) - len(" and more")
		go io.WriteString(feed, whole[:part])
		got := make([]byte, len(text))
		if _, err := io.ReadFull(out, got); err != nil || string(got) != text {
			t.Fatalf("got %q: %v", got, err)
		}
		go io.WriteString(feed, whole[part:])
		if _, err := io.ReadFull(out, make([]byte, len(" and more"))); err != nil {
			t.Fatal(err)
		}
	}
	feed.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestABrokenStreamIsAnError(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"in a header": frame(1, "abc")[:5],
		"in a body":   frame(1, "abc")[:9],
	} {
		var out bytes.Buffer
		if err := demultiplex(strings.NewReader(in), &out, io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var out bytes.Buffer
	err := demultiplex(strings.NewReader(frame(1, "before")+frame(3, "disk full")), &out, io.Discard)
	if err == nil || err.Error() != "disk full" || out.String() != "before" {
		t.Errorf("an error of the engine: %v after %q", err, out.String())
	}
	if err := demultiplex(strings.NewReader(frame(9, "x")), io.Discard, io.Discard); err == nil {
		t.Error("an unknown frame is accepted")
	}
}
