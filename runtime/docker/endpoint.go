package docker

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/cli/cli/config/configfile"
	dcontext "github.com/docker/cli/cli/context"
	ddocker "github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"
	"github.com/docker/docker/client"

	"github.com/podsim/podsim/runtime"
)

// endpoint is an engine's address and where it was found.
type endpoint struct {
	host   string
	origin string // "--host", "DOCKER_HOST", `context "colima"`, "default"
	docker ddocker.Endpoint
	config *configfile.ConfigFile
}

// defaultContext is the context that stands for the environment's endpoint.
const defaultContext = "default"

// resolve looks in the order of the docker command: --context, --host,
// DOCKER_HOST, DOCKER_CONTEXT, the configuration's current context, the
// default socket.
func resolve(o Options) (endpoint, error) {
	if o.Host != "" && o.Context != "" {
		return endpoint{}, fmt.Errorf("--host and --context exclude each other: %w", runtime.ErrInvalid)
	}
	dir := o.configDir()
	cfg, err := loadConfig(dir)
	if err != nil {
		return endpoint{}, err
	}
	name, origin := contextName(o, cfg)
	var ep endpoint
	if name == defaultContext {
		ep, err = fromEnvironment(o)
	} else {
		ep, err = fromContext(dir, name)
	}
	if err != nil {
		return endpoint{}, fmt.Errorf("%s: %w", origin, err)
	}
	ep.config = cfg
	return ep, nil
}

// contextName is the context to use and what chose it.
func contextName(o Options, cfg *configfile.ConfigFile) (name, origin string) {
	switch {
	case o.Context != "":
		return o.Context, "--context"
	case o.Host != "":
		return defaultContext, "--host"
	case o.getenv("DOCKER_HOST") != "":
		return defaultContext, "DOCKER_HOST"
	case o.getenv("DOCKER_CONTEXT") != "":
		return o.getenv("DOCKER_CONTEXT"), "DOCKER_CONTEXT"
	case cfg.CurrentContext != "":
		return cfg.CurrentContext, "current docker context"
	}
	return defaultContext, "default docker endpoint"
}

func fromContext(dir, name string) (endpoint, error) {
	s := store.New(filepath.Join(dir, "contexts"), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter(ddocker.DockerEndpoint, func() any { return &ddocker.EndpointMeta{} }),
	))
	meta, err := s.GetMetadata(name)
	if err != nil {
		return endpoint{}, err
	}
	base, err := ddocker.EndpointFromContext(meta)
	if err != nil {
		return endpoint{}, err
	}
	d, err := ddocker.WithTLSData(s, name, base)
	if err != nil {
		return endpoint{}, err
	}
	if d.Host == "" {
		d.Host = client.DefaultDockerHost
	}
	return endpoint{host: d.Host, origin: fmt.Sprintf("docker context %q", name), docker: d}, nil
}

func fromEnvironment(o Options) (endpoint, error) {
	host, origin := o.Host, "--host"
	if host == "" {
		host, origin = o.getenv("DOCKER_HOST"), "DOCKER_HOST"
	}
	secure := o.getenv("DOCKER_TLS_VERIFY") != "" || o.getenv("DOCKER_TLS") != ""
	if host == "" {
		host, origin = client.DefaultDockerHost, "default"
	} else {
		host = normalise(host, secure)
	}
	d := ddocker.Endpoint{EndpointMeta: ddocker.EndpointMeta{Host: host}}
	if secure {
		data, err := tlsFiles(o)
		if err != nil {
			return endpoint{}, err
		}
		d.TLSData = data
		d.SkipTLSVerify = o.getenv("DOCKER_TLS_VERIFY") == ""
	}
	return endpoint{host: host, origin: origin, docker: d}, nil
}

// normalise lets "host:port" stand for tcp and adds the port everybody uses.
func normalise(host string, secure bool) string {
	host = strings.TrimSpace(host)
	if !strings.Contains(host, "://") {
		host = "tcp://" + host
	}
	address, ok := strings.CutPrefix(host, "tcp://")
	if !ok {
		return host
	}
	address, path, hasPath := strings.Cut(address, "/")
	if _, _, err := net.SplitHostPort(address); err != nil {
		port := "2375"
		if secure {
			port = "2376"
		}
		address = net.JoinHostPort(strings.Trim(address, "[]"), port)
	}
	if hasPath {
		address += "/" + path
	}
	return "tcp://" + address
}

// tlsFiles reads the files of DOCKER_CERT_PATH, each of which may be missing.
func tlsFiles(o Options) (*dcontext.TLSData, error) {
	dir := o.getenv("DOCKER_CERT_PATH")
	if dir == "" {
		dir = o.configDir()
	}
	data := &dcontext.TLSData{}
	for name, to := range map[string]*[]byte{"ca.pem": &data.CA, "cert.pem": &data.Cert, "key.pem": &data.Key} {
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		*to = body
	}
	return data, nil
}
