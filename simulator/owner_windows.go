package simulator

import "io/fs"

// ownerOf knows nothing of owners here.
func ownerOf(fs.FileInfo) (uid, gid uint32, ok bool) { return 0, 0, false }
