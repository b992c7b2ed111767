package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
)

// The names under which the kubelet of this release asks.
const (
	probeAgent = "kube-probe/1.35"
	hookAgent  = "kube-lifecycle/1.35"
)

func checkHTTP(ctx context.Context, a *v1.HTTPGetAction, t Target, timeout time.Duration) Outcome {
	req, err := newRequest(ctx, a, t, probeAgent)
	if err != nil {
		return errored(err)
	}
	client := newHTTPClient(t.dialer(a.Host))
	client.Timeout = timeout
	res, err := client.Do(req)
	if err != nil {
		return failed(err.Error())
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxOutput))
	if err != nil {
		return Outcome{Result: Failure, Err: err}
	}
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return succeeded(string(body))
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return Outcome{Result: Warning, Output: "Probe terminated redirects, Response body: " + string(body)}
	}
	return failed(fmt.Sprintf("HTTP probe failed with statuscode: %d", res.StatusCode))
}

// newHTTPClient makes a client for one request: nothing is kept alive, no
// certificate is verified and no proxy asked.
func newHTTPClient(d Dialer) *http.Client {
	return &http.Client{
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			DialContext:         d.DialContext,
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // as the kubelet
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			DisableKeepAlives:   true,
			DisableCompression:  true,
		},
	}
}

// checkRedirect follows only within the host that was asked first.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if req.URL.Hostname() != via[0].URL.Hostname() {
		return http.ErrUseLastResponse
	}
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	return nil
}

func newRequest(ctx context.Context, a *v1.HTTPGetAction, t Target, agent string) (*http.Request, error) {
	port, err := portNumber(a.Port, t.Container)
	if err != nil {
		return nil, err
	}
	scheme := strings.ToLower(string(a.Scheme))
	if scheme == "" {
		scheme = "http"
	}
	u := parsePath(a.Path)
	u.Scheme, u.Host = scheme, net.JoinHostPort(t.host(a.Host), strconv.Itoa(port))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	setHeaders(req, a.HTTPHeaders, agent)
	return req, nil
}

// parsePath takes a path with a query; what does not parse is a path as it
// stands.
func parsePath(path string) *url.URL {
	if u, err := url.Parse(path); err == nil {
		return u
	}
	return &url.URL{Path: path}
}

func setHeaders(req *http.Request, headers []v1.HTTPHeader, agent string) {
	for _, h := range headers {
		req.Header.Add(h.Name, h.Value)
	}
	if _, given := req.Header["User-Agent"]; !given {
		req.Header.Set("User-Agent", agent)
	}
	if values, given := req.Header["Accept"]; !given {
		req.Header.Set("Accept", "*/*")
	} else if values[0] == "" {
		req.Header.Del("Accept")
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
}
