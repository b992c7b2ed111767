//go:build linux

package main

import (
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// makeFiles makes empty files, and their directories.
func makeFiles(files []wire.File) error {
	for _, f := range files {
		if err := makeFile(f); err != nil {
			return wrap("make file "+f.Path, err)
		}
	}
	return nil
}

func makeFile(f wire.File) error {
	parent, name, err := openParents(f.Path)
	if err != nil {
		return err
	}
	defer parent.close()
	fd, err := retry(func() (int, error) {
		const flags = unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
		return unix.Openat(parent.fd, name, flags, f.Mode)
	})
	if err != nil {
		return os.NewSyscallError("open", err)
	}
	defer unix.Close(fd)
	return os.NewSyscallError("chmod", unix.Fchmod(fd, f.Mode))
}

// readPart reads the first or last bytes of a regular file. The file may be a
// container's own, so it is neither followed nor waited for.
func readPart(r wire.ReadFile) (wire.FileContent, error) {
	var content wire.FileContent
	fd, err := retry(func() (int, error) {
		return unix.Open(r.Path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return content, &os.PathError{Op: "open", Path: r.Path, Err: err}
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		unix.Close(fd)
		return content, &os.PathError{Op: "read", Path: r.Path, Err: unix.EINVAL}
	}
	f := os.NewFile(uintptr(fd), r.Path)
	defer f.Close()
	content.Size = st.Size
	offset := int64(0)
	if r.Tail {
		offset = max(0, st.Size-r.Limit)
	}
	content.Data, err = io.ReadAll(io.NewSectionReader(f, offset, r.Limit))
	return content, err
}

// statPaths looks at each path itself.
func statPaths(paths []string) []wire.FileStat {
	out := make([]wire.FileStat, len(paths))
	for i, p := range paths {
		out[i].Path = p
		var st unix.Stat_t
		if err := unix.Lstat(p, &st); err != nil {
			out[i].Error = toWire(&os.PathError{Op: "lstat", Path: p, Err: err})
			continue
		}
		out[i].Mode, out[i].UID, out[i].GID, out[i].Size = st.Mode, st.Uid, st.Gid, st.Size
	}
	return out
}
