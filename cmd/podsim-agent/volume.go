//go:build linux

package main

import (
	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// setOwnership gives a volume's root its owner and mode, and with an fsGroup
// everything below it to that group (kubelet, pkg/volume/volume_linux.go).
func setOwnership(v wire.Volume) error {
	root, err := openRoot(v.Path)
	if err != nil {
		return err
	}
	defer root.close()
	if v.UID != nil || v.GID != nil {
		if err := root.chown(orKeep(v.UID), orKeep(v.GID)); err != nil {
			return err
		}
	}
	if v.Mode != nil {
		if err := root.chmod(*v.Mode); err != nil {
			return err
		}
	}
	if v.FSGroup == nil {
		return nil
	}
	g := group{gid: *v.FSGroup, readOnly: v.ReadOnly}
	st, err := root.stat()
	if err != nil {
		return err
	}
	if v.OnRootMismatch && g.has(st) {
		return nil
	}
	return g.give(root, st)
}

func orKeep(id *int) int {
	if id == nil {
		return -1
	}
	return *id
}

// group is what an fsGroup asks of every file of a volume.
type group struct {
	gid      int
	readOnly bool
}

func (g group) bits(st unix.Stat_t) uint32 {
	bits := uint32(0o660)
	if g.readOnly {
		bits = 0o440
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		bits |= unix.S_ISGID | 0o110
	}
	return bits
}

// has says whether a root looks as give would leave it.
func (g group) has(st unix.Stat_t) bool {
	bits := g.bits(st)
	return st.Gid == uint32(g.gid) && st.Mode&bits == bits
}

// give changes f and everything below. Links are left alone: their mode means
// nothing, and what they point to need not be the pod's. Children come first,
// so that a root that looks right says that everything below it is.
func (g group) give(f dir, st unix.Stat_t) error {
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFLNK:
		return nil
	case unix.S_IFDIR:
		if err := g.giveChildren(f); err != nil {
			return err
		}
	}
	if st.Gid != uint32(g.gid) {
		if err := f.chown(-1, g.gid); err != nil {
			return err
		}
	}
	return f.chmod(st.Mode&0o7777 | g.bits(st))
}

func (g group) giveChildren(d dir) error {
	names, err := d.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := g.giveChild(d, name); err != nil {
			return err
		}
	}
	return nil
}

func (g group) giveChild(d dir, name string) error {
	c, err := d.child(name)
	if err != nil {
		return ignoreGone(err)
	}
	defer c.close()
	st, err := c.stat()
	if err != nil {
		return err
	}
	return g.give(c, st)
}
