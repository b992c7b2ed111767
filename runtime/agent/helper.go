package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// HelperEngine is what Inspect and Kill need of an engine.
type HelperEngine interface {
	CreateContainer(ctx context.Context, s runtime.ContainerSpec) (runtime.ContainerID, error)
	StartContainer(ctx context.Context, id runtime.ContainerID) error
	RemoveContainer(ctx context.Context, id runtime.ContainerID) error
	LogEngine
}

// Inspect tells which process of which container listens where in a sandbox's
// network. Ref is the pause image; meta names the pod and its home.
func Inspect(ctx context.Context, engine HelperEngine, ref string, sandbox runtime.ContainerID, meta runtime.Meta) ([]wire.Listener, error) {
	stdout, err := help(ctx, engine, ref, sandbox, meta, []string{"SYS_PTRACE", "DAC_READ_SEARCH"}, "inspect")
	if err != nil {
		return nil, err
	}
	var out []wire.Listener
	if err := json.Unmarshal(stdout, &out); err != nil {
		return nil, fmt.Errorf("inspect sandbox: %w", err)
	}
	return out, nil
}

// Kill ends a process that Exec started in a container, at once: the engine
// itself has no call for that. Ref, sandbox and meta are Inspect's.
func Kill(ctx context.Context, engine HelperEngine, ref string, sandbox runtime.ContainerID, meta runtime.Meta, id runtime.ContainerID, p runtime.Process) error {
	pid, err := p.PID(ctx)
	if errors.Is(err, runtime.ErrNotFound) || errors.Is(err, runtime.ErrUnsupported) {
		return nil
	}
	if err == nil {
		_, err = help(ctx, engine, ref, sandbox, meta, []string{"KILL"}, "kill", string(id), strconv.Itoa(pid))
	}
	return err
}

// help runs the agent in a short-lived container beside a sandbox that sees
// the machine's processes, and returns what it printed.
func help(ctx context.Context, engine HelperEngine, ref string, sandbox runtime.ContainerID, meta runtime.Meta, caps []string, cmd ...string) ([]byte, error) {
	meta.Kind, meta.Container = runtime.KindHelper, cmd[0]
	id, err := engine.CreateContainer(ctx, runtime.ContainerSpec{
		Meta:    meta,
		Name:    fmt.Sprintf("podsim_%s_%s_%x", cmd[0], meta.Pod.UID, time.Now().UnixNano()),
		Image:   ref,
		Sandbox: sandbox,
		PID:     "host",
		Cmd:     cmd,
		Security: runtime.Security{
			CapDrop:         []string{"ALL"},
			CapAdd:          caps,
			NoNewPrivileges: true,
			ReadonlyRootfs:  true,
			AppArmor:        "unconfined",
		},
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd[0], err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		engine.RemoveContainer(ctx, id) // labelled: what stays is collected later
	}()
	var stdout, stderr bytes.Buffer
	if err = engine.StartContainer(ctx, id); err == nil {
		err = engine.Logs(ctx, id, runtime.LogOptions{Follow: true, Tail: -1}, &stdout, &stderr)
	}
	if err == nil && stderr.Len() > 0 {
		err = errors.New(string(bytes.TrimSpace(stderr.Bytes())))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd[0], err)
	}
	return stdout.Bytes(), nil
}
