package harness

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
)

// Registry is a registry with one small image, on the loopback of this
// machine: engines speak plain HTTP there. It works only where the engine
// runs on this machine too.
type Registry struct {
	// Image is the reference to pull; any other name is not found.
	Image string
	// User and Password are asked for when they are set.
	User, Password string
	// Hold makes layers wait until it is closed; nil does not.
	Hold chan struct{}

	server   *httptest.Server
	manifest []byte
	blobs    map[string][]byte
}

// The media types of an image.
const (
	manifestType = "application/vnd.docker.distribution.manifest.v2+json"
	configType   = "application/vnd.docker.container.image.v1+json"
	layerType    = "application/vnd.docker.image.rootfs.diff.tar.gzip"
)

// NewRegistry starts a registry that the test may configure before use.
func NewRegistry(tb testing.TB) *Registry {
	tb.Helper()
	r := &Registry{blobs: map[string][]byte{}}
	if err := r.fill(); err != nil {
		tb.Fatalf("make image: %v", err)
	}
	r.server = httptest.NewServer(http.HandlerFunc(r.serve))
	r.Image = r.Host() + "/team/app:1"
	tb.Cleanup(r.server.Close)
	return r
}

// Host is the address of the registry, as an image's name begins with it.
func (r *Registry) Host() string { return strings.TrimPrefix(r.server.URL, "http://") }

// DockerConfig writes a docker configuration that knows the password, and
// returns its directory for DOCKER_CONFIG.
func (r *Registry) DockerConfig(tb testing.TB) string {
	tb.Helper()
	auth := base64.StdEncoding.EncodeToString([]byte(r.User + ":" + r.Password))
	text := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, r.Host(), auth)
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
		tb.Fatalf("write docker configuration: %v", err)
	}
	return dir
}

func (r *Registry) serve(w http.ResponseWriter, req *http.Request) {
	if r.User != "" {
		user, password, _ := req.BasicAuth()
		if user != r.User || password != r.Password {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
			return
		}
	}
	name, isBlob := strings.CutPrefix(req.URL.Path, "/v2/team/app/blobs/")
	switch {
	case req.URL.Path == "/v2/":
	case strings.HasPrefix(req.URL.Path, "/v2/team/app/manifests/"):
		w.Header().Set("Content-Type", manifestType)
		w.Header().Set("Docker-Content-Digest", digest(r.manifest))
		_, _ = w.Write(r.manifest)
	case isBlob && r.blobs[name] != nil:
		r.serveBlob(w, req, r.blobs[name])
	default:
		refuse(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown")
	}
}

func (r *Registry) serveBlob(w http.ResponseWriter, req *http.Request, blob []byte) {
	w.Header().Set("Content-Length", fmt.Sprint(len(blob)))
	if r.Hold != nil && len(blob) > 4096 {
		_, _ = w.Write(blob[:1024])
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Hold:
		case <-req.Context().Done():
			return
		}
		blob = blob[1024:]
	}
	_, _ = w.Write(blob)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
}

// fill makes an image that holds the machine's static busybox.
func (r *Registry) fill() error {
	program, err := os.ReadFile("/bin/busybox")
	if err != nil {
		return fmt.Errorf("read static busybox: %w", err)
	}
	plain, layer, err := layerOf(program)
	if err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": goruntime.GOARCH, "os": "linux",
		"config": map[string]any{"Cmd": []string{"/bin/sh"}, "Env": []string{"PATH=/bin"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{digest(plain)}},
	})
	if err != nil {
		return err
	}
	r.blobs[digest(config)], r.blobs[digest(layer)] = config, layer
	describe := func(mediaType string, blob []byte) map[string]any {
		return map[string]any{"mediaType": mediaType, "size": len(blob), "digest": digest(blob)}
	}
	r.manifest, err = json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": manifestType,
		"config": describe(configType, config),
		"layers": []any{describe(layerType, layer)},
	})
	return err
}

// layerOf is a layer with a shell and a few programs, and the same compressed.
// It differs from run to run, so that no engine has it already.
func layerOf(program []byte) (plain, compressed []byte, err error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	file := func(name string, body []byte) error {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(body)), Typeflag: tar.TypeReg}); err != nil {
			return err
		}
		_, err := w.Write(body)
		return err
	}
	if err := errors.Join(file("bin/busybox", program), file("etc/unique", []byte(rand.Text()))); err != nil {
		return nil, nil, err
	}
	for _, applet := range []string{"sh", "sleep", "echo", "cat"} {
		if err := w.WriteHeader(&tar.Header{Name: "bin/" + applet, Linkname: "busybox", Typeflag: tar.TypeSymlink}); err != nil {
			return nil, nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	var z bytes.Buffer
	gz := gzip.NewWriter(&z)
	if _, err := gz.Write(archive.Bytes()); err != nil {
		return nil, nil, err
	}
	if err := gz.Close(); err != nil {
		return nil, nil, err
	}
	return archive.Bytes(), z.Bytes(), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
