package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"testing"
)

// The variables that steer a run.
const (
	// binaryVar names a podsim to test in place of a fresh build.
	binaryVar = "PODSIM_BIN"
	// requireVar set to "require" turns a missing engine into a failure.
	requireVar = "PODSIM_E2E"
)

// Main builds podsim once for the tests of a package and runs them. It never
// returns.
func Main(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	if os.Getenv(binaryVar) != "" {
		return m.Run(), nil
	}
	dir, err := os.MkdirTemp("", "podsim-bin-")
	if err != nil {
		return 0, fmt.Errorf("make directory for the binary: %w", err)
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "podsim")
	if goruntime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "github.com/podsim/podsim/cmd/podsim")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build podsim: %w\n%s", err, out)
	}
	if err := os.Setenv(binaryVar, binary); err != nil {
		return 0, fmt.Errorf("set %s: %w", binaryVar, err)
	}
	return m.Run(), nil
}

// Binary is the podsim under test, built by Main.
func Binary(tb testing.TB) string {
	tb.Helper()
	binary := os.Getenv(binaryVar)
	if binary == "" {
		tb.Fatal("no podsim to test: TestMain must call harness.Main")
	}
	return binary
}
