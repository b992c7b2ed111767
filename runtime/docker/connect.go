package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/client"

	"github.com/podsim/podsim/runtime"
)

// Options say which engine to use. The zero value is what the docker command
// would use.
type Options struct {
	// Host is an endpoint as for docker --host.
	Host string
	// Context is a docker context's name as for docker --context.
	Context string
	// ConfigDir replaces ~/.docker and $DOCKER_CONFIG.
	ConfigDir string
	// Getenv replaces os.Getenv.
	Getenv func(string) string
	// Patience is how long the engine may take for its first answer, which
	// needs none of its locks; 0 is 20 seconds.
	Patience time.Duration
}

const defaultPatience = 20 * time.Second

func (o Options) getenv(name string) string {
	if o.Getenv != nil {
		return o.Getenv(name)
	}
	return os.Getenv(name)
}

func (o Options) configDir() string {
	if o.ConfigDir != "" {
		return o.ConfigDir
	}
	if dir := o.getenv("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	return config.Dir()
}

// Connect finds the engine as the docker command does and agrees on an API
// version with it, which is the one round trip it costs. Nobody there is
// ErrUnavailable with an error of one line that says what was tried.
func Connect(ctx context.Context, o Options) (*Engine, error) {
	ep, err := resolve(o)
	if err != nil {
		return nil, err
	}
	cli, err := newClient(ep, o)
	if err != nil {
		return nil, fmt.Errorf("use docker endpoint %s (%s): %w", ep.host, ep.origin, err)
	}
	e := &Engine{cli: cli, endpoint: ep}
	if err := e.handshake(ctx, cmp.Or(o.Patience, defaultPatience)); err != nil {
		return nil, errors.Join(err, cli.Close())
	}
	return e, nil
}

// newClient makes a client without connecting.
func newClient(ep endpoint, o Options) (*client.Client, error) {
	opts, err := ep.docker.ClientOpts()
	if err != nil {
		return nil, err
	}
	if len(ep.config.HTTPHeaders) > 0 {
		opts = append(opts, client.WithHTTPHeaders(ep.config.HTTPHeaders))
	}
	opts = append(opts, client.WithUserAgent("podsim"), client.WithVersion(o.getenv("DOCKER_API_VERSION")), keepConnections)
	return client.NewClientWithOpts(opts...)
}

// keepConnections keeps more of them than Go's default of two: one list
// inspects many containers at once, and over ssh each connection is a process.
func keepConnections(c *client.Client) error {
	if t, ok := c.HTTPClient().Transport.(*http.Transport); ok {
		t.MaxIdleConns = parallel
		t.MaxIdleConnsPerHost = parallel
		t.IdleConnTimeout = 30 * time.Second
	}
	return nil
}

// loadConfig reads config.json. One that is missing or another user's is
// empty, as for the docker command.
func loadConfig(dir string) (*configfile.ConfigFile, error) {
	c, err := config.Load(dir)
	if errors.Is(err, fs.ErrPermission) {
		return configfile.New(filepath.Join(dir, config.ConfigFileName)), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read docker configuration: %w: %w", err, runtime.ErrInvalid)
	}
	return c, nil
}
