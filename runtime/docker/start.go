package docker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/podsim/podsim/runtime"
)

// StartContainer starts the process. The engine answers 304 when it runs
// already, which the client takes for success.
func (e *Engine) StartContainer(ctx context.Context, id runtime.ContainerID) error {
	e.ended.forget(id)
	err := classify(e.cli.ContainerStart(ctx, string(id), container.StartOptions{}))
	if err == nil || ctx.Err() != nil || errors.Is(err, runtime.ErrUnavailable) {
		return err
	}
	e.fails.note(id, time.Now())
	return e.explainStart(ctx, id, err)
}

// explainStart recognises a sandbox that has just ended, and the failure of an
// engine that may not set a negative oom_score_adj. runc 1.1 dies of it without a word, later ones name the file.
func (e *Engine) explainStart(ctx context.Context, id runtime.ContainerID, err error) error {
	text := err.Error()
	if containsFold(text, "of a non running container") {
		return &engineError{class: runtime.ErrNoSandbox, text: text, err: err}
	}
	if !containsFold(text, "can't get final child's pid from pipe") && !containsFold(text, "oom_score_adj") {
		return err
	}
	c, inspectErr := e.cli.ContainerInspect(ctx, string(id))
	if inspectErr != nil || c.HostConfig == nil || c.HostConfig.OomScoreAdj >= 0 {
		return err
	}
	return &engineError{class: runtime.ErrDenied, text: text, err: fmt.Errorf("%w: %w", runtime.ErrOOMScore, err)}
}

// failureTimes remembers when a start failed, for the engine does not.
type failureTimes struct {
	mu sync.Mutex
	at map[runtime.ContainerID]time.Time
}

func (f *failureTimes) note(id runtime.ContainerID, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at == nil {
		f.at = map[runtime.ContainerID]time.Time{}
	}
	f.at[id] = at
}

func (f *failureTimes) get(id runtime.ContainerID) (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.at[id]
	return at, ok
}

func (f *failureTimes) forget(id runtime.ContainerID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.at, id)
}
