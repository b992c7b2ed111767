//go:build linux

package main

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// dir is an open directory (or, for leaves, any file), held by an O_PATH
// descriptor: nothing that happens to its name afterwards matters.
type dir struct{ fd int }

func (d dir) close() { unix.Close(d.fd) }

// openRoot opens path, which is podsim's own mount point.
func openRoot(path string) (dir, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return dir{}, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return dir{fd}, nil
}

// child opens a name in d whatever it is, without following it.
func (d dir) child(name string) (dir, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return dir{}, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return dir{fd}, nil
}

// mkdir makes a directory of exactly this mode, or takes the one that is
// there. A link of that name is an error.
func (d dir) mkdir(name string, mode uint32) (dir, error) {
	err := unix.Mkdirat(d.fd, name, mode)
	if err != nil && err != unix.EEXIST {
		return dir{}, &os.PathError{Op: "mkdir", Path: name, Err: err}
	}
	c, cerr := d.child(name)
	if cerr != nil {
		return dir{}, cerr
	}
	st, serr := c.stat()
	switch {
	case serr != nil:
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		serr = &os.PathError{Op: "mkdir", Path: name, Err: unix.ENOTDIR}
	case err == nil && mode&0o7000 != 0:
		serr = c.chmod(mode) // mkdir itself drops setuid and setgid
	}
	if serr != nil {
		c.close()
		return dir{}, serr
	}
	return c, nil
}

func (d dir) stat() (unix.Stat_t, error) {
	var st unix.Stat_t
	err := unix.Fstatat(d.fd, "", &st, unix.AT_EMPTY_PATH)
	return st, os.NewSyscallError("stat", err)
}

func (d dir) chown(uid, gid int) error {
	return os.NewSyscallError("chown", unix.Fchownat(d.fd, "", uid, gid, unix.AT_EMPTY_PATH))
}

// chmod goes through /proc because O_PATH descriptors have no fchmod; the link
// there leads to the open file and nowhere else.
func (d dir) chmod(mode uint32) error {
	return os.NewSyscallError("chmod", unix.Chmod(d.proc(), mode))
}

func (d dir) proc() string { return "/proc/self/fd/" + strconv.Itoa(d.fd) }

// names lists a directory. An entry that vanishes meanwhile is no error.
func (d dir) names() ([]string, error) { return namesIn(d.proc()) }

// namesIn is os.ReadDir without what else it brings along.
func namesIn(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func retry(open func() (int, error)) (int, error) {
	for {
		fd, err := open()
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// openParents opens the directory that holds the last name of an absolute
// path, step by step, making what is missing with mode 0755.
func openParents(path string) (parent dir, last string, err error) {
	names := splitPath(path)
	if len(names) == 0 {
		return dir{}, "", &os.PathError{Op: "open", Path: path, Err: unix.EINVAL}
	}
	if parent, err = openRoot("/"); err != nil {
		return dir{}, "", err
	}
	for _, name := range names[:len(names)-1] {
		next, err := parent.mkdir(name, 0o755)
		parent.close()
		if err != nil {
			return dir{}, "", wrap(path, err)
		}
		parent = next
	}
	return parent, names[len(names)-1], nil
}

// splitPath cuts a path at its slashes; "." and empty names go.
func splitPath(path string) []string {
	var out []string
	for name := range strings.SplitSeq(path, "/") {
		if name != "" && name != "." {
			out = append(out, name)
		}
	}
	return out
}
