package simulator

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	// nodeStart is how long a background node may take to begin.
	nodeStart = 30 * time.Second
	// nodePoll is how often it is looked for meanwhile.
	nodePoll = 5 * time.Millisecond
	// nodeLogSize is how long its log grows before a new one is begun.
	nodeLogSize = 4 << 20
)

// nodeMark is set in the environment of a background node: a program that does
// not know what "node" means cannot start another one, and so on for ever.
const nodeMark = "PODSIM_BACKGROUND_NODE"

// Node is the background node's process, 0 when none runs.
func (s *Simulator) Node() (pid int, err error) {
	pid, _, err = s.store.NodeRunning()
	return pid, err
}

// NodeLog is the file with the background node's log.
func (s *Simulator) NodeLog() string { return s.store.NodeLog() }

// EnsureNode starts the background node unless it runs, in a session of its
// own, with its log in NodeLog. It returns once that node holds the store. Of
// many processes that ask at once one starts it, and the others wait. Call it
// after the pod is in the store.
func (s *Simulator) EnsureNode(ctx context.Context) error {
	if err := s.ensureNode(ctx); err != nil {
		return fmt.Errorf("start the background node: %w", err)
	}
	return nil
}

func (s *Simulator) ensureNode(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, nodeStart)
	defer cancel()
	for {
		if _, running, err := s.store.NodeRunning(); running || err != nil {
			return err
		}
		release, first, err := s.store.StartNode()
		if err != nil {
			return err
		}
		if first {
			defer release()
			return s.startNode(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("another process is at it: %w (see %s)", ctx.Err(), s.NodeLog())
		case <-time.After(nodePoll):
		}
	}
}

// startNode starts the background node, unless it has begun meanwhile.
func (s *Simulator) startNode(ctx context.Context) error {
	if _, running, err := s.store.NodeRunning(); running || err != nil {
		return err
	}
	argv, err := s.nodeCommand()
	if err != nil {
		return err
	}
	log, err := s.openNodeLog()
	if err != nil {
		return err
	}
	defer log.Close()
	begin, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir = s.store.Dir()
	cmd.Env = append(os.Environ(), nodeMark+"=1")
	if s.opts.Home != "" {
		home, err := filepath.Abs(s.opts.Home)
		if err != nil {
			return err
		}
		cmd.Env = append(cmd.Env, "PODSIM_HOME="+home)
	}
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	return s.awaitNode(ctx, cmd, begin)
}

// awaitNode waits until a node holds the store: the one just started, or
// another that was quicker.
func (s *Simulator) awaitNode(ctx context.Context, cmd *exec.Cmd, logFrom int64) error {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(nodePoll)
	defer tick.Stop()
	for {
		if _, running, err := s.store.NodeRunning(); running || err != nil {
			return err
		}
		select {
		case err := <-ended:
			if _, running, lookErr := s.store.NodeRunning(); running || lookErr != nil {
				return lookErr
			}
			if err == nil {
				err = errors.New("it ended at once")
			}
			return fmt.Errorf("%w%s", err, s.lastWords(logFrom))
		case <-ctx.Done():
			return fmt.Errorf("%w (see %s)", ctx.Err(), s.NodeLog())
		case <-tick.C:
		}
	}
}

// nodeCommand is how to start a node. A test binary would run its tests again.
func (s *Simulator) nodeCommand() ([]string, error) {
	if len(s.opts.NodeCommand) > 0 {
		return s.opts.NodeCommand, nil
	}
	if os.Getenv(nodeMark) != "" {
		return nil, errors.New("this process was started as one")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if flag.Lookup("test.v") != nil {
		return nil, fmt.Errorf("%s is a test; run a node in it (RunNode) or set NodeCommand", filepath.Base(self))
	}
	return []string{self, "node", "--background"}, nil
}

// openNodeLog opens the log for appending; one that grew long is put aside.
func (s *Simulator) openNodeLog() (*os.File, error) {
	path := s.NodeLog()
	if info, err := os.Stat(path); err == nil && info.Size() > nodeLogSize {
		_ = os.Rename(path, path+".old")
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}

// lastWords is the end of what a node that did not start wrote.
func (s *Simulator) lastWords(from int64) string {
	f, err := os.Open(s.NodeLog())
	if err != nil {
		return ""
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return ""
	}
	data, _ := io.ReadAll(io.LimitReader(f, 64<<10))
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}
