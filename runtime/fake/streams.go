package fake

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/podsim/podsim/runtime"
)

// Logs writes what the container wrote, line by line if times are wanted.
func (e *Engine) Logs(ctx context.Context, id runtime.ContainerID, o runtime.LogOptions, stdout, stderr io.Writer) error {
	var log *logFile
	err := e.call(ctx, "logs", string(id), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		c, err := e.lookup(id)
		if err == nil {
			log = c.log
		}
		return err
	})
	if err != nil {
		return err
	}
	return copyLog(ctx, log, o, stdout, stderr, e.processOf(id) != nil)
}

func copyLog(ctx context.Context, log *logFile, o runtime.LogOptions, stdout, stderr io.Writer, running bool) error {
	at := 0
	if o.Tail >= 0 {
		all, _, _ := log.from(0)
		at = max(0, len(all)-o.Tail)
	}
	for {
		chunks, closed, more := log.from(at)
		for _, c := range chunks {
			if c.at.Before(o.Since) {
				continue
			}
			if err := writeChunk(c, o.Timestamps, stdout, stderr); err != nil {
				return err
			}
		}
		at += len(chunks)
		if !o.Follow || closed || !running {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func writeChunk(c chunk, times bool, stdout, stderr io.Writer) error {
	w := stdout
	if c.stderr {
		w = stderr
	}
	if times {
		if _, err := fmt.Fprint(w, c.at.UTC().Format(time.RFC3339Nano), " "); err != nil {
			return err
		}
	}
	_, err := w.Write(c.data)
	return err
}

// stream is a Process in memory.
type stream struct {
	in       *io.PipeWriter
	out, err io.Reader
	done     chan struct{}
	code     int
	stop     func()
}

func (s *stream) Stdin() io.WriteCloser {
	if s.in == nil {
		return nil
	}
	return s.in
}
func (s *stream) Stdout() io.Reader                            { return s.out }
func (s *stream) Stderr() io.Reader                            { return s.err }
func (s *stream) Resize(context.Context, uint16, uint16) error { return nil }

func (s *stream) Wait(ctx context.Context) (int, error) {
	select {
	case <-s.done:
		return s.code, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (s *stream) Close() error {
	s.stop()
	return nil
}

// Exec runs a program beside the container's own.
func (e *Engine) Exec(ctx context.Context, id runtime.ContainerID, o runtime.ExecOptions) (runtime.Process, error) {
	var program Program
	err := e.call(ctx, "exec", string(id), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		c, err := e.lookup(id)
		if err != nil {
			return err
		}
		if c.c.State != runtime.StateRunning {
			return conflict("container %s is not running", id)
		}
		program = Shell(o.Cmd)
		if e.hooks.Exec != nil {
			program = e.hooks.Exec(c.c.Meta, o)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if program == nil {
		program = func(p *Proc) int {
			fmt.Fprintf(p.Stdout, "exec: %q: executable file not found in $PATH\n", first(o.Cmd))
			return 127
		}
	}
	return e.pipe(program, o.Stdin), nil
}

func (e *Engine) pipe(program Program, stdin bool) runtime.Process {
	var out, errOut buffer
	out.init()
	errOut.init()
	ctx, cancel := context.WithCancel(context.Background())
	s := &stream{out: &out, err: &errOut, done: make(chan struct{}), stop: cancel}
	p := &Proc{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut, Context: ctx}
	if stdin {
		p.Stdin, s.in = io.Pipe()
	}
	e.running.Go(func() {
		defer cancel()
		s.code = program(p)
		out.close()
		errOut.close()
		close(s.done)
	})
	return s
}

// Attach reads what the container writes from now on, or all of it.
func (e *Engine) Attach(ctx context.Context, id runtime.ContainerID, o runtime.AttachOptions) (runtime.Process, error) {
	var log *logFile
	err := e.call(ctx, "attach", string(id), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		c, err := e.lookup(id)
		if err == nil {
			log = c.log
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	from := 0
	if !o.Logs {
		have, _, _ := log.from(0)
		from = len(have)
	}
	return e.pipe(func(p *Proc) int {
		for at := from; ; {
			chunks, closed, more := log.from(at)
			for _, c := range chunks {
				if writeChunk(c, false, p.Stdout, p.Stderr) != nil {
					return 0
				}
			}
			at += len(chunks)
			if closed {
				return 0
			}
			select {
			case <-more:
			case <-p.Context.Done():
				return 0
			}
		}
	}, o.Stdin), nil
}

// CopyTo keeps the files of an archive, in the volume mounted there or in the
// container.
func (e *Engine) CopyTo(ctx context.Context, id runtime.ContainerID, dir string, archive io.Reader) error {
	return e.call(ctx, "copy to", string(id), func() error {
		t := tar.NewReader(archive)
		for {
			h, err := t.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			b, err := io.ReadAll(t)
			if err != nil {
				return err
			}
			if h.Typeflag == tar.TypeReg {
				if err := e.writeFile(id, path.Join(dir, h.Name), b); err != nil {
					return err
				}
			}
		}
	})
}

func (e *Engine) writeFile(id runtime.ContainerID, name string, b []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.lookup(id)
	if err != nil {
		return err
	}
	files, name := e.filesAt(c, name)
	files[name] = b
	return nil
}

// filesAt finds the volume, or the container itself, that a path lies in.
func (e *Engine) filesAt(c *container, name string) (map[string][]byte, string) {
	for _, m := range c.mounts {
		rest, ok := strings.CutPrefix(name, m.Target)
		if ok && m.Kind == runtime.MountVolume && (rest == "" || rest[0] == '/') {
			return e.volumes[m.Source].files, path.Join("/", m.Subpath, rest)
		}
	}
	return c.files, name
}

// CopyFrom packs the files at or below a path.
func (e *Engine) CopyFrom(ctx context.Context, id runtime.ContainerID, name string) (io.ReadCloser, error) {
	var b bytes.Buffer
	err := e.call(ctx, "copy from", string(id), func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		c, err := e.lookup(id)
		if err != nil {
			return err
		}
		files, at := e.filesAt(c, name)
		return pack(&b, files, at)
	})
	if err != nil {
		return nil, err
	}
	return io.NopCloser(&b), nil
}

func pack(w io.Writer, files map[string][]byte, at string) error {
	t := tar.NewWriter(w)
	found := false
	for _, name := range slices.Sorted(maps.Keys(files)) {
		rest, ok := strings.CutPrefix(name, at)
		if !ok || (rest != "" && rest[0] != '/') {
			continue
		}
		found = true
		h := tar.Header{Typeflag: tar.TypeReg, Name: path.Base(at) + rest, Mode: 0o644, Size: int64(len(files[name]))}
		if err := t.WriteHeader(&h); err != nil {
			return err
		}
		if _, err := t.Write(files[name]); err != nil {
			return err
		}
	}
	if !found {
		return notFound("file", at)
	}
	return t.Close()
}
