package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// InspectEngine is what Inspect needs of an engine.
type InspectEngine interface {
	CreateContainer(ctx context.Context, s runtime.ContainerSpec) (runtime.ContainerID, error)
	StartContainer(ctx context.Context, id runtime.ContainerID) error
	RemoveContainer(ctx context.Context, id runtime.ContainerID) error
	LogEngine
}

// Inspect tells which process of which container listens where in a sandbox's
// network. It runs a short-lived helper container that sees the machine's
// processes. Meta names the pod and its home; kind and container are set here.
func Inspect(ctx context.Context, engine InspectEngine, ref string, sandbox runtime.ContainerID, meta runtime.Meta) ([]wire.Listener, error) {
	meta.Kind, meta.Container = runtime.KindHelper, "inspect"
	id, err := engine.CreateContainer(ctx, runtime.ContainerSpec{
		Meta:    meta,
		Name:    fmt.Sprintf("podsim_inspect_%s_%x", meta.Pod.UID, time.Now().UnixNano()),
		Image:   ref,
		Sandbox: sandbox,
		PID:     "host",
		Cmd:     []string{"inspect"},
		Security: runtime.Security{
			CapDrop:         []string{"ALL"},
			CapAdd:          []string{"SYS_PTRACE", "DAC_READ_SEARCH"},
			NoNewPrivileges: true,
			ReadonlyRootfs:  true,
			AppArmor:        "unconfined",
		},
	})
	if err != nil {
		return nil, fmt.Errorf("inspect sandbox: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		engine.RemoveContainer(ctx, id) // labelled: what stays is collected later
	}()
	if err := engine.StartContainer(ctx, id); err != nil {
		return nil, fmt.Errorf("inspect sandbox: %w", err)
	}
	var stdout, stderr bytes.Buffer
	if err := engine.Logs(ctx, id, runtime.LogOptions{Follow: true, Tail: -1}, &stdout, &stderr); err != nil {
		return nil, fmt.Errorf("inspect sandbox: %w", err)
	}
	var out []wire.Listener
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		return nil, fmt.Errorf("inspect sandbox: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
