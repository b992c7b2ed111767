package simulator

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// unpack writes an archive of one file or directory to local. Everything in it
// may be hostile: os.Root holds every name inside, whatever links are there.
func unpack(archive io.Reader, local string, o CopyOptions) error {
	in := tar.NewReader(archive)
	first, err := in.Next()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read archive: %w", err)
	}
	top := path.Clean("/" + first.Name)
	dir, name := filepath.Split(filepath.Clean(local))
	if info, statErr := os.Stat(local); first.Typeflag == tar.TypeDir || statErr == nil && info.IsDir() {
		dir, name = local, ""
		if first.Typeflag != tar.TypeDir {
			name = path.Base(top)
		}
	}
	if dir == "" {
		dir = "."
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	u := unpacker{root: root, local: local, o: o}
	for h := first; ; {
		if err := u.entry(h, in, top, name); err != nil {
			return err
		}
		if h, err = in.Next(); errors.Is(err, io.EOF) {
			return u.finish()
		} else if err != nil {
			return fmt.Errorf("read archive: %w", err)
		}
	}
}

// unpacker writes below one directory.
type unpacker struct {
	root  *os.Root
	local string
	o     CopyOptions
	// modes are those of directories, set when all is written.
	modes []dirMode
}

type dirMode struct {
	name string
	mode fs.FileMode
}

// entry writes one entry: what is below top in the archive goes below name.
func (u *unpacker) entry(h *tar.Header, content io.Reader, top, name string) error {
	full := path.Clean("/" + h.Name)
	if strings.Contains("/"+h.Name+"/", "/../") || full != top && !strings.HasPrefix(full, top+"/") && top != "/" {
		u.o.warnf("warning: file %q is outside target destination, skipping", h.Name)
		return nil
	}
	to := path.Join(name, strings.TrimPrefix(strings.TrimPrefix(full, top), "/"))
	if to == "" {
		to = "."
	}
	to = filepath.FromSlash(to)
	if !filepath.IsLocal(to) {
		u.o.warnf("warning: file %q is outside target destination, skipping", h.Name)
		return nil
	}
	switch h.Typeflag {
	case tar.TypeDir:
		if err := u.root.MkdirAll(to, 0o777); err != nil {
			return err
		}
		u.modes = append(u.modes, dirMode{to, h.FileInfo().Mode().Perm()})
		return nil
	case tar.TypeReg:
		return u.file(to, h, content)
	case tar.TypeSymlink, tar.TypeLink:
		u.o.warnf("warning: skipping symlink: %q -> %q", h.Name, h.Linkname)
	default:
		u.o.warnf("warning: skipping special file: %q", h.Name)
	}
	return nil
}

// file writes a regular file. What was there under its name goes first, so that
// a link of that name is replaced and never written through.
func (u *unpacker) file(to string, h *tar.Header, content io.Reader) error {
	if parent := filepath.Dir(to); parent != "." {
		if err := u.root.MkdirAll(parent, 0o777); err != nil {
			return err
		}
	}
	if info, err := u.root.Lstat(to); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		if err := u.root.Remove(to); err != nil {
			return err
		}
	}
	mode := fs.FileMode(0o666)
	if !u.o.NoPreserve {
		mode = h.FileInfo().Mode().Perm()
	}
	f, err := u.root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err == nil && !u.o.NoPreserve {
		err = f.Chmod(mode)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Join(u.local, to), err)
	}
	return nil
}

// finish sets the modes of directories, the deepest first.
func (u *unpacker) finish() error {
	if u.o.NoPreserve {
		return nil
	}
	for i := len(u.modes) - 1; i >= 0; i-- {
		if u.modes[i].name == "." {
			continue // the user's own directory keeps its mode
		}
		if err := u.root.Chmod(u.modes[i].name, u.modes[i].mode|0o700); err != nil {
			return err
		}
	}
	return nil
}

// packTree writes a local file or directory as a tar whose names begin with
// name.
func packTree(w io.Writer, local, name string, o CopyOptions) error {
	out := tar.NewWriter(w)
	local = filepath.Clean(local)
	if real, err := filepath.EvalSymlinks(local); err == nil {
		local = real // what the user named is meant, links below it are kept
	}
	err := filepath.WalkDir(local, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(local, p)
		if err != nil {
			return err
		}
		return packOne(out, p, path.Join(name, filepath.ToSlash(rel)), d, o)
	})
	if err != nil {
		return err
	}
	return out.Close()
}

func packOne(out *tar.Writer, p, name string, d fs.DirEntry, o CopyOptions) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	link := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if link, err = os.Readlink(p); err != nil {
			return err
		}
	} else if !info.Mode().IsRegular() && !info.IsDir() {
		o.warnf("warning: skipping special file: %q", p)
		return nil
	}
	h, err := tar.FileInfoHeader(info, link)
	if err != nil {
		return err
	}
	h.Name = name
	if info.IsDir() {
		h.Name += "/"
	}
	if err := out.WriteHeader(h); err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(out, f)
	return err
}
