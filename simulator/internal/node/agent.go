package node

import (
	"context"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
)

// EngineAgent is the Agent of a real engine: the embedded pause image, or the
// one of that name if Override is set.
type EngineAgent struct {
	Engine   runtime.Engine
	Override string
}

// Ensure loads the pause image unless the engine has it.
func (a EngineAgent) Ensure(ctx context.Context) (string, error) {
	return agent.Ensure(ctx, a.Engine, a.Override)
}

// Tunnel connects with its first use.
func (a EngineAgent) Tunnel(id runtime.ContainerID) Tunnel { return agent.New(a.Engine, id) }
