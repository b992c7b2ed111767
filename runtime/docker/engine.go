package docker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"

	"github.com/podsim/podsim/runtime"
)

// The API versions from which on the engine can do something.
const (
	apiMinimum       = "1.41" // Docker 20.10
	apiMakeSource    = "1.42" // a bind may ask for its source to be made
	apiReadOnly      = "1.44" // read-only binds are recursive unless told otherwise
	apiVolumeSubpath = "1.45"
	apiImageMount    = "1.48"
)

// Engine is a Docker Engine. It is safe for concurrent use.
type Engine struct {
	cli      *client.Client
	endpoint endpoint

	info  infoCache
	ended endedCache
	fails failureTimes
}

var _ runtime.Engine = (*Engine)(nil)

// infoCache remembers the engine's answer about itself.
type infoCache struct {
	mu   sync.Mutex
	info *runtime.Info
}

// ping costs one round trip.
func (e *Engine) ping(ctx context.Context) error {
	if _, err := e.cli.Ping(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return e.unavailable(err)
	}
	return nil
}

// Close lets go of idle connections. Streams that are open stay open.
func (e *Engine) Close() error { return e.cli.Close() }

// has says whether the engine speaks at least this version of the API.
func (e *Engine) has(version string) bool {
	return versions.GreaterThanOrEqualTo(e.cli.ClientVersion(), version)
}

// handshake settles the API version and refuses an engine that is too old.
func (e *Engine) handshake(ctx context.Context, patience time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ping, err := e.cli.Ping(bounded)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		return e.unavailable(fmt.Errorf("it takes connections but gives no answer within %s", patience))
	default:
		return e.unavailable(err)
	}
	e.cli.NegotiateAPIVersionPing(ping)
	if !e.has(apiMinimum) {
		return unsupported("docker engine at %s speaks API %s, and podsim needs %s (Docker 20.10) or newer",
			e.endpoint.host, e.cli.ClientVersion(), apiMinimum)
	}
	return nil
}
