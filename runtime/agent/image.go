package agent

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

//go:embed artefacts/*.gz
var artefacts embed.FS

const (
	repository = "podsim/pause"
	// program is where the image holds the agent.
	program = "/pause"
	// layout changes when the image around the program does.
	layout = "1"
)

// image is the pause image of one architecture. Two of one content are the
// same bytes, with the same reference.
type image struct {
	arch       string
	compressed []byte
}

// embedded finds the image for an architecture, however the engine spells it.
func embedded(arch string) (image, error) {
	name := arch
	switch arch {
	case "x86_64":
		name = "amd64"
	case "aarch64":
		name = "arm64"
	}
	b, err := artefacts.ReadFile("artefacts/podsim-agent-linux-" + name + ".gz")
	if err != nil {
		return image{}, fmt.Errorf("no pause image for architecture %q is built in: choose one with --pause-image", arch)
	}
	return image{name, b}, nil
}

// ref is the content-addressed reference: another podsim's image never has it.
func (i image) ref() string {
	h := sha256.New()
	io.WriteString(h, layout+i.arch)
	h.Write(i.compressed)
	return repository + ":" + hex.EncodeToString(h.Sum(nil))[:12]
}

// archive is the image as "docker save" writes one.
func (i image) archive() ([]byte, error) {
	zr, err := gzip.NewReader(bytes.NewReader(i.compressed))
	if err != nil {
		return nil, err
	}
	binary, err := io.ReadAll(zr)
	if err != nil {
		return nil, err
	}
	layer, err := makeTar(file{program[1:], 0o755, binary})
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(i.config(layer))
	if err != nil {
		return nil, err
	}
	configName, layerName := digest(config)+".json", digest(layer)+"/layer.tar"
	manifest, err := json.Marshal([]map[string]any{{
		"Config":   configName,
		"RepoTags": []string{i.ref()},
		"Layers":   []string{layerName},
	}})
	if err != nil {
		return nil, err
	}
	return makeTar(
		file{configName, 0o644, config},
		file{layerName, 0o644, layer},
		file{"manifest.json", 0o644, manifest},
	)
}

func (i image) config(layer []byte) map[string]any {
	return map[string]any{
		"architecture": i.arch,
		"os":           "linux",
		"created":      epoch.Format(time.RFC3339),
		"config": map[string]any{
			"Entrypoint": []string{program},
			"WorkingDir": "/",
			"StopSignal": "SIGTERM",
			"Labels":     map[string]string{"org.opencontainers.image.title": "podsim pause"},
		},
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
		"history": []map[string]any{{"created": epoch.Format(time.RFC3339), "created_by": "podsim"}},
	}
}

var epoch = time.Unix(0, 0).UTC()

type file struct {
	name string
	mode int64
	data []byte
}

func makeTar(files ...file) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: epoch, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
