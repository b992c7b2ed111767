package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestFlagsWinOverTheEnvironment(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SERVER_PORT": "81", "SERVER_EXIT_CODE": "3", "SERVER_TERM_DELAY": "2s"}
	o, err := parse([]string{"-port", "82", "-write", "/a=b=c"}, func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if o.port != 82 || o.exitCode != 3 || o.termDelay != 2*time.Second || o.files[0] != (file{"/a", "b=c"}) {
		t.Errorf("options %+v", o)
	}
	if _, err := parse(nil, func(string) string { return "nonsense" }); err == nil {
		t.Error("nonsense in the environment is accepted")
	}
}

func TestHealthIsSwitchedByRequests(t *testing.T) {
	t.Parallel()
	h := newService(options{readyDelay: time.Hour}).handler()
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	for _, step := range []struct {
		path string
		code int
		body string
	}{
		{"/healthz", http.StatusServiceUnavailable, "unhealthy"},
		{"/healthz?set=ok", http.StatusOK, "set ok"},
		{"/healthz", http.StatusOK, "ok"},
		{"/healthz?set=fail", http.StatusOK, "set fail"},
		{"/healthz", http.StatusServiceUnavailable, "unhealthy"},
		{"/healthz?set=maybe", http.StatusBadRequest, `set "maybe": want ok or fail`},
		{"/status?code=418", http.StatusTeapot, "418"},
		{"/nowhere", http.StatusNotFound, "404 page not found"},
	} {
		if code, body := get(step.path); code != step.code || body != step.body {
			t.Errorf("%s answers %d %q, want %d %q", step.path, code, body, step.code, step.body)
		}
	}
	if _, body := get("/count"); !strings.Contains(body, "GET /healthz 6") {
		t.Errorf("counts:\n%s", body)
	}
}
