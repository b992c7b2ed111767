package simulator

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/simulator/internal/node"
	"github.com/podsim/podsim/simulator/internal/store"
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
func (s *Simulator) RunNode(ctx context.Context, o NodeOptions) error {
	if !o.Background {
		return s.runNode(ctx, o)
	}
	for {
		release, ok, err := s.store.OwnNode()
		if err != nil {
			return fmt.Errorf("become the background node: %w", err)
		}
		if !ok {
			return nil
		}
		err = s.runNode(ctx, o)
		release()
		// A pod that was made after the last look and before the release found a
		// node and started none: it must not be left alone.
		if err != nil || ctx.Err() != nil {
			return err
		}
		if orphans, _ := s.orphans(); len(orphans) == 0 {
			return nil
		}
	}
}

func (s *Simulator) runNode(ctx context.Context, o NodeOptions) error {
	c := node.Config{
		Engine:   s.engine,
		Agent:    s.agent,
		Store:    s.store,
		Info:     s.nodeInfo(),
		Can:      node.AbilitiesOf(s.info),
		Idle:     o.Idle,
		Progress: o.Progress,
		Log:      o.Log,
	}
	switch {
	case o.Only != nil:
		c.Owns = func(p store.Pod) bool { return slices.Contains(o.Only, p.Object.UID) }
	case o.Background:
		c.Owns = backgroundOwns
	}
	return node.Run(ctx, c)
}

// backgroundOwns leaves pods to the process that made them for itself, while it
// lives.
func backgroundOwns(p store.Pod) bool {
	pid := p.Options.Foreground
	return pid == 0 || pid == os.Getpid() || !alive(pid)
}

// sandboxes reaches the program inside sandboxes; it is the node's Agent.
type sandboxes struct {
	engine runtime.Engine
	image  string
}

func (a sandboxes) Ensure(ctx context.Context) (string, error) {
	return agent.Ensure(ctx, a.engine, a.image)
}

func (a sandboxes) Kill(ctx context.Context, sandbox runtime.ContainerID, meta runtime.Meta, id runtime.ContainerID, p runtime.Process) error {
	ref, err := a.Ensure(ctx)
	if err != nil {
		return err
	}
	return agent.Kill(ctx, a.engine, ref, sandbox, meta, id, p)
}

func (a sandboxes) Tunnel(id runtime.ContainerID) node.Tunnel { return agent.New(a.engine, id) }
