package config

import (
	"archive/tar"
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"strings"
	"time"
)

// dataLink is the link that is swapped when a payload changes.
const dataLink = "..data"

// Tar is the payload of all volumes as one uncompressed tar, to be unpacked at
// the root of a sandbox whose volumes are empty: in each the timestamped
// directory, ..data that points to it, and a link for the first element of each
// path. nil when there is none.
func Tar(volumes []Volume, now time.Time) ([]byte, error) {
	var buf bytes.Buffer
	a := archive{tar: tar.NewWriter(&buf), now: now}
	found := false
	for _, v := range volumes {
		if v.Source == SourcePayload {
			found = true
			a.volume(v)
		}
	}
	if !found {
		return nil, nil
	}
	if a.err == nil {
		a.err = a.tar.Close()
	}
	if a.err != nil {
		return nil, fmt.Errorf("make archive of volumes: %w", a.err)
	}
	return buf.Bytes(), nil
}

// archive writes entries until the first error.
type archive struct {
	tar *tar.Writer
	now time.Time
	err error
}

func (a *archive) volume(v Volume) {
	root := strings.TrimPrefix(v.Path, "/")
	dir := dataDir(v, a.now)
	p := &v.Payload
	a.dir(path.Join(root, dir), p)
	made := map[string]bool{".": true}
	links := map[string]bool{}
	for _, f := range p.Files {
		a.parents(path.Join(root, dir), path.Dir(f.Path), p, made)
		a.entry(&tar.Header{
			Typeflag: tar.TypeReg, Name: path.Join(root, dir, f.Path),
			Mode: int64(f.Mode), Uid: f.UID, Gid: f.GID, Size: int64(len(f.Data)),
		}, f.Data)
	}
	a.link(path.Join(root, dataLink), dir, p)
	for _, f := range p.Files {
		name, _, _ := strings.Cut(f.Path, "/")
		if !links[name] {
			links[name] = true
			a.link(path.Join(root, name), path.Join(dataLink, name), p)
		}
	}
}

// parents writes dir and what is above it, unless made already.
func (a *archive) parents(root, dir string, p *Payload, made map[string]bool) {
	if made[dir] {
		return
	}
	made[dir] = true
	a.parents(root, path.Dir(dir), p, made)
	a.dir(path.Join(root, dir), p)
}

func (a *archive) dir(name string, p *Payload) {
	a.entry(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: int64(p.DirMode), Gid: p.GID}, nil)
}

func (a *archive) link(name, target string, p *Payload) {
	a.entry(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777, Gid: p.GID}, nil)
}

func (a *archive) entry(h *tar.Header, data []byte) {
	if a.err != nil {
		return
	}
	h.ModTime = a.now
	if a.err = a.tar.WriteHeader(h); a.err == nil && len(data) > 0 {
		_, a.err = io.Copy(a.tar, bytes.NewReader(data))
	}
}

// dataDir is the name of the directory behind ..data, as the kubelet makes it
// up: the time and a number.
func dataDir(v Volume, now time.Time) string {
	h := fnv.New32a()
	fmt.Fprint(h, v.Engine.Name, now.UnixNano())
	return fmt.Sprintf("..%s.%d", now.UTC().Format("2006_01_02_15_04_05"), h.Sum32())
}
