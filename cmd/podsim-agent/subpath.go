//go:build linux

package main

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// maxLinks is the kernel's own limit for links in one path.
const maxLinks = 40

// resolveSubpath walks a path below a volume's root one name at a time and
// follows the links it meets itself, so that none leads out of the volume.
func resolveSubpath(s wire.Subpath) (wire.SubpathResult, error) {
	root, err := openRoot(s.Volume)
	if err != nil {
		return wire.SubpathResult{}, err
	}
	w := &walk{steps: []step{{dir: root}}, rest: splitPath(s.Path)}
	defer w.close()
	st, err := root.stat()
	if err != nil {
		return wire.SubpathResult{}, err
	}
	w.mode, w.create = st.Mode&0o7777, s.Create
	for len(w.rest) > 0 {
		if err := w.next(); err != nil {
			return wire.SubpathResult{}, wrap("resolve "+s.Path, err)
		}
	}
	st, err = w.here().stat()
	return wire.SubpathResult{Path: w.path(), Dir: st.Mode&unix.S_IFMT == unix.S_IFDIR}, err
}

type step struct {
	name string
	dir  dir
}

// walk is a way down from a root: what was entered, and what is to come.
type walk struct {
	steps  []step
	rest   []string
	links  int
	create bool
	mode   uint32
}

func (w *walk) here() dir { return w.steps[len(w.steps)-1].dir }

func (w *walk) close() {
	for _, s := range w.steps {
		s.dir.close()
	}
}

func (w *walk) path() string {
	names := make([]string, 0, len(w.steps))
	for _, s := range w.steps[1:] {
		names = append(names, s.name)
	}
	return strings.Join(names, "/")
}

// next takes one name.
func (w *walk) next() error {
	name := w.rest[0]
	w.rest = w.rest[1:]
	if name == ".." {
		return w.up()
	}
	c, err := w.here().child(name)
	if os.IsNotExist(err) && w.create {
		c, err = w.here().mkdir(name, w.mode)
	}
	if err != nil {
		return err
	}
	st, err := c.stat()
	if err == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK {
		err = w.follow(c)
		c.close()
		return err
	}
	w.steps = append(w.steps, step{name, c})
	return err
}

func (w *walk) up() error {
	if len(w.steps) == 1 {
		return escape()
	}
	w.here().close()
	w.steps = w.steps[:len(w.steps)-1]
	return nil
}

func (w *walk) follow(link dir) error {
	if w.links++; w.links > maxLinks {
		return unix.ELOOP
	}
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(link.fd, "", buf)
	if err != nil {
		return os.NewSyscallError("readlink", err)
	}
	target := string(buf[:n])
	if strings.HasPrefix(target, "/") {
		return escape()
	}
	w.rest = append(splitPath(target), w.rest...)
	return nil
}

func escape() error {
	return &wire.Error{Code: wire.CodeEscape, Text: "leads out of the volume"}
}
