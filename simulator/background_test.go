//go:build unix

package simulator

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/podsim/podsim/runtime/fake"
)

// childNode makes the test binary a background node that ends when it had
// nothing to do for so long, or one that fails.
const childNode = "PODSIM_TEST_NODE"

func TestMain(m *testing.M) {
	switch os.Getenv(childNode) {
	case "":
		os.Exit(m.Run())
	case "fail":
		fmt.Fprintln(os.Stderr, "error: it rains")
		os.Exit(125)
	}
	if err := backgroundNode(os.Getenv(childNode)); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func backgroundNode(idle string) error {
	limit, err := time.ParseDuration(idle)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	s, err := New(ctx, Options{Engine: fake.New(fake.Hooks{})})
	if err != nil {
		return err
	}
	s.agent = loopbackAgent{}
	return s.RunNode(ctx, NodeOptions{Background: true, Idle: limit})
}

func TestEnsureNodeStartsOneAndItGoesWhenThereIsNothingToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opts.Home = t.TempDir()
	w = reopen(t, w)
	w.opts.NodeCommand = []string{"env", childNode + "=200ms", os.Args[0]}
	for range 2 {
		if err := w.EnsureNode(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	pid, err := w.Node()
	if err != nil || pid == 0 || pid == os.Getpid() {
		t.Errorf("node %d %v", pid, err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for pid != 0 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond) // another process: nothing tells its end
		pid, _ = w.Node()
	}
	if pid != 0 {
		t.Errorf("node %d still runs", pid)
	}
}

func TestOfManyWhoWantANodeOneStartsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opts.Home = t.TempDir()
	w = reopen(t, w)
	starts := filepath.Join(t.TempDir(), "starts")
	w.opts.NodeCommand = []string{"sh", "-c", `echo start >>"$0"; exec env "$@"`, starts, childNode + "=5s", os.Args[0]}
	var all errgroup.Group
	for range 20 {
		all.Go(func() error { return w.EnsureNode(t.Context()) })
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(starts); err != nil || string(text) != "start\n" {
		t.Errorf("started: %q %v", text, err)
	}
}

// reopen is a Simulator on the same engine with the options as they are now.
func reopen(t *testing.T, w *world) *world {
	t.Helper()
	s, err := New(t.Context(), w.opts)
	if err != nil {
		t.Fatal(err)
	}
	s.agent = loopbackAgent{}
	return &world{Simulator: s, t: t, engine: w.engine}
}

func TestNodeThatDoesNotStartSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opts.NodeCommand = []string{"env", childNode + "=fail", os.Args[0]}
	err := w.EnsureNode(t.Context())
	if err == nil || !strings.Contains(err.Error(), "error: it rains") {
		t.Errorf("got %v", err)
	}
	w.opts.NodeCommand = nil
	if err := w.EnsureNode(t.Context()); err == nil || !strings.Contains(err.Error(), "is a test") {
		t.Errorf("a test as a node: %v", err)
	}
}
