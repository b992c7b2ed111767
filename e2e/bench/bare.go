package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

// bare is a pod as the engine's own calls make it: a sandbox and containers
// that share its namespaces, and nothing besides.
type bare struct {
	engine *harness.Engine
	image  string
	ids    []string
}

// container makes and starts one container and returns its id.
func (b *bare) container(ctx context.Context, host map[string]any) (string, error) {
	var created struct{ ID string }
	spec := map[string]any{
		"Image": b.image, "HostConfig": host,
		"Cmd":        []string{"sh", "-c", "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done"},
		"StopSignal": "SIGTERM",
	}
	if err := b.engine.Call(ctx, http.MethodPost, "/containers/create", spec, &created); err != nil {
		return "", fmt.Errorf("create container: %w", err)
	}
	b.ids = append(b.ids, created.ID)
	if err := b.engine.Call(ctx, http.MethodPost, "/containers/"+created.ID+"/start", nil, nil); err != nil {
		return "", fmt.Errorf("start container: %w", err)
	}
	return created.ID, nil
}

// start makes a sandbox and n containers in it, one after the other.
func (b *bare) start(ctx context.Context, n int) error {
	sandbox, err := b.container(ctx, map[string]any{"IpcMode": "shareable"})
	if err != nil {
		return err
	}
	join := "container:" + sandbox
	for range n {
		if _, err := b.container(ctx, map[string]any{"NetworkMode": join, "IpcMode": join}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bare) remove(ctx context.Context) error {
	for _, id := range b.ids {
		if err := b.engine.Call(ctx, http.MethodDelete, "/containers/"+id+"?force=1&v=1", nil, nil); err != nil {
			return fmt.Errorf("remove container: %w", err)
		}
	}
	b.ids = nil
	return nil
}

// lastStart is when the engine started the last of these containers.
func lastStart(ctx context.Context, e *harness.Engine, names []string) (time.Time, error) {
	var last time.Time
	for _, name := range names {
		var c struct {
			State struct{ StartedAt time.Time }
		}
		if err := e.Call(ctx, http.MethodGet, "/containers/"+name+"/json", nil, &c); err != nil {
			return last, fmt.Errorf("inspect container %q: %w", name, err)
		}
		if c.State.StartedAt.After(last) {
			last = c.State.StartedAt
		}
	}
	return last, nil
}

// toldEnd is when the engine told of a container's end. It does so some time
// after the process ended, which nobody else can make shorter.
func toldEnd(ctx context.Context, e *harness.Engine, id string) (time.Time, error) {
	var event struct {
		TimeNano int64 `json:"timeNano"`
	}
	query := url.Values{
		"since":   {fmt.Sprint(time.Now().Add(-time.Minute).Unix())},
		"until":   {fmt.Sprint(time.Now().Unix() + 1)},
		"filters": {fmt.Sprintf(`{"container":[%q],"event":["die"]}`, id)},
	}
	if err := e.Call(ctx, http.MethodGet, "/events?"+query.Encode(), nil, &event); err != nil {
		return time.Time{}, fmt.Errorf("look for the end of container %q: %w", id, err)
	}
	return time.Unix(0, event.TimeNano), nil
}
