package docker

import (
	"context"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// detachKeys replaces Docker's Ctrl-P Ctrl-Q, which a shell needs. It cannot
// be switched off, so that it is what nobody types.
const detachKeys = "ctrl-^,ctrl-@,ctrl-^,ctrl-_,ctrl-^,ctrl-@"

// Exec starts a process. A program that does not exist ends at once with code
// 126 or 127 and the engine's text on its output.
func (e *Engine) Exec(ctx context.Context, id runtime.ContainerID, o runtime.ExecOptions) (runtime.Process, error) {
	created, err := e.cli.ContainerExecCreate(ctx, string(id), container.ExecOptions{
		Cmd:          o.Cmd,
		Env:          o.Env,
		User:         o.User,
		WorkingDir:   o.WorkingDir,
		Tty:          o.TTY,
		Privileged:   o.Privileged,
		AttachStdin:  o.Stdin,
		AttachStdout: true,
		AttachStderr: true,
		DetachKeys:   detachKeys,
	})
	if err != nil {
		return nil, classify(err)
	}
	conn, err := e.cli.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{Tty: o.TTY})
	if err != nil {
		return nil, classify(err)
	}
	return newProcess(conn, processOptions{
		stdin: o.Stdin,
		tty:   o.TTY,
		resize: func(ctx context.Context, width, height uint16) error {
			return classify(e.cli.ContainerExecResize(ctx, created.ID, size(width, height)))
		},
		exitCode: func(ctx context.Context) (int, error) { return e.execExitCode(ctx, created.ID) },
	}), nil
}

// execExitCode waits for the end of a process whose output has ended. The
// engine has no call that waits; mostly the end is a moment away.
func (e *Engine) execExitCode(ctx context.Context, exec string) (int, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		state, err := e.cli.ContainerExecInspect(ctx, exec)
		if err != nil {
			return 0, classify(err)
		}
		if !state.Running {
			return state.ExitCode, nil
		}
		if err := wait(ctx, pause); err != nil {
			return 0, err
		}
	}
}

// Attach connects to the container's first process.
func (e *Engine) Attach(ctx context.Context, id runtime.ContainerID, o runtime.AttachOptions) (runtime.Process, error) {
	conn, err := e.cli.ContainerAttach(ctx, string(id), container.AttachOptions{
		Stream:     true,
		Stdin:      o.Stdin,
		Stdout:     true,
		Stderr:     true,
		Logs:       o.Logs,
		DetachKeys: detachKeys,
	})
	if err != nil {
		return nil, classify(err)
	}
	return newProcess(conn, processOptions{
		stdin: o.Stdin,
		tty:   o.TTY,
		resize: func(ctx context.Context, width, height uint16) error {
			return classify(e.cli.ContainerResize(ctx, string(id), size(width, height)))
		},
		exitCode: func(context.Context) (int, error) { return 0, nil },
	}), nil
}

func size(width, height uint16) container.ResizeOptions {
	return container.ResizeOptions{Width: uint(width), Height: uint(height)}
}
