package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Engine speaks the engine's HTTP API directly. Tests judge podsim with it, so
// it shares no code with podsim.
type Engine struct {
	client *http.Client
	base   string
}

// Connect finds the engine that docker would use. Without one it skips the
// test, or fails it where PODSIM_E2E=require.
func Connect(tb testing.TB) *Engine {
	tb.Helper()
	e, err := dial()
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err = e.Call(ctx, http.MethodGet, "/_ping", nil, nil)
	}
	if err == nil {
		tb.Cleanup(e.client.CloseIdleConnections)
		return e
	}
	if os.Getenv(requireVar) == "require" {
		tb.Fatalf("no container engine: %v", err)
	}
	tb.Skipf("no container engine: %v", err)
	return nil
}

func dial() (*Engine, error) {
	host := os.Getenv("DOCKER_HOST")
	if host == "" {
		host = contextHost()
	}
	u, err := url.Parse(host)
	if err != nil {
		return nil, fmt.Errorf("read engine address %q: %w", host, err)
	}
	switch u.Scheme {
	case "unix":
		transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", u.Path)
		}}
		return &Engine{client: &http.Client{Transport: transport}, base: "http://engine"}, nil
	case "tcp":
		return &Engine{client: &http.Client{}, base: "http://" + u.Host}, nil
	}
	return nil, fmt.Errorf("engine address %q: only unix and tcp are tested", host)
}

// contextHost asks the docker command for the address of its current context.
func contextHost() string {
	out, err := exec.Command("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}").Output()
	if host := strings.TrimSpace(string(out)); err == nil && host != "" {
		return host
	}
	return "unix:///var/run/docker.sock"
}

// StatusError is an answer of the engine other than success.
type StatusError struct {
	Code    int
	Message string
}

func (e *StatusError) Error() string { return fmt.Sprintf("engine answered %d: %s", e.Code, e.Message) }

// Call sends in as JSON and reads the answer into out; both may be nil.
func (e *Engine) Call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode request for %s: %w", path, err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, e.base+path, body)
	if err != nil {
		return fmt.Errorf("make request for %s: %w", path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := e.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read answer to %s: %w", path, err)
	}
	if resp.StatusCode >= 300 && resp.StatusCode != http.StatusNotModified {
		return &StatusError{Code: resp.StatusCode, Message: strings.TrimSpace(string(text))}
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("decode answer to %s: %w", path, err)
	}
	return nil
}
