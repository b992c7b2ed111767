package config

import (
	"fmt"
	"io/fs"

	v1 "k8s.io/api/core/v1"
)

// hostVolume is a path of the engine's machine. The sandbox mounts it only
// where the agent has to look into it.
func hostVolume(in Input, v Volume, host HostPath) Volume {
	v.Source, v.Host = SourceHost, host
	if !usesSubpath(in.Pod, v.Name) {
		v.Path = ""
	}
	return v
}

func usesSubpath(pod *v1.Pod, volume string) bool {
	for _, c := range allContainers(pod) {
		for _, m := range c.VolumeMounts {
			if m.Name == volume && (m.SubPath != "" || m.SubPathExpr != "") {
				return true
			}
		}
	}
	return false
}

// createHostPath says whether a missing path becomes a directory: it does when
// nothing is said of it, because the runtime makes what it is to mount.
func (h HostPath) createHostPath() bool {
	return h.Type == v1.HostPathUnset || h.Type == v1.HostPathDirectoryOrCreate
}

// Check says what is wrong with the path, given what is there after following
// links (nil: nothing), in the words of a FailedMount; nil when it may be
// mounted. What is made when missing (a directory 0755, for FileOrCreate a file
// 0644) passes: make is what the caller has to make first.
// (pkg/volume/hostpath, checkTypeInternal)
func (h HostPath) Check(found fs.FileInfo) (create fs.FileMode, err error) {
	var mode fs.FileMode
	if found != nil {
		mode = found.Mode()
	}
	wrong := func(what string) (fs.FileMode, error) {
		return 0, fmt.Errorf("hostPath type check failed: %s is not a %s", h.Path, what)
	}
	switch h.Type {
	case v1.HostPathUnset:
		return 0, nil
	case v1.HostPathDirectoryOrCreate, v1.HostPathDirectory:
		if found == nil && h.Type == v1.HostPathDirectoryOrCreate {
			return fs.ModeDir | 0o755, nil
		}
		if !mode.IsDir() {
			return wrong("directory")
		}
	case v1.HostPathFileOrCreate, v1.HostPathFile:
		if found == nil && h.Type == v1.HostPathFileOrCreate {
			return 0o644, nil
		}
		if found == nil || !mode.IsRegular() {
			return wrong("file")
		}
	case v1.HostPathSocket:
		if mode&fs.ModeSocket == 0 {
			return wrong("socket file")
		}
	case v1.HostPathCharDev:
		if mode&fs.ModeCharDevice == 0 {
			return wrong("character device")
		}
	case v1.HostPathBlockDev:
		if mode&fs.ModeDevice == 0 || mode&fs.ModeCharDevice != 0 {
			return wrong("block device")
		}
	default:
		return 0, fmt.Errorf("%s is an invalid volume type", h.Type)
	}
	return 0, nil
}
