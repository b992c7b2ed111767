package docker

import (
	"context"
	"time"

	"github.com/docker/docker/api/types/events"

	"github.com/podsim/podsim/runtime"
)

// eventOverlap is how far back a new subscription reaches: the engine answers
// before it listens.
const eventOverlap = time.Second

// Events subscribes by label. The ping first makes an engine that is away an
// error and not an empty stream.
func (e *Engine) Events(ctx context.Context, f runtime.Filter) (<-chan runtime.Event, error) {
	if err := e.ping(ctx); err != nil {
		return nil, err
	}
	args := labelFilter(f)
	args.Add("type", string(events.ContainerEventType))
	for kind := range eventKinds() {
		args.Add("event", string(kind))
	}
	messages, errs := e.cli.Events(ctx, events.ListOptions{
		Since:   time.Now().Add(-eventOverlap).Format(time.RFC3339Nano),
		Filters: args,
	})
	out := make(chan runtime.Event, 64)
	go e.forward(ctx, messages, errs, out)
	return out, nil
}

func (e *Engine) forward(ctx context.Context, in <-chan events.Message, errs <-chan error, out chan<- runtime.Event) {
	defer close(out)
	for {
		select {
		case m := <-in:
			ev, ok := toEvent(m)
			if !ok {
				continue
			}
			e.ended.forget(ev.ID)
			select {
			case out <- ev:
			case <-ctx.Done():
				return
			}
		case <-errs:
			return
		}
	}
}

func eventKinds() map[events.Action]runtime.EventKind {
	return map[events.Action]runtime.EventKind{
		events.ActionStart:   runtime.EventStart,
		events.ActionDie:     runtime.EventDie,
		events.ActionOOM:     runtime.EventOOM,
		events.ActionDestroy: runtime.EventDestroy,
	}
}

func toEvent(m events.Message) (runtime.Event, bool) {
	kind, ok := eventKinds()[m.Action]
	if !ok {
		return runtime.Event{}, false
	}
	return runtime.Event{
		Kind: kind,
		ID:   runtime.ContainerID(m.Actor.ID),
		Meta: meta(m.Actor.Attributes),
		Time: time.Unix(0, m.TimeNano),
	}, true
}
