//go:build linux

package main

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// readlink reads a link in d.
func (d dir) readlink(name string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(d.fd, name, buf)
	if err != nil {
		return "", &os.PathError{Op: "readlink", Path: name, Err: err}
	}
	return string(buf[:n]), nil
}

// remove removes a name in d and, if it is a directory, all below it. Links
// are removed themselves. Gone is success.
func (d dir) remove(name string) error {
	err := unix.Unlinkat(d.fd, name, 0)
	if err == nil || err == unix.ENOENT {
		return nil
	}
	if err != unix.EISDIR && err != unix.EPERM {
		return os.NewSyscallError("unlink", err)
	}
	c, err := d.child(name)
	if err != nil {
		return ignoreGone(err)
	}
	defer c.close()
	names, err := c.names()
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := c.remove(n); err != nil {
			return err
		}
	}
	return ignoreGone(os.NewSyscallError("rmdir", unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR)))
}

// sameTree says whether two trees of directories and regular files have the
// same names, owners, modes and content.
func sameTree(a, b dir) (bool, error) {
	stA, err := a.stat()
	if err != nil {
		return false, err
	}
	stB, err := b.stat()
	if err != nil {
		return false, err
	}
	if stA.Mode != stB.Mode || stA.Uid != stB.Uid || stA.Gid != stB.Gid {
		return false, nil
	}
	switch stA.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		return sameEntries(a, b)
	case unix.S_IFREG:
		if stA.Size != stB.Size {
			return false, nil
		}
		return sameContent(a, b)
	}
	return false, nil
}

func sameEntries(a, b dir) (bool, error) {
	namesA, err := a.names()
	if err != nil {
		return false, err
	}
	namesB, err := b.names()
	if err != nil {
		return false, err
	}
	if len(namesA) != len(namesB) {
		return false, nil
	}
	for _, name := range namesA {
		same, err := sameChild(a, b, name)
		if !same || err != nil {
			return false, ignoreGone(err) // b does not have it
		}
	}
	return true, nil
}

func sameChild(a, b dir, name string) (bool, error) {
	ca, err := a.child(name)
	if err != nil {
		return false, err
	}
	defer ca.close()
	cb, err := b.child(name)
	if err != nil {
		return false, err
	}
	defer cb.close()
	return sameTree(ca, cb)
}

func sameContent(a, b dir) (bool, error) {
	fa, err := os.Open(a.proc())
	if err != nil {
		return false, err
	}
	defer fa.Close()
	fb, err := os.Open(b.proc())
	if err != nil {
		return false, err
	}
	defer fb.Close()
	var bufA, bufB [32 << 10]byte
	for {
		nA, errA := io.ReadFull(fa, bufA[:])
		nB, errB := io.ReadFull(fb, bufB[:])
		if !bytes.Equal(bufA[:nA], bufB[:nB]) {
			return false, nil
		}
		if errA != nil || errB != nil {
			return errA == errB, nil
		}
	}
}
