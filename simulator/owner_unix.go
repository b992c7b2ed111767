//go:build unix

package simulator

import (
	"io/fs"
	"syscall"
)

// ownerOf is who a file of this machine belongs to.
func ownerOf(info fs.FileInfo) (uid, gid uint32, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return st.Uid, st.Gid, true
}
