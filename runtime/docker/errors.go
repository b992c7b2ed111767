package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/containerd/errdefs"
	"github.com/containerd/errdefs/pkg/errhttp"
	"github.com/docker/docker/client"

	"github.com/podsim/podsim/runtime"
)

// engineError is an error of the engine with its class. errors.Is finds both
// the class and what the error was made of.
type engineError struct {
	class error
	text  string
	err   error
}

func (e *engineError) Error() string        { return e.text }
func (e *engineError) Unwrap() error        { return e.err }
func (e *engineError) Is(target error) bool { return e.class != nil && target == e.class }

// daemonPrefix is what the client puts before every text of the daemon's.
const daemonPrefix = "Error response from daemon: "

// classify gives err the class that the simulator knows. The end of a context
// stays what it is.
func classify(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var known *engineError
	if errors.As(err, &known) {
		return err
	}
	text := strings.TrimPrefix(err.Error(), daemonPrefix)
	return &engineError{class: classOf(err, text), text: text, err: err}
}

// failure is an error that the engine told in a stream or an answer's body.
func failure(text string) error {
	return classify(errors.New(text))
}

// classifyUpgrade is classify for calls that take the connection over. The
// client reads no answer there, and says the status code only.
func classifyUpgrade(err error) error {
	var code int
	if err != nil {
		if _, scanErr := fmt.Sscanf(err.Error(), "unable to upgrade to tcp, received %d", &code); scanErr == nil {
			return &engineError{class: classOf(errhttp.ToNative(code), ""), text: http.StatusText(code), err: err}
		}
	}
	return classify(err)
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, runtime.ErrUnsupported)...)
}

// classOf is nil for an error of no class. The text comes first where the
// status code says less than the text (20.10 answers 404 to a denied pull and
// 500 to a daemon that shuts down).
func classOf(err error, text string) error {
	switch {
	case isUnavailable(err), isShutdownText(text):
		return runtime.ErrUnavailable
	case isDeniedText(text):
		return runtime.ErrDenied
	case errdefs.IsNotFound(err), isNotFoundText(text):
		return runtime.ErrNotFound
	case errdefs.IsConflict(err), errdefs.IsAlreadyExists(err):
		return runtime.ErrConflict
	case errdefs.IsUnauthorized(err), errdefs.IsPermissionDenied(err):
		return runtime.ErrDenied
	case errdefs.IsNotImplemented(err):
		return runtime.ErrUnsupported
	case errdefs.IsInvalidArgument(err):
		return runtime.ErrInvalid
	}
	return nil
}

func isUnavailable(err error) bool {
	var op *net.OpError
	switch {
	case client.IsErrConnectionFailed(err),
		errdefs.IsUnavailable(err),
		errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNREFUSED),
		errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE),
		errors.As(err, &op):
		return true
	}
	return false
}

// isShutdownText finds the words of an engine that has closed its books already
// (bbolt's ErrDatabaseNotOpen, from the volumes) but still answers.
func isShutdownText(text string) bool { return strings.HasSuffix(text, "database not open") }

func isDeniedText(text string) bool {
	for _, s := range []string{
		"operation not permitted",
		"permission denied",
		"access denied",
		"access to the resource is denied",
		"unauthorized",
		"authentication required",
		"no basic auth credentials",
	} {
		if containsFold(text, s) {
			return true
		}
	}
	return false
}

func isNotFoundText(text string) bool {
	for _, s := range []string{"manifest unknown", "no matching manifest"} {
		if containsFold(text, s) {
			return true
		}
	}
	return strings.HasPrefix(text, "manifest for ") && strings.HasSuffix(text, "not found")
}

func containsFold(text, sub string) bool {
	return strings.Contains(strings.ToLower(text), sub)
}
