package node

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent"
	"github.com/podsim/podsim/runtime/agent/wire"
	"github.com/podsim/podsim/simulator/internal/config"
)

// pauseTimeout bounds each step of the pause process.
const pauseTimeout = 30 * time.Second

// pauseProcess talks with the pause process while it sets the sandbox up.
// Payloads go through its standard input, for a start pays for that connection
// already; the engine's archive API costs as much as a container.
type pauseProcess struct {
	out  *bufio.Reader
	sent chan error
}

// newPauseProcess begins to hand payloads over: the process takes them as soon
// as it is there. Closing the streams ends that.
func newPauseProcess(streams runtime.Process, payloads []agent.Payload) *pauseProcess {
	p := &pauseProcess{bufio.NewReader(streams.Stdout()), make(chan error, 1)}
	if stdin := streams.Stdin(); stdin != nil {
		go func() { p.sent <- agent.WritePayloads(stdin, payloads) }()
	}
	return p
}

// answer reads one line of JSON into v.
func (p *pauseProcess) answer(ctx context.Context, v any) error {
	return within(ctx, func() error {
		line, err := p.out.ReadBytes('\n')
		if len(line) == 0 {
			return fmt.Errorf("the pause process ended (%w)", err)
		}
		if err := json.Unmarshal(line, v); err != nil {
			return fmt.Errorf("answer %q: %w", line, err)
		}
		return nil
	})
}

// filled waits until the payloads lie in their volumes. What an earlier
// sandbox left there is replaced.
func (p *pauseProcess) filled(ctx context.Context) error {
	if err := within(ctx, func() error { return <-p.sent }); err != nil {
		return err
	}
	var filled wire.Filled
	if err := p.answer(ctx, &filled); err != nil {
		return err
	}
	if filled.Error != "" {
		return errors.New(filled.Error)
	}
	return nil
}

// within gives do a limit. Past it, do is left behind: closing the process's
// streams ends it.
func within(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	timer := time.NewTimer(pauseTimeout)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errors.New("no answer from the pause process")
	case err := <-done:
		return err
	}
}

func payloadsOf(vols []config.Volume) []agent.Payload {
	var out []agent.Payload
	for _, v := range vols {
		if v.Source == config.SourcePayload {
			out = append(out, payloadOf(v))
		}
	}
	return out
}

// fillVolumes fills volumes for a pause process that takes no payloads, as that
// of another version or of an engine in memory. Volumes of an earlier sandbox
// hold the payload of that time, and are changed as in a running pod.
func (w *worker) fillVolumes(ctx context.Context, id runtime.ContainerID, in config.Input, attempt int, vols []config.Volume) error {
	if attempt > 0 {
		t := w.n.Agent.Tunnel(id)
		defer t.Close()
		for _, v := range vols {
			if v.Source != config.SourcePayload {
				continue
			}
			if err := swap(ctx, t, v); err != nil {
				return err
			}
		}
		return nil
	}
	tar, err := config.Tar(vols, in.Now)
	if err != nil || len(tar) == 0 {
		return err
	}
	return w.n.Engine.CopyTo(ctx, id, "/", bytes.NewReader(tar))
}
