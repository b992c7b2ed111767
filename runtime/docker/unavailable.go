package docker

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/podsim/podsim/runtime"
)

// unavailable says in one line where the engine was looked for, why it cannot
// be reached and what to do about it.
func (e *Engine) unavailable(err error) error {
	text := fmt.Sprintf("no docker engine at %s (%s): %s; %s",
		e.endpoint.host, e.endpoint.origin, reason(e.endpoint.host, err), e.endpoint.advice(os.Getenv, listens))
	return &engineError{class: runtime.ErrUnavailable, text: text, err: err}
}

// reason is the cause below err in few words. The client hides it for
// sockets, so that the socket is asked once more.
func reason(host string, err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	if path, ok := strings.CutPrefix(host, "unix://"); ok {
		conn, dialErr := net.Dial("unix", path)
		if dialErr == nil {
			return oneLine(errors.Join(err, conn.Close()))
		}
		if errors.As(dialErr, &errno) {
			return errno.Error()
		}
	}
	return oneLine(err)
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// advice is what the user can do.
func (ep endpoint) advice(getenv func(string) string, listens func(string) error) string {
	path, isSocket := strings.CutPrefix(ep.host, "unix://")
	if isSocket && errors.Is(listens(path), fs.ErrPermission) {
		return "join the group that owns the socket (usermod -aG docker $USER, then log in again)"
	}
	if ep.origin == "default" {
		for _, other := range knownSockets(getenv) {
			if listens(other) == nil {
				return fmt.Sprintf("another one listens: set DOCKER_HOST=unix://%s", other)
			}
		}
	}
	return "start it, or name one with --host, --context or DOCKER_HOST"
}

// knownSockets are where engines listen that do not take the default socket:
// rootless, Docker Desktop, Colima, Rancher Desktop, OrbStack.
func knownSockets(getenv func(string) string) []string {
	var paths []string
	if dir := getenv("XDG_RUNTIME_DIR"); dir != "" {
		paths = append(paths, filepath.Join(dir, "docker.sock"))
	}
	if home := getenv("HOME"); home != "" {
		for _, p := range []string{
			".docker/run/docker.sock",
			".docker/desktop/docker.sock",
			".colima/default/docker.sock",
			".config/colima/default/docker.sock",
			".rd/docker.sock",
			".orbstack/run/docker.sock",
		} {
			paths = append(paths, filepath.Join(home, p))
		}
	}
	return paths
}

func listens(path string) error {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	return conn.Close()
}
