package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/client"

	"github.com/podsim/podsim/runtime"
)

func classes() []error {
	return []error{
		runtime.ErrNotFound, runtime.ErrConflict, runtime.ErrInvalid, runtime.ErrDenied,
		runtime.ErrUnavailable, runtime.ErrUnsupported,
	}
}

func TestErrorsHaveAtMostOneClassAndTheEnginesText(t *testing.T) {
	t.Parallel()
	daemon := func(text string, is error) error {
		return fmt.Errorf("Error response from daemon: %s%w", text, hidden{is})
	}
	for _, c := range []struct {
		name string
		err  error
		want error
		text string
	}{
		{"no container", daemon("No such container: x", errdefs.ErrNotFound), runtime.ErrNotFound, "No such container: x"},
		{"a taken name", daemon("Conflict. The name is in use", errdefs.ErrConflict), runtime.ErrConflict, "Conflict. The name is in use"},
		{"a bad request", daemon("bad parameter", errdefs.ErrInvalidArgument), runtime.ErrInvalid, "bad parameter"},
		{
			"a denied pull, which the engine calls not found",
			daemon("pull access denied for x, repository does not exist or may require 'docker login'", errdefs.ErrNotFound),
			runtime.ErrDenied, "pull access denied for x, repository does not exist or may require 'docker login'",
		},
		{"a missing tag", errors.New("manifest for x:y not found: manifest unknown: manifest unknown"), runtime.ErrNotFound, ""},
		{"a kernel that refuses", errors.New("unable to apply caps: operation not permitted: unknown"), runtime.ErrDenied, ""},
		{"an engine's own failure", daemon("something odd", errdefs.ErrInternal), nil, "something odd"},
		{"an engine that is not implemented", daemon("not here", errdefs.ErrNotImplemented), runtime.ErrUnsupported, "not here"},
		{"no engine", client.ErrorConnectionFailed("unix:///x"), runtime.ErrUnavailable, ""},
		{"an engine that shuts down", daemon("get data: database not open", errdefs.ErrInternal), runtime.ErrUnavailable, ""},
		{"a refused connection", fmt.Errorf("dial: %w", syscall.ECONNREFUSED), runtime.ErrUnavailable, ""},
		{"a connection that breaks", io.ErrUnexpectedEOF, runtime.ErrUnavailable, ""},
		{"a network error", &net.OpError{Op: "read", Err: errors.New("gone")}, runtime.ErrUnavailable, ""},
	} {
		got := classify(c.err)
		for _, class := range classes() {
			if errors.Is(got, class) != (class == c.want) {
				t.Errorf("%s: errors.Is(%q) is %v", c.name, class, errors.Is(got, class))
			}
		}
		if c.text != "" && got.Error() != c.text {
			t.Errorf("%s: text %q", c.name, got.Error())
		}
		if !errors.Is(got, c.err) {
			t.Errorf("%s: the cause is lost", c.name)
		}
	}
}

// hidden adds an error to the chain and nothing to the text.
type hidden struct{ error }

func (hidden) Error() string   { return "" }
func (h hidden) Unwrap() error { return h.error }

func TestTheEndOfAContextStaysWhatItIs(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("do: %w", context.Canceled)
	if got := classify(err); got != err {
		t.Errorf("got %v", got)
	}
	if classify(nil) != nil {
		t.Error("no error is one")
	}
}

func TestARefusedUpgradeHasTheClassOfItsStatus(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]error{404: runtime.ErrNotFound, 409: runtime.ErrConflict, 400: runtime.ErrInvalid} {
		err := classifyUpgrade(fmt.Errorf("unable to upgrade to tcp, received %d", code))
		if !errors.Is(err, want) {
			t.Errorf("%d: %v", code, err)
		}
	}
}
