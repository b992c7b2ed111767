package images

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Server is the reference of the image of package server: a program that
// serves, fails, waits and grows as its flags say. It has no shell.
const Server = "podsim.test/server:1"

// TLSProxy is the reference of the image of package tlsproxy, which stands in
// for a web server in front of an app. It has no shell.
const TLSProxy = "podsim.test/tls-proxy:1"

const programs = "github.com/podsim/podsim/e2e/images/"

// compiled is the image of a program of this repository, compiled statically.
// The same sources give the same bytes.
func compiled(ctx context.Context, tag, name string) (Image, error) {
	tmp, err := os.MkdirTemp("", "podsim-test-"+name+"-")
	if err != nil {
		return Image{}, err
	}
	defer os.RemoveAll(tmp)
	program := filepath.Join(tmp, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=",
		"-o", program, programs+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := cmd.CombinedOutput(); err != nil {
		return Image{}, fmt.Errorf("build test program %s: %w: %s", name, err, out)
	}
	body, err := os.ReadFile(program)
	if err != nil {
		return Image{}, fmt.Errorf("read test program %s: %w", name, err)
	}
	files := append(systemFiles(), File{Path: name, Mode: 0o755, Body: body})
	return Image{
		Tags:   []string{tag},
		Files:  files,
		Config: Config{Env: []string{searchPath}, Entrypoint: []string{"/" + name}},
	}, nil
}
