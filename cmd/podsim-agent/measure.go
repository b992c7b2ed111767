//go:build linux

package main

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// measure adds up what a tree takes on disk, each inode once.
func measure(path string) (wire.Usage, error) {
	root, err := openRoot(path)
	if err != nil {
		return wire.Usage{}, err
	}
	defer root.close()
	m := meter{seen: map[inode]bool{}}
	err = m.add(root)
	return m.usage, err
}

type inode struct{ dev, ino uint64 }

type meter struct {
	usage wire.Usage
	seen  map[inode]bool // those with several names
}

func (m *meter) add(f dir) error {
	st, err := f.stat()
	if err != nil {
		return err
	}
	isDir := st.Mode&unix.S_IFMT == unix.S_IFDIR
	if st.Nlink > 1 && !isDir {
		id := inode{uint64(st.Dev), st.Ino}
		if m.seen[id] {
			return nil
		}
		m.seen[id] = true
	}
	m.usage.Bytes += st.Blocks * 512
	m.usage.Inodes++
	if !isDir {
		return nil
	}
	names, err := f.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		c, err := f.child(name)
		if err == nil {
			err = m.add(c)
			c.close()
		}
		if ignoreGone(err) != nil {
			return err
		}
	}
	return nil
}

// ignoreGone makes nothing of a file that somebody removed meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}
