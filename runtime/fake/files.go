package fake

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/podsim/podsim/runtime"
)

// tree is a file system: what there is by absolute path. The root is always a
// directory.
type tree map[string]*file

// file is a regular file, a directory or a symbolic link.
type file struct {
	kind     byte // of package tar
	mode     int64
	uid, gid int
	link     string
	body     []byte
}

// newRoot is what every image has.
func newRoot(hostname string) tree {
	return tree{
		"/tmp":          {kind: tar.TypeDir, mode: 0o1777},
		"/etc":          {kind: tar.TypeDir, mode: 0o755},
		"/etc/hostname": {kind: tar.TypeReg, mode: 0o644, body: []byte(hostname + "\n")},
	}
}

func (t tree) has(name string) bool { return name == "/" || t[name] != nil }

// put adds a file and the directories above it.
func (t tree) put(name string, f *file) {
	for dir := path.Dir(name); !t.has(dir); dir = path.Dir(dir) {
		t[dir] = &file{kind: tar.TypeDir, mode: 0o755}
	}
	if name != "/" {
		t[name] = f
	}
}

func (t tree) size() int64 {
	var n int64
	for _, f := range t {
		n += int64(len(f.body))
	}
	return n
}

// at finds the tree that a path of the container lies in, and its path there;
// e.mu is held.
func (e *Engine) at(c *container, name string) (t tree, inside string, readOnly bool) {
	name = path.Join("/", name)
	t, inside = c.files, name
	longest := 0
	for _, m := range c.mounts {
		rest, ok := strings.CutPrefix(name, m.Target)
		if !ok || m.Kind != runtime.MountVolume || rest != "" && rest[0] != '/' || len(m.Target) < longest {
			continue
		}
		longest = len(m.Target)
		t, inside, readOnly = e.volumes[m.Source].files, path.Join("/", m.Subpath, rest), m.ReadOnly
	}
	return t, inside, readOnly
}

// ReadFile reads a file as the process sees it.
func (p *Proc) ReadFile(name string) ([]byte, error) {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	t, inside, _ := p.engine.at(p.container, name)
	if f := t[inside]; f != nil && f.kind == tar.TypeReg {
		return f.body, nil
	}
	return nil, fs.ErrNotExist
}

// WriteFile makes a file, unless its mount is read-only.
func (p *Proc) WriteFile(name string, body []byte) error {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	t, inside, readOnly := p.engine.at(p.container, name)
	switch {
	case readOnly:
		return fs.ErrPermission
	case !t.has(path.Dir(inside)):
		return fs.ErrNotExist
	}
	t.put(inside, &file{kind: tar.TypeReg, mode: 0o644, body: body})
	return nil
}

// CopyTo unpacks an archive.
func (e *Engine) CopyTo(ctx context.Context, id runtime.ContainerID, dir string, archive io.Reader) error {
	return e.call(ctx, "copy to", string(id), func() error {
		if err := e.isDir(id, dir); err != nil {
			return err
		}
		t := tar.NewReader(archive)
		for {
			h, err := t.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read archive: %w: %w", err, runtime.ErrInvalid)
			}
			body, err := io.ReadAll(t)
			if err != nil {
				return fmt.Errorf("read archive: %w: %w", err, runtime.ErrInvalid)
			}
			f := &file{kind: h.Typeflag, mode: h.Mode & 0o7777, uid: h.Uid, gid: h.Gid, link: h.Linkname, body: body}
			if err := e.put(id, path.Join(dir, h.Name), f); err != nil {
				return err
			}
		}
	})
}

func (e *Engine) isDir(id runtime.ContainerID, name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.lookup(id)
	if err != nil {
		return err
	}
	t, inside, _ := e.at(c, name)
	if inside == "/" || t[inside] != nil && t[inside].kind == tar.TypeDir {
		return nil
	}
	return notFound("directory", name)
}

func (e *Engine) put(id runtime.ContainerID, name string, f *file) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.lookup(id)
	if err != nil {
		return err
	}
	t, inside, _ := e.at(c, name)
	t.put(inside, f)
	return nil
}

// CopyFrom packs what is at or below a path.
func (e *Engine) CopyFrom(ctx context.Context, id runtime.ContainerID, name string) (io.ReadCloser, error) {
	var b bytes.Buffer
	err := e.locked(ctx, "copy from", string(id), func() error {
		c, err := e.lookup(id)
		if err != nil {
			return err
		}
		t, inside, _ := e.at(c, name)
		if !t.has(inside) {
			return notFound("path", name)
		}
		return t.pack(&b, inside)
	})
	if err != nil {
		return nil, err
	}
	return io.NopCloser(&b), nil
}

func (t tree) pack(w io.Writer, at string) error {
	out := tar.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(t)) {
		rest, ok := strings.CutPrefix(name, at)
		if !ok || rest != "" && rest[0] != '/' && at != "/" {
			continue
		}
		f := t[name]
		h := tar.Header{
			Typeflag: f.kind, Name: path.Join(path.Base(at), rest), Mode: f.mode, Uid: f.uid, Gid: f.gid,
			Linkname: f.link, Size: int64(len(f.body)),
		}
		if f.kind == tar.TypeDir {
			h.Name += "/"
		}
		if err := out.WriteHeader(&h); err != nil {
			return err
		}
		if _, err := out.Write(f.body); err != nil {
			return err
		}
	}
	return out.Close()
}
