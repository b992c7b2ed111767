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

const serverPackage = "github.com/podsim/podsim/e2e/images/server"

// server compiles the program statically. The same sources give the same
// bytes.
func server(ctx context.Context) (Image, error) {
	tmp, err := os.MkdirTemp("", "podsim-test-server-")
	if err != nil {
		return Image{}, err
	}
	defer os.RemoveAll(tmp)
	program := filepath.Join(tmp, "server")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=",
		"-o", program, serverPackage)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := cmd.CombinedOutput(); err != nil {
		return Image{}, fmt.Errorf("build test server: %w: %s", err, out)
	}
	body, err := os.ReadFile(program)
	if err != nil {
		return Image{}, fmt.Errorf("read test server: %w", err)
	}
	files := append(systemFiles(), File{Path: "server", Mode: 0o755, Body: body})
	return Image{
		Tags:   []string{Server},
		Files:  files,
		Config: Config{Env: []string{searchPath}, Entrypoint: []string{"/server"}},
	}, nil
}
