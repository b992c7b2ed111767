//go:build linux

package main

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// The names of an atomic writer's volume (kubelet, pkg/volume/util
// /atomic_writer.go): ..data points to the timestamped directory that holds
// the payload, and each visible name to its own below ..data.
const (
	dataLink    = "..data"
	newDataLink = "..data_tmp"
)

// swapper replaces one volume's payload. Everything is reached from the
// volume's root by descriptors, so that no link planted there leads elsewhere.
type swapper struct {
	wire.Swap
	root dir
	next dir    // the new payload
	name string // of next
	top  map[string]bool
}

func swap(s wire.Swap, payload io.Reader) (res wire.SwapResult, err error) {
	w := &swapper{Swap: s, top: map[string]bool{}}
	if w.DirMode == 0 {
		w.DirMode = 0o755
	}
	if w.root, err = openRoot(s.Volume); err != nil {
		return res, err
	}
	defer w.root.close()
	if err := w.makeNext(); err != nil {
		return res, err
	}
	defer w.next.close()
	res.Changed, err = w.run(payload)
	return res, wrap("swap "+s.Volume, err)
}

func (w *swapper) run(payload io.Reader) (changed bool, err error) {
	if err = w.receive(payload); err == nil {
		changed, err = w.changed()
	}
	if err == nil && changed {
		err = w.publish()
	}
	if err != nil {
		w.root.remove(w.name)
		return false, err
	}
	if !changed {
		w.root.remove(w.name)
		w.name, _ = w.current()
	}
	return changed, w.tidy()
}

// makeNext makes a timestamped directory that did not exist.
func (w *swapper) makeNext() error {
	now := time.Now().UTC()
	for n := now.Nanosecond(); ; n++ {
		w.name = now.Format("..2006_01_02_15_04_05.") + strconv.Itoa(n)
		err := unix.Mkdirat(w.root.fd, w.name, w.DirMode)
		if err == unix.EEXIST {
			continue
		}
		if err != nil {
			return os.NewSyscallError("mkdir", err)
		}
		if w.next, err = w.root.mkdir(w.name, w.DirMode); err != nil {
			return err
		}
		return w.own(w.next)
	}
}

func (w *swapper) own(d dir) error {
	if w.UID == 0 && w.GID == 0 {
		return d.chmod(w.DirMode)
	}
	if err := d.chown(w.UID, w.GID); err != nil {
		return err
	}
	return d.chmod(w.DirMode) // after chown, which drops setgid
}

// receive writes the files that the stream brings.
func (w *swapper) receive(payload io.Reader) error {
	for {
		var f wire.SwapFile
		if err := wire.ReadMessage(payload, &f); err != nil {
			return err
		}
		if f.Name == "" {
			return nil
		}
		if err := w.write(f, payload); err != nil {
			return wrap(f.Name, err)
		}
	}
}

func (w *swapper) write(f wire.SwapFile, payload io.Reader) error {
	names, err := payloadNames(f.Name)
	if err != nil {
		return err
	}
	w.top[names[0]] = true
	parent := w.next
	if len(names) > 1 {
		if parent, err = w.parents(names[:len(names)-1]); err != nil {
			return err
		}
		defer parent.close()
	}
	fd, err := retry(func() (int, error) {
		const flags = unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
		return unix.Openat(parent.fd, names[len(names)-1], flags, f.Mode&0o777)
	})
	if err != nil {
		return os.NewSyscallError("open", err)
	}
	file := os.NewFile(uintptr(fd), f.Name)
	defer file.Close()
	if _, err := io.CopyN(file, payload, f.Size); err != nil {
		return err
	}
	return settle(fd, f)
}

// settle gives a new file the owner and the bits that it was not made with.
func settle(fd int, f wire.SwapFile) error {
	if f.UID != 0 || f.GID != 0 {
		if err := unix.Fchown(fd, f.UID, f.GID); err != nil {
			return os.NewSyscallError("chown", err)
		}
	} else if f.Mode&^0o777 == 0 {
		return nil
	}
	return os.NewSyscallError("chmod", unix.Fchmod(fd, f.Mode)) // after chown, which drops bits
}

// parents makes and opens directories below the new payload.
func (w *swapper) parents(names []string) (dir, error) {
	d, err := w.next.child(".")
	for _, name := range names {
		if err != nil {
			break
		}
		var c dir
		if c, err = d.mkdir(name, w.DirMode); err == nil {
			err = w.own(c)
		}
		d.close()
		d = c
	}
	return d, err
}

// payloadNames checks a name as the atomic writer does.
func payloadNames(name string) ([]string, error) {
	names := strings.Split(name, "/")
	for i, n := range names {
		if n == "" || n == "." || n == ".." || i == 0 && strings.HasPrefix(n, "..") {
			return nil, unix.EINVAL
		}
	}
	return names, nil
}

// changed compares the new payload with the current one.
func (w *swapper) changed() (bool, error) {
	current, ok := w.current()
	if !ok {
		return true, nil
	}
	old, err := w.root.child(current)
	if err != nil {
		return true, ignoreGone(err)
	}
	defer old.close()
	same, err := sameTree(w.next, old)
	return !same, err
}

// current is the directory ..data names, if that is one of the volume's own.
func (w *swapper) current() (string, bool) {
	target, err := w.root.readlink(dataLink)
	if err != nil || strings.Contains(target, "/") || !strings.HasPrefix(target, "..") || target == ".." {
		return "", false
	}
	return target, true
}

// publish makes the new payload the current one.
func (w *swapper) publish() error {
	w.root.remove(newDataLink)
	if err := w.link(w.name, newDataLink); err != nil {
		return err
	}
	if err := unix.Renameat(w.root.fd, newDataLink, w.root.fd, dataLink); err != nil {
		return os.NewSyscallError("rename", err)
	}
	return nil
}

// tidy gives every key its visible link and removes what is not of this
// payload. It is done after an equal payload too: a swap before may have been
// broken off here.
func (w *swapper) tidy() error {
	for name := range w.top {
		target := dataLink + "/" + name
		err := w.link(target, name)
		if errors.Is(err, unix.EEXIST) {
			if got, err := w.root.readlink(name); err == nil && got == target {
				continue
			}
			w.root.remove(name)
			err = w.link(target, name)
		}
		if err != nil {
			return err
		}
	}
	return w.sweep()
}

func (w *swapper) link(target, name string) error {
	if err := unix.Symlinkat(target, w.root.fd, name); err != nil {
		return os.NewSyscallError("symlink", err)
	}
	if w.UID == 0 && w.GID == 0 {
		return nil
	}
	return os.NewSyscallError("chown", unix.Fchownat(w.root.fd, name, w.UID, w.GID, unix.AT_SYMLINK_NOFOLLOW))
}

// sweep removes links of keys that are gone, and older payloads.
func (w *swapper) sweep() error {
	names, err := w.root.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		switch {
		case name == dataLink || name == w.name || w.top[name]:
			continue
		case !strings.HasPrefix(name, ".."):
			if target, err := w.root.readlink(name); err != nil || !strings.HasPrefix(target, dataLink+"/") {
				continue // none of ours
			}
		}
		if err := w.root.remove(name); err != nil {
			return err
		}
	}
	return nil
}
