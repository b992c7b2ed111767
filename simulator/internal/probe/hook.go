package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
)

// ReasonHTTPFallback is the event reason of HookResult.Fallback.
const ReasonHTTPFallback = "LifecycleHTTPFallback"

// HookResult is how a lifecycle hook ended.
type HookResult struct {
	// Err is why it failed; it is not shown to users of the API.
	Err error
	// Fallback is the message of a warning event, when an https hook got a
	// plain answer and was asked again by http.
	Fallback string
}

// RunHook runs a lifecycle handler until it has ended or ctx does; hooks have
// no timeout of their own. Any answer to an HTTP request is success, whatever
// its code. A command fails by its exit code. The error's text is the kubelet's
// (pkg/kubelet/lifecycle/handlers.go).
func RunHook(ctx context.Context, h *v1.LifecycleHandler, t Target) HookResult {
	where := fmt.Sprintf("for Container %q in Pod %q failed - error:", t.Container.Name, t.Pod)
	switch {
	case h.Exec != nil:
		out, err := runCommand(ctx, h.Exec.Command, t.Execer)
		if err != nil {
			err = fmt.Errorf("Exec lifecycle hook (%v) %s %w, message: %q", h.Exec.Command, where, err, out.All)
		}
		return HookResult{Err: err}
	case h.HTTPGet != nil:
		r := hookHTTP(ctx, h.HTTPGet, t)
		if r.Err != nil {
			r.Err = fmt.Errorf("HTTP lifecycle hook (%s) %s %w", h.HTTPGet.Path, where, r.Err)
		}
		return r
	case h.Sleep != nil:
		err := sleep(ctx, time.Duration(h.Sleep.Seconds)*time.Second)
		if err != nil {
			err = fmt.Errorf("Sleep lifecycle hook (%d) %s %w", h.Sleep.Seconds, where, err)
		}
		return HookResult{Err: err}
	}
	// tcpSocket is in the API and does nothing.
	return HookResult{Err: errors.New("invalid handler: neither exec, httpGet nor sleep")}
}

func runCommand(ctx context.Context, argv []string, e Execer) (Output, error) {
	out, code, err := e.Exec(ctx, argv)
	if err == nil && code != 0 {
		err = fmt.Errorf("command '%s' exited with %d: %s", strings.Join(argv, " "), code, out.Stderr)
	}
	return out, err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errors.New("container terminated before sleep hook finished")
	}
}

func hookHTTP(ctx context.Context, a *v1.HTTPGetAction, t Target) HookResult {
	req, err := newRequest(ctx, a, t, hookAgent)
	if err != nil {
		return HookResult{Err: err}
	}
	client := newHTTPClient(t.dialer(a.Host))
	err = ask(client, req)
	if err == nil || !strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return HookResult{Err: err}
	}
	plain := req.Clone(ctx)
	plain.URL.Scheme = "http"
	plain.Header.Del("Authorization")
	if ask(client, plain) != nil {
		return HookResult{Err: err}
	}
	return HookResult{Fallback: "request to HTTPS lifecycle hook " + plain.URL.Host + " got HTTP response, retry with HTTP succeeded"}
}

func ask(client *http.Client, req *http.Request) error {
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	io.CopyN(io.Discard, res.Body, maxOutput)
	return nil
}
