//go:build linux

package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/podsim/podsim/runtime/agent/wire"
)

// inspect prints the sockets of this network namespace with the processes
// that hold them.
func inspect() {
	sockets, err := listeners()
	if err != nil {
		fail(err)
	}
	byInode := map[uint64]*wire.Listener{}
	for i := range sockets {
		byInode[sockets[i].Inode] = &sockets[i]
	}
	pids, err := processes()
	if err != nil {
		fail(err)
	}
	network, _ := os.Readlink("/proc/self/ns/net")
	for _, pid := range pids {
		proc := "/proc/" + strconv.Itoa(pid)
		if ns, err := os.Readlink(proc + "/ns/net"); err != nil || ns != network {
			continue
		}
		for _, inode := range socketsOf(proc) {
			// Of a family that shares a socket the eldest stands for all.
			if l := byInode[inode]; l != nil && (l.PID == 0 || pid < l.PID) {
				l.PID, l.Command, l.Container = pid, command(proc), containerOf(proc)
			}
		}
	}
	printJSON(sockets)
}

// processes are all process ids.
func processes() ([]int, error) {
	names, err := namesIn("/proc")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// socketsOf are the inodes of a process's open sockets.
func socketsOf(proc string) []uint64 {
	fds, err := namesIn(proc + "/fd")
	if err != nil {
		return nil // gone, or not ours to see
	}
	var inodes []uint64
	for _, fd := range fds {
		target, err := os.Readlink(proc + "/fd/" + fd)
		if err != nil {
			continue
		}
		number, ok := strings.CutPrefix(target, "socket:[")
		if !ok {
			continue
		}
		if inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64); err == nil {
			inodes = append(inodes, inode)
		}
	}
	return inodes
}

func command(proc string) string {
	b, _ := os.ReadFile(proc + "/comm")
	return strings.TrimSpace(string(b))
}

// containerOf finds the container's id in the names of the process's cgroups,
// or, where a cgroup namespace hides them, in the files that the engine mounts
// into every container.
func containerOf(proc string) string {
	cgroups, _ := os.ReadFile(proc + "/cgroup")
	if id := lastID(string(cgroups)); id != "" {
		return id
	}
	mounts, _ := os.ReadFile(proc + "/mountinfo")
	for line := range strings.SplitSeq(string(mounts), "\n") {
		if _, after, ok := strings.Cut(line, "/containers/"); ok {
			if id := lastID(after[:min(len(after), idLength)]); id != "" {
				return id
			}
		}
	}
	return ""
}

const idLength = 64

// lastID is the last run of exactly 64 hex digits: of nested containers the
// innermost.
func lastID(s string) string {
	found, run := "", 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && strings.IndexByte("0123456789abcdef", s[i]) >= 0 {
			run++
			continue
		}
		if run == idLength {
			found = s[i-run : i]
		}
		run = 0
	}
	return found
}
