package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
		Tty:          o.TTY,
		AttachStdin:  o.Stdin,
		AttachStdout: true,
		AttachStderr: true,
		DetachKeys:   detachKeys,
	})
	if err != nil {
		return nil, e.entered(ctx, id, classify(err))
	}
	conn, err := e.cli.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{Tty: o.TTY})
	if err != nil {
		return nil, classifyUpgrade(err)
	}
	return newProcess(conn, processOptions{
		stdin: o.Stdin,
		tty:   o.TTY,
		resize: func(ctx context.Context, width, height uint16) error {
			return e.resizeExec(ctx, created.ID, size(width, height))
		},
		exitCode: func(ctx context.Context) (int, error) { return e.execExitCode(ctx, created.ID) },
		pid: func(ctx context.Context) (int, error) {
			state, err := e.cli.ContainerExecInspect(ctx, created.ID)
			if err != nil || !state.Running {
				return 0, classify(err)
			}
			return state.Pid, nil
		},
	}), nil
}

// entered tells a container that is paused from one that does not run: the
// engine answers both with a conflict, and to an attach with no more.
func (e *Engine) entered(ctx context.Context, id runtime.ContainerID, err error) error {
	if !errors.Is(err, runtime.ErrConflict) {
		return err
	}
	if c, inspectErr := e.Container(ctx, id); inspectErr != nil || !c.Paused {
		return err
	}
	return &engineError{class: runtime.ErrPaused, text: fmt.Sprintf("the container is paused (docker unpause %.12s)", id)}
}

// codeKilled is the exit code of a process that got SIGKILL.
const codeKilled = 137

// execExitCode waits for the end of a process whose output has ended. The
// engine has no call that waits; mostly the end is a moment away. When the
// container ends the engine forgets the process that was killed with it.
func (e *Engine) execExitCode(ctx context.Context, exec string) (int, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		state, err := e.cli.ContainerExecInspect(ctx, exec)
		switch err = classify(err); {
		case errors.Is(err, runtime.ErrNotFound):
			return codeKilled, nil
		case err != nil:
			return 0, err
		case !state.Running:
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
		DetachKeys: detachKeys,
	})
	if err != nil {
		return nil, e.entered(ctx, id, classifyUpgrade(err))
	}
	return newProcess(conn, processOptions{
		stdin: o.Stdin,
		tty:   o.TTY,
		resize: func(ctx context.Context, width, height uint16) error {
			return e.resizeContainer(ctx, string(id), size(width, height))
		},
		exitCode: func(context.Context) (int, error) { return 0, nil },
		pid: func(ctx context.Context) (int, error) {
			c, err := e.cli.ContainerInspect(ctx, string(id))
			if err != nil {
				return 0, classify(err)
			}
			return c.State.Pid, nil
		},
	}), nil
}

// resizeExec tells the size of a terminal. A process that has ended meanwhile
// needs none, and each version of the engine says that in other words; 28 says
// "stopped container" while it still shows the process as running.
func (e *Engine) resizeExec(ctx context.Context, exec string, size container.ResizeOptions) error {
	err := classify(e.cli.ContainerExecResize(ctx, exec, size))
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "stopped container") {
		return nil
	}
	if state, inspectErr := e.cli.ContainerExecInspect(ctx, exec); inspectErr == nil && !state.Running {
		return nil
	}
	return err
}

func (e *Engine) resizeContainer(ctx context.Context, id string, size container.ResizeOptions) error {
	err := classify(e.cli.ContainerResize(ctx, id, size))
	if err == nil {
		return nil
	}
	if c, inspectErr := e.cli.ContainerInspect(ctx, id); inspectErr == nil && !c.State.Running {
		return nil
	}
	return err
}

func size(width, height uint16) container.ResizeOptions {
	return container.ResizeOptions{Width: uint(width), Height: uint(height)}
}
