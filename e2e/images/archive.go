package images

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	goruntime "runtime"
	"slices"
	"strings"
)

// File is one entry of an image's file system.
type File struct {
	Path     string // without a leading slash
	Mode     fs.FileMode
	Body     []byte
	Link     string // a symlink's target
	UID, GID int
}

// Image is an image to be: its files and what its configuration says.
type Image struct {
	Tags   []string
	Files  []File
	Config Config
}

// Config is the part of an image's configuration that containers inherit.
type Config struct {
	User         string              `json:",omitempty"`
	ExposedPorts map[string]struct{} `json:",omitempty"`
	Env          []string
	Entrypoint   []string            `json:",omitempty"`
	Cmd          []string            `json:",omitempty"`
	Volumes      map[string]struct{} `json:",omitempty"`
	WorkingDir   string              `json:",omitempty"`
	StopSignal   string              `json:",omitempty"`
	Labels       map[string]string   `json:",omitempty"`
	Healthcheck  *HealthcheckConfig  `json:",omitempty"`
}

// HealthcheckConfig is a check the image's author asked the engine to make.
type HealthcheckConfig struct {
	Test     []string
	Interval int64 `json:",omitempty"` // nanoseconds
}

type imageJSON struct {
	Architecture string        `json:"architecture"`
	OS           string        `json:"os"`
	Created      string        `json:"created"`
	Config       Config        `json:"config"`
	RootFS       rootFS        `json:"rootfs"`
	History      []historyJSON `json:"history"`
}

type rootFS struct {
	Type    string   `json:"type"`
	DiffIDs []string `json:"diff_ids"`
}

type historyJSON struct {
	Created   string `json:"created"`
	CreatedBy string `json:"created_by"`
}

type manifestJSON struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// dirMode is what most directories have.
const dirMode = fs.ModeDir | 0o755

// epoch is when every test image was made.
const epoch = "2024-01-01T00:00:00Z"

// archive is an image in the form of "docker save".
type archive struct {
	// content names what is in the image, whatever it is called.
	content string
	tar     []byte
}

// pack writes img as an archive under its tags and one that names its content.
func pack(img Image) (archive, error) {
	layer, err := layerTar(img.Files)
	if err != nil {
		return archive{}, err
	}
	layerSum := sum(layer)
	config, err := json.Marshal(imageJSON{
		Architecture: goruntime.GOARCH,
		OS:           "linux",
		Created:      epoch,
		Config:       img.Config,
		RootFS:       rootFS{Type: "layers", DiffIDs: []string{"sha256:" + layerSum}},
		History:      []historyJSON{{Created: epoch, CreatedBy: "podsim test images"}},
	})
	if err != nil {
		return archive{}, fmt.Errorf("encode image configuration: %w", err)
	}
	content := sum(config)
	layerPath := layerSum + "/layer.tar"
	manifest, err := json.Marshal([]manifestJSON{{
		Config:   content + ".json",
		RepoTags: append(slices.Clone(img.Tags), contentTag(content)),
		Layers:   []string{layerPath},
	}})
	if err != nil {
		return archive{}, fmt.Errorf("encode image manifest: %w", err)
	}
	body, err := writeTar([]File{
		dir(layerSum),
		{Path: layerPath, Mode: 0o644, Body: layer},
		{Path: content + ".json", Mode: 0o644, Body: config},
		{Path: "manifest.json", Mode: 0o644, Body: manifest},
	})
	if err != nil {
		return archive{}, err
	}
	return archive{content: content, tar: body}, nil
}

// contentTag is the name under which exactly this content is found again.
func contentTag(content string) string {
	return "podsim.test/content:" + content[:16]
}

// layerTar writes files in the order of their paths, which puts directories
// before what they hold.
func layerTar(files []File) ([]byte, error) {
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return writeTar(sorted)
}

func writeTar(files []File) ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range files {
		h := &tar.Header{
			Name:     f.Path,
			Mode:     int64(f.Mode.Perm()),
			Uid:      f.UID,
			Gid:      f.GID,
			Typeflag: tar.TypeReg,
			Size:     int64(len(f.Body)),
			Format:   tar.FormatPAX,
		}
		if f.Mode&fs.ModeSticky != 0 {
			h.Mode |= 0o1000
		}
		switch {
		case f.Link != "":
			h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, f.Link, 0o777
		case f.Mode.IsDir():
			h.Typeflag, h.Name = tar.TypeDir, f.Path+"/"
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("write archive entry %q: %w", f.Path, err)
		}
		if _, err := w.Write(f.Body); err != nil {
			return nil, fmt.Errorf("write archive entry %q: %w", f.Path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write archive: %w", err)
	}
	return buf.Bytes(), nil
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
