package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
)

// Payload is what lies in a volume that podsim writes.
type Payload struct {
	// Files in the order of their paths.
	Files []File
	// GID and DirMode are of directories and links; root owns them.
	GID     int
	DirMode uint32
	// RefreshAt is when a token in it is to be made anew; zero is never.
	RefreshAt time.Time
}

// File is one file of a payload.
type File struct {
	Path     string // slash-separated, relative, without dots
	Mode     uint32
	UID, GID int
	Data     []byte
}

// Hash tells payloads apart that look different to a container, without holding
// any of their content.
func (p Payload) Hash() string {
	h := sha256.New()
	fmt.Fprintln(h, p.GID, p.DirMode)
	for _, f := range p.Files {
		fmt.Fprintln(h, f.Path, f.Mode, f.UID, f.GID, len(f.Data))
		h.Write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// manyFiles is how many files of a ConfigMap are written to a disk: for each
// one more, ext4 walks past every inode that was freed in the last minutes, and
// where pods come and go that takes longer than to start a container.
const manyFiles = 64

// payloadVolume is a volume of a ConfigMap, a Secret, the downward API or
// several of them. All but the ConfigMap lie in memory, and so does one of very
// many keys, which is then the same in everything but the file system's type.
func payloadVolume(in Input, v Volume, src *v1.VolumeSource) (Volume, error) {
	v.Source, v.ReadOnly = SourcePayload, true
	v.Engine = in.engineVolume(v.Name)
	files, err := payloadFiles(in, src)
	if err != nil {
		return Volume{}, err
	}
	if src.ConfigMap == nil {
		v.Engine.Memory = true
		v.Engine.Size = tmpfsSize(in)
	}
	v.Setup = rootSetup(in.Pod, v.Path, v.Engine.Memory)
	v.Engine.Memory = v.Engine.Memory || len(files) > manyFiles
	v.Payload, err = newPayload(in, files)
	return v, err
}

func payloadFiles(in Input, src *v1.VolumeSource) (projection, error) {
	switch {
	case src.ConfigMap != nil:
		s := src.ConfigMap
		return configMapFiles(in, s.Name, s.Items, modeOf(s.DefaultMode), isTrue(s.Optional))
	case src.Secret != nil:
		s := src.Secret
		return secretFiles(in, s.SecretName, s.Items, modeOf(s.DefaultMode), isTrue(s.Optional))
	case src.DownwardAPI != nil:
		return downwardFiles(in, src.DownwardAPI.Items, modeOf(src.DownwardAPI.DefaultMode))
	default:
		return projectedFiles(in, src.Projected)
	}
}

// projection is a payload in the making, by path.
type projection map[string]projected

type projected struct {
	data    []byte
	mode    uint32
	uid     int
	refresh time.Time
}

// newPayload puts files in order and applies fsGroup: the group may read
// everything, and what is made in a directory is the group's.
func newPayload(in Input, files projection) (Payload, error) {
	p := Payload{DirMode: 0o755}
	group := fsGroup(in.Pod)
	if group != nil {
		p.GID = int(*group)
		p.DirMode |= modeSetgid
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := checkPath(name); err != nil {
			return Payload{}, err
		}
		f := files[name]
		file := File{Path: path.Clean(name), Mode: f.mode, UID: f.uid, GID: p.GID, Data: f.data}
		if group != nil {
			file.Mode |= 0o440
		}
		p.Files = append(p.Files, file)
		if !f.refresh.IsZero() && (p.RefreshAt.IsZero() || f.refresh.Before(p.RefreshAt)) {
			p.RefreshAt = f.refresh
		}
	}
	return p, checkTree(p.Files)
}

// checkPath refuses paths that lead out of a volume or hit its own files.
// (pkg/volume/util/atomic_writer.go, validatePath)
func checkPath(name string) error {
	const maxPath, maxName = 4096, 255
	switch {
	case name == "":
		return fmt.Errorf("invalid path: must not be empty: %q", name)
	case strings.ContainsRune(name, 0):
		return fmt.Errorf("invalid path: must not contain a NUL: %q", name)
	case strings.HasPrefix(name, "/"):
		return fmt.Errorf("invalid path: must be relative path: %s", name)
	case len(name) > maxPath:
		return fmt.Errorf("invalid path: must be less than or equal to %d characters", maxPath)
	case path.Clean(name) == ".":
		return fmt.Errorf("invalid path: must name a file: %s", name)
	}
	for _, part := range strings.Split(name, "/") {
		if part == ".." {
			return fmt.Errorf("invalid path: must not contain '..': %s", name)
		}
		if len(part) > maxName {
			return fmt.Errorf("invalid path: filenames must be less than or equal to %d characters", maxName)
		}
	}
	if strings.HasPrefix(path.Clean(name), "..") {
		return fmt.Errorf("invalid path: must not start with '..': %s", name)
	}
	return nil
}

// checkTree refuses a path that is a file and a directory, or twice the same.
func checkTree(files []File) error {
	seen := map[string]bool{}
	for _, f := range files {
		if seen[f.Path] {
			return fmt.Errorf("invalid path: named twice: %s", f.Path)
		}
		seen[f.Path] = true
	}
	for _, f := range files {
		for dir := path.Dir(f.Path); dir != "."; dir = path.Dir(dir) {
			if seen[dir] {
				return fmt.Errorf("invalid path: %s is a file and a directory", dir)
			}
		}
	}
	return nil
}

func configMapFiles(in Input, name string, items []v1.KeyToPath, mode uint32, optional bool) (projection, error) {
	object, ok := in.Objects.ConfigMaps[name]
	if !ok && name == rootCAName {
		object, ok = madeUpRootCA(in)
	}
	if !ok && !optional {
		return nil, fmt.Errorf("configmap %q not found", name)
	}
	data := map[string][]byte{}
	if ok {
		maps.Copy(data, object.BinaryData)
		for key, text := range object.Data {
			data[key] = []byte(text)
		}
	}
	return project(data, items, mode, optional, "configmap references non-existent config key: ")
}

func secretFiles(in Input, name string, items []v1.KeyToPath, mode uint32, optional bool) (projection, error) {
	object, ok := in.Objects.Secrets[name]
	if !ok && !optional {
		return nil, fmt.Errorf("secret %q not found", name)
	}
	var data map[string][]byte
	if ok {
		data = object.Data
	}
	return project(data, items, mode, optional, "references non-existent secret key: ")
}

// project selects keys; no items are all of them.
func project(data map[string][]byte, items []v1.KeyToPath, mode uint32, optional bool, missing string) (projection, error) {
	files := projection{}
	if len(items) == 0 {
		for key, value := range data {
			files[key] = projected{data: value, mode: mode}
		}
		return files, nil
	}
	for _, item := range items {
		value, ok := data[item.Key]
		if !ok {
			if optional {
				continue
			}
			return nil, errors.New(missing + item.Key)
		}
		files[item.Path] = projected{data: value, mode: itemMode(item.Mode, mode)}
	}
	return files, nil
}

// modeOf is a volume's defaultMode.
func modeOf(mode *int32) uint32 { return itemMode(mode, 0o644) }

func itemMode(mode *int32, otherwise uint32) uint32 {
	if mode == nil {
		return otherwise
	}
	return uint32(*mode)
}
