package docker

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ddocker "github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"

	"github.com/podsim/podsim/runtime"
)

// configDir is a docker configuration with a current context and a second one.
func configDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"currentContext":"colima"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := store.New(filepath.Join(dir, "contexts"), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter(ddocker.DockerEndpoint, func() any { return &ddocker.EndpointMeta{} }),
	))
	for name, host := range map[string]string{"colima": "unix:///colima.sock", "remote": "ssh://user@box"} {
		err := s.CreateOrUpdate(store.Metadata{Name: name, Endpoints: map[string]any{
			ddocker.DockerEndpoint: ddocker.EndpointMeta{Host: host},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAnEngineIsLookedForInTheOrderOfTheDockerCommand(t *testing.T) {
	t.Parallel()
	dir, empty := configDir(t), t.TempDir()
	both := map[string]string{"DOCKER_HOST": "tcp://env:1", "DOCKER_CONTEXT": "remote"}
	for _, c := range []struct {
		name         string
		options      Options
		env          map[string]string
		host, origin string
	}{
		{"a flag for the host", Options{Host: "unix:///flag", ConfigDir: dir}, both, "unix:///flag", "--host"},
		{"a flag for the context", Options{Context: "remote", ConfigDir: dir}, both, "ssh://user@box", `docker context "remote"`},
		{"DOCKER_HOST before DOCKER_CONTEXT", Options{ConfigDir: dir}, both, "tcp://env:1", "DOCKER_HOST"},
		{"DOCKER_CONTEXT before the current one", Options{ConfigDir: dir}, map[string]string{"DOCKER_CONTEXT": "remote"}, "ssh://user@box", `docker context "remote"`},
		{"the current context", Options{ConfigDir: dir}, nil, "unix:///colima.sock", `docker context "colima"`},
		{"the default context by name", Options{Context: "default", ConfigDir: dir}, nil, "unix:///var/run/docker.sock", "default"},
		{"the default socket", Options{ConfigDir: empty}, nil, "unix:///var/run/docker.sock", "default"},
		{"DOCKER_CONFIG", Options{}, map[string]string{"DOCKER_CONFIG": dir}, "unix:///colima.sock", `docker context "colima"`},
	} {
		c.options.Getenv = func(name string) string { return c.env[name] }
		got, err := resolve(c.options)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.host != c.host || got.origin != c.origin {
			t.Errorf("%s: %s by %s", c.name, got.host, got.origin)
		}
		if _, err := newClient(got, c.options); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEndpointsThatCannotBeAreSaid(t *testing.T) {
	t.Parallel()
	dir := configDir(t)
	none := func(string) string { return "" }
	if _, err := resolve(Options{Host: "a", Context: "b", ConfigDir: dir, Getenv: none}); !errors.Is(err, runtime.ErrInvalid) {
		t.Errorf("both flags: %v", err)
	}
	_, err := resolve(Options{Context: "nobody", ConfigDir: dir, Getenv: none})
	if err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("a context that does not exist: %v", err)
	}
}

func TestHostsAreWrittenAsTheDockerCommandReadsThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in     string
		secure bool
		want   string
	}{
		{"unix:///a.sock", false, "unix:///a.sock"},
		{"ssh://me@box", false, "ssh://me@box"},
		{"box:2375", false, "tcp://box:2375"},
		{"tcp://box", false, "tcp://box:2375"},
		{"tcp://box", true, "tcp://box:2376"},
		{"tcp://[::1]", false, "tcp://[::1]:2375"},
		{"tcp://[::1]:99/path", false, "tcp://[::1]:99/path"},
		{" box ", false, "tcp://box:2375"},
	} {
		if got := normalise(c.in, c.secure); got != c.want {
			t.Errorf("%q is %q, want %q", c.in, got, c.want)
		}
	}
}

func TestAdviceFitsTheSituation(t *testing.T) {
	t.Parallel()
	env := func(name string) string {
		return map[string]string{"HOME": "/home/me", "XDG_RUNTIME_DIR": "/run/user/1"}[name]
	}
	missing := func(string) error { return fs.ErrNotExist }
	colima := func(path string) error {
		if path == "/home/me/.colima/default/docker.sock" {
			return nil
		}
		return fs.ErrNotExist
	}
	forbidden := func(string) error { return fs.ErrPermission }
	byDefault := endpoint{host: "unix:///var/run/docker.sock", origin: "default"}
	byFlag := endpoint{host: "unix:///x", origin: "--host"}
	for _, c := range []struct {
		name    string
		ep      endpoint
		listens func(string) error
		want    string
	}{
		{"nothing anywhere", byDefault, missing, "start it, or name one with --host, --context or DOCKER_HOST"},
		{"another socket listens", byDefault, colima, "another one listens: set DOCKER_HOST=unix:///home/me/.colima/default/docker.sock"},
		{"the user chose", byFlag, colima, "start it, or name one with --host, --context or DOCKER_HOST"},
		{"no right to the socket", byDefault, forbidden, "join the group that owns the socket (usermod -aG docker $USER, then log in again)"},
	} {
		if got := c.ep.advice(env, c.listens); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestNoEngineIsOneLine(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "none.sock")
	_, err := Connect(t.Context(), Options{Host: "unix://" + socket, ConfigDir: t.TempDir(), Getenv: func(string) string { return "" }})
	if !errors.Is(err, runtime.ErrUnavailable) {
		t.Fatalf("error %v", err)
	}
	want := "no docker engine at unix://" + socket + " (--host): no such file or directory; start it, or name one with --host, --context or DOCKER_HOST"
	if err.Error() != want {
		t.Errorf("error %q", err)
	}
}

func TestAnEngineThatHangsIsOneLine(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "hang") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = Connect(t.Context(), Options{
		Host: "unix://" + socket, ConfigDir: t.TempDir(), Getenv: func(string) string { return "" }, Patience: 50 * time.Millisecond,
	})
	if !errors.Is(err, runtime.ErrUnavailable) {
		t.Fatalf("error %v", err)
	}
	want := "no docker engine at unix://" + socket + " (--host): it takes connections but gives no answer within 50ms; " +
		"start it, or name one with --host, --context or DOCKER_HOST"
	if err.Error() != want {
		t.Errorf("error %q", err)
	}
}
