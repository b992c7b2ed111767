package reference

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// This file knows the shapes of lines that the recorded commands print, and
// what of each shape says something about a pod.

var (
	lsLine     = regexp.MustCompile(`^([bcdlps-][rwxsStT-]{9}) +\d+ (\S+) +(\S+) +(\d+|\d+, +\d+) \w{3} +\d+ +[\d:]+ (.*)$`)
	totalLine  = regexp.MustCompile(`^total \d+$`)
	mountLine  = regexp.MustCompile(`^\S+ (/\S*) (\S+) (\S+) 0 0$`)
	procLine   = regexp.MustCompile(`^([A-Z][A-Za-z_]+):\t`)
	limitLine  = regexp.MustCompile(`^(Limit|Max) .* (Units|seconds|bytes|processes|files|locks|signals|us|\d+) *$`)
	cgroupLine = regexp.MustCompile(`^\d+:[\w=,]*:/`)
	psLine     = regexp.MustCompile(`^ *(\d+) (\S+) +(\S.*)$`)
	// The addresses and routes of a network are the machine's.
	netLine    = regexp.MustCompile(`^(Inter-\|| face \|| *(lo|eth0): +\d+ | +link/ether| +inet6? |default via |[\d.]+/\d+ dev )`)
	deviceLine = regexp.MustCompile(`^\d+: (\w+)(@if\d+)?: `)
	dfLine     = regexp.MustCompile(`^(\S+) +(\d+) +\d+ +\d+ +\d+% (/\S*)$`)
)

// telling are the lines of /proc/PID/status that the pod's spec decides.
var telling = []string{"Umask", "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"}

// ownSize are files whose size is the machine's: they hold its addresses, its
// domains or a signature.
var ownSize = []string{"hosts", "resolv.conf", "token", "ca.crt", "passwd", "tok"}

// shape normalises a line by its shape; keep is false for a line that says
// nothing about the pod.
func shape(line string) (out string, keep bool) {
	if m := lsLine.FindStringSubmatch(line); m != nil {
		return lsShape(m), true
	}
	if m := mountLine.FindStringSubmatch(line); m != nil {
		return mountShape(m)
	}
	if m := procLine.FindStringSubmatch(line); m != nil {
		return strings.TrimRight(line, " "), slices.Contains(telling, m[1])
	}
	if m := dfLine.FindStringSubmatch(line); m != nil {
		return fmt.Sprintf("df %s %s %s", m[1], m[2], m[3]), true
	}
	if totalLine.MatchString(line) || limitLine.MatchString(line) || cgroupLine.MatchString(line) ||
		netLine.MatchString(line) || strings.Contains(line, "valid_lft") || strings.Contains(line, "voluntary_ctxt") {
		return "", false
	}
	if m := deviceLine.FindStringSubmatch(line); m != nil {
		return "device " + m[1], true
	}
	if m := psLine.FindStringSubmatch(line); m != nil && (m[2] == "root" || isNumber(m[2])) {
		return psShape(m)
	}
	return line, true
}

var napping = regexp.MustCompile(`^(\{exe\} )?(\[sleep\]|sleep [\d.]+|sh -c .*sleep .*)$`)

// psShape keeps user and command, and of the number whether it is 1. The
// scripts sleep in children, which come and go.
func psShape(m []string) (string, bool) {
	if m[1] == "1" {
		return "1 " + m[2] + " " + m[3], true
	}
	return "N " + m[2] + " " + m[3], !napping.MatchString(m[3])
}

// lsShape keeps type, mode, owner, group, the size of a plain file and the
// name. The number of links and the size of a directory are the file system's.
func lsShape(m []string) string {
	mode, name := m[1], m[5]
	out := mode + " " + m[2] + " " + m[3] + " "
	switch {
	case mode[0] == '-' && !slices.Contains(ownSize, path.Base(name)):
		out += m[4] + " "
	case mode[0] == 'b' || mode[0] == 'c':
		out += strings.ReplaceAll(m[4], " ", "") + " "
	}
	return out + name
}

// meaningful are the mount options a pod's spec decides.
var meaningful = []string{"ro", "rw", "nosuid", "nodev", "noexec"}

// mountShape keeps the place, the kind of file system and the options that
// matter. All disk file systems are one kind.
func mountShape(m []string) (string, bool) {
	at, fs, options := m[1], m[2], strings.Split(m[3], ",")
	if strings.HasPrefix(fs, "cgroup") || strings.HasPrefix(at, "/sys/fs/cgroup") {
		return "", false
	}
	var kept []string
	for _, o := range options {
		if size, ok := strings.CutPrefix(o, "size="); ok && fs == "tmpfs" {
			o = "size=" + memorySize(size)
			kept = append(kept, o)
		}
		if slices.Contains(meaningful, o) {
			kept = append(kept, o)
		}
	}
	switch fs {
	case "ext4", "xfs", "btrfs", "overlay", "zfs":
		fs = "disk"
		kept = slices.DeleteFunc(kept, func(o string) bool { return o != "ro" && o != "rw" })
	}
	return "mount " + at + " " + fs + " " + strings.Join(kept, ","), true
}

// memorySize hides the size of a tmpfs that is as large as the machine's
// memory: gigabytes, which no recorded pod asks for.
func memorySize(size string) string {
	if digits := strings.TrimSuffix(size, "k"); len(digits) > 7 {
		return "<memory>"
	}
	return size
}

// sortMounts puts neighbouring mounts in the order of their places: theirs is
// the runtime's.
func sortMounts(lines []string) {
	for i := 0; i < len(lines); {
		j := i
		for j < len(lines) && strings.HasPrefix(lines[j], "mount ") {
			j++
		}
		slices.Sort(lines[i:j])
		i = max(j, i+1)
	}
}
