package docker

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/podsim/podsim/runtime"
)

func TestAFollowerThatTheEngineLetGoEarlyMissesNothing(t *testing.T) {
	t.Parallel()
	const whole = 3
	frames := []string{frame(1, "one\n"), frame(2, "two\n"), frame(1, "three")}
	e := mustDaemon(t, "1.41", map[string]http.HandlerFunc{
		"GET /containers/c/json": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"Id":"c","Config":{"Tty":false}}`)
		},
		"GET /containers/c/logs": func(w http.ResponseWriter, r *http.Request) {
			shown := whole
			if r.URL.Query().Get("follow") == "1" {
				shown = 1
			}
			for _, f := range frames[:shown] {
				_, _ = io.WriteString(w, f)
			}
		},
	})
	var out, errOut bytes.Buffer
	if err := e.Logs(t.Context(), "c", runtime.LogOptions{Follow: true, Tail: -1}, &out, &errOut); err != nil {
		t.Fatal(err)
	}
	if out.String() != "one\nthree" || errOut.String() != "two\n" {
		t.Errorf("got %q and %q", out.String(), errOut.String())
	}
}
