package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// labelKind is on everything podsim makes, labelHome says for which home.
const (
	labelKind = "io.podsim.kind"
	labelHome = "io.podsim.home"
)

// Object is a container, volume or network of the engine.
type Object struct {
	Type   string // "containers", "volumes" or "networks": the API's own words
	Name   string
	State  string // of a container
	Labels map[string]string
}

func (o Object) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s/%s %s", o.Type, o.Name, o.State))
}

// Objects lists what podsim made on the engine, for any state directory.
func (e *Engine) Objects(ctx context.Context) ([]Object, error) {
	filter, err := json.Marshal(map[string][]string{"label": {labelKind}})
	if err != nil {
		return nil, fmt.Errorf("encode filter: %w", err)
	}
	query := "filters=" + url.QueryEscape(string(filter))
	var containers []struct {
		ID     string `json:"Id"`
		Names  []string
		State  string
		Labels map[string]string
	}
	if err := e.Call(ctx, http.MethodGet, "/containers/json?all=1&"+query, nil, &containers); err != nil {
		return nil, fmt.Errorf("list containers: %w", err)
	}
	var volumes struct{ Volumes []Object }
	if err := e.Call(ctx, http.MethodGet, "/volumes?"+query, nil, &volumes); err != nil {
		return nil, fmt.Errorf("list volumes: %w", err)
	}
	var networks []Object
	if err := e.Call(ctx, http.MethodGet, "/networks?"+query, nil, &networks); err != nil {
		return nil, fmt.Errorf("list networks: %w", err)
	}
	var all []Object
	for _, c := range containers {
		name := c.ID
		if len(c.Names) > 0 {
			name = strings.TrimPrefix(c.Names[0], "/")
		}
		all = append(all, Object{Type: "containers", Name: name, State: c.State, Labels: c.Labels})
	}
	for _, v := range volumes.Volumes {
		v.Type = "volumes"
		all = append(all, v)
	}
	for _, n := range networks {
		n.Type = "networks"
		all = append(all, n)
	}
	return all, nil
}

// Leftovers lists what this home still has on the engine.
func (h *Home) Leftovers() []Object {
	h.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	all, err := h.Engine.Objects(ctx)
	if err != nil {
		h.tb.Fatalf("list leftovers: %v", err)
	}
	ids := h.IDs()
	return slices.DeleteFunc(all, func(o Object) bool { return !slices.Contains(ids, o.Labels[labelHome]) })
}

// NothingLeft fails the test if something of this home is on the engine.
// Engines remove in the background, so it looks again for a while.
func (h *Home) NothingLeft() {
	h.tb.Helper()
	var left []Object
	if !Eventually(10*time.Second, func() bool { left = h.Leftovers(); return len(left) == 0 }) {
		h.tb.Errorf("left on the engine: %v", left)
	}
}

// sweep removes what a test left, claims included, so that a failed test does
// not burden the next.
func (h *Home) sweep() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, o := range h.Leftovers() {
		query := ""
		if o.Type == "containers" {
			query = "?force=1&v=1"
		}
		if err := h.Engine.Call(ctx, http.MethodDelete, "/"+o.Type+"/"+url.PathEscape(o.Name)+query, nil, nil); err != nil {
			h.tb.Logf("remove %s: %v", o, err)
		}
	}
}

// Eventually looks until look says true or timeout has passed.
func Eventually(timeout time.Duration, look func() bool) bool {
	deadline := time.Now().Add(timeout)
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		if look() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(wait)
	}
}

// WaitFor fails the test unless look says true within timeout.
func WaitFor(tb testing.TB, what string, timeout time.Duration, look func() bool) {
	tb.Helper()
	if !Eventually(timeout, look) {
		tb.Fatalf("%s: not within %s", what, timeout)
	}
}
