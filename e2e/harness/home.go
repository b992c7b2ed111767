package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Home is one state directory of podsim and what runs from it.
type Home struct {
	tb     testing.TB
	Dir    string
	Bin    string
	Engine *Engine
	// Env is added to the environment of every command.
	Env []string
	// Namespace is given to every command that names none.
	Namespace string
}

// New makes an empty home. At the end of the test its background node is
// ended and what is left on the engine is removed.
func New(tb testing.TB) *Home {
	tb.Helper()
	engine := Connect(tb)
	// Not tb.TempDir: a socket's path must be short.
	dir, err := os.MkdirTemp("", "podsim-home-")
	if err != nil {
		tb.Fatalf("make home: %v", err)
	}
	h := &Home{tb: tb, Dir: dir, Bin: Binary(tb), Engine: engine}
	tb.Cleanup(h.close)
	return h
}

// For is the same home seen by another test.
func (h *Home) For(tb testing.TB) *Home {
	other := *h
	other.tb = tb
	return &other
}

func (h *Home) close() {
	if h.tb.Failed() {
		h.showNodeLog()
	}
	h.KillNode()
	h.sweep()
	if err := os.RemoveAll(h.Dir); err != nil {
		h.tb.Logf("remove home: %v", err)
	}
}

// showNodeLog prints the end of the background node's own log, if it wrote one.
func (h *Home) showNodeLog() {
	logs, _ := filepath.Glob(filepath.Join(h.Dir, "engines", "*", "node.log"))
	for _, name := range logs {
		text, err := os.ReadFile(name)
		if err != nil || len(text) == 0 {
			continue
		}
		h.tb.Logf("%s:\n%s", filepath.Base(name), tail(string(text), 40))
	}
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// IDs are what the engine's labels call this home: a store for each engine
// keeps one. There is none before the first command.
func (h *Home) IDs() []string {
	stores, _ := filepath.Glob(filepath.Join(h.Dir, "engines", "*", "home"))
	var ids []string
	for _, name := range stores {
		if text, err := os.ReadFile(name); err == nil {
			ids = append(ids, strings.TrimSpace(string(text)))
		}
	}
	return ids
}

// Write puts a file into the home's scratch directory and returns its path.
func (h *Home) Write(name, text string) string {
	h.tb.Helper()
	path := filepath.Join(h.Dir, "files", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.tb.Fatalf("write %s: %v", name, err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.tb.Fatalf("write %s: %v", name, err)
	}
	return path
}

func (h *Home) environ() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "PODSIM_") || strings.HasPrefix(v, "NO_COLOR=")
	})
	env = append(env, "PODSIM_HOME="+h.Dir)
	return append(env, h.Env...)
}

// nodes finds the processes of podsim that run from this home, apart from the
// commands that the test itself waits for. Linux only: elsewhere it is empty.
func (h *Home) nodes() []int {
	var pids []int
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range entries {
		env, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err != nil || !slices.Contains(strings.Split(string(env), "\x00"), "PODSIM_HOME="+h.Dir) {
			continue
		}
		line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
		if err != nil || !slices.Contains(strings.Split(string(line), "\x00"), "node") {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(dir), "%d", &pid); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// KillNode ends the home's background node as a crash would, with SIGKILL,
// and waits until it is gone. It reports whether there was one.
func (h *Home) KillNode() bool {
	pids := h.nodes()
	for _, pid := range pids {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
	Eventually(5*time.Second, func() bool { return len(h.nodes()) == 0 })
	return len(pids) > 0
}

// NodePID is the process of the home's background node, 0 for none.
func (h *Home) NodePID() int {
	if pids := h.nodes(); len(pids) > 0 {
		return pids[0]
	}
	return 0
}

// NodeRuns reports whether the home's background node is alive.
func (h *Home) NodeRuns() bool { return len(h.nodes()) > 0 }

// In is the same home with another namespace for its commands.
func (h *Home) In(namespace string) *Home {
	other := *h
	other.Namespace = namespace
	return &other
}
