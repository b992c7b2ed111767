package simulator

import (
	"context"
	"log/slog"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/runtime"
)

// NodeOptions of RunNode.
type NodeOptions struct {
	// Background makes it the one background node of this engine: it owns every
	// pod that has no living owner of its own, returns at once when there is
	// such a node already, and ends when it had no pod for Idle.
	Background bool
	// Only limits it to some pods, for a process that owns its own ones. Nil
	// owns every pod.
	Only []types.UID
	// Idle ends it after so long without a pod; 0 never.
	Idle time.Duration
	// Progress hears of image pulls, from many goroutines.
	Progress func(pod types.NamespacedName, image string, p runtime.PullProgress)
	Log      *slog.Logger
}

// RunNode owns pods in this process until ctx ends or it had nothing to do for
// Idle. Pods are left as they stand: the next node adopts them.
func (s *Simulator) RunNode(ctx context.Context, o NodeOptions) error { return errTODO }

// EnsureNode starts the background node unless it runs, in a session of its
// own, with its log in NodeLog. It returns once that node holds the store.
func (s *Simulator) EnsureNode(ctx context.Context) error { return errTODO }

// Node is the background node's process, 0 when none runs.
func (s *Simulator) Node() (pid int, err error) { return 0, errTODO }

// NodeLog is the file with the background node's log.
func (s *Simulator) NodeLog() string { return s.store.NodeLog() }
