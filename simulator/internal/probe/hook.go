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
// its code. A command fails by its exit code.
func RunHook(ctx context.Context, h *v1.LifecycleHandler, t Target) HookResult {
	switch {
	case h.Exec != nil:
		_, code, err := t.Execer.Exec(ctx, h.Exec.Command)
		if err == nil && code != 0 {
			err = fmt.Errorf("command %q exited with %d", h.Exec.Command, code)
		}
		return HookResult{Err: err}
	case h.HTTPGet != nil:
		return hookHTTP(ctx, h.HTTPGet, t)
	case h.Sleep != nil:
		return HookResult{Err: sleep(ctx, time.Duration(h.Sleep.Seconds)*time.Second)}
	}
	// tcpSocket is in the API and does nothing.
	return HookResult{Err: errors.New("invalid handler: neither exec, httpGet nor sleep")}
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
