package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime"
)

// daemon is an engine of a few answers, by "METHOD /path" without version.
func daemon(t *testing.T, api string, routes map[string]http.HandlerFunc) (*Engine, error) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "d.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/v"+api)
		if path == "/_ping" {
			w.Header().Set("Api-Version", api)
			return
		}
		h, ok := routes[r.Method+" "+path]
		if !ok {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, `{"message":"no %s %s"}`, r.Method, path)
			return
		}
		h(w, r)
	}))
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	return Connect(t.Context(), Options{Host: "unix://" + socket, ConfigDir: t.TempDir(), Getenv: func(string) string { return "" }})
}

func mustDaemon(t *testing.T, api string, routes map[string]http.HandlerFunc) *Engine {
	t.Helper()
	e, err := daemon(t, api, routes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func answer(v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			panic(err)
		}
	}
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	conn.Close()
}

func TestAnEngineBeforeDocker2010IsRefused(t *testing.T) {
	t.Parallel()
	_, err := daemon(t, "1.40", nil)
	if !errors.Is(err, runtime.ErrUnsupported) {
		t.Fatalf("error %v", err)
	}
	if !strings.Contains(err.Error(), "speaks API 1.40, and podsim needs 1.41 (Docker 20.10) or newer") {
		t.Errorf("error %q", err)
	}
}

func TestABrokenConnectionIsAnUnavailableEngine(t *testing.T) {
	t.Parallel()
	e := mustDaemon(t, "1.43", map[string]http.HandlerFunc{
		"GET /containers/json":     hangUp,
		"POST /containers/a/start": hangUp,
		"POST /containers/a/wait":  hangUp,
		"POST /containers/a/kill":  func(http.ResponseWriter, *http.Request) {},
		"GET /containers/a/json": answer(map[string]any{
			"Id": "a", "Config": map[string]any{"StopSignal": "SIGINT"}, "State": map[string]any{"Status": "running"},
		}),
	})
	_, listErr := e.ListContainers(t.Context(), runtime.Filter{})
	for name, err := range map[string]error{
		"list":  listErr,
		"start": e.StartContainer(t.Context(), "a"),
		"stop":  e.StopContainer(t.Context(), "a", "", time.Minute),
	} {
		if !errors.Is(err, runtime.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheStreamOfEventsEndsWithTheConnection(t *testing.T) {
	t.Parallel()
	e := mustDaemon(t, "1.43", map[string]http.HandlerFunc{
		"GET /events": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"Type":"container","Action":"exec_create: sh","Actor":{"ID":"a"}}`)
			fmt.Fprint(w, `{"Type":"container","Action":"die","Actor":{"ID":"a","Attributes":{"io.podsim.kind":"init"}},"timeNano":1500000000}`)
		},
	})
	events, err := e.Events(t.Context(), runtime.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []runtime.Event
	for ev := range events {
		got = append(got, ev)
	}
	want := []runtime.Event{{
		Kind: runtime.EventDie, ID: "a", Meta: runtime.Meta{Kind: runtime.KindInit}, Time: time.Unix(1, 5e8),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAListLeavesOutWhatGoesInBetweenAndRemembersWhatEnded(t *testing.T) {
	t.Parallel()
	inspections := map[string]int{}
	inspect := func(id, status string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			inspections[id]++ // the list has one request at a time here: see below
			answer(map[string]any{"Id": id, "Name": "/" + id, "State": map[string]any{"Status": status}})(w, r)
		}
	}
	lists := [][]map[string]any{
		{{"Id": "ended", "State": "exited"}, {"Id": "gone", "State": "running"}},
		{{"Id": "ended", "State": "exited"}},
		{{"Id": "ended", "State": "running"}},
	}
	e := mustDaemon(t, "1.43", map[string]http.HandlerFunc{
		"GET /containers/json": func(w http.ResponseWriter, r *http.Request) {
			answer(lists[0])(w, r)
			lists = lists[1:]
		},
		"GET /containers/ended/json": inspect("ended", "exited"),
	})
	for i, want := range []int{1, 1, 2} {
		got, err := e.ListContainers(t.Context(), runtime.Filter{Home: "h"})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].ID != "ended" || inspections["ended"] != want {
			t.Errorf("list %d has %+v after %d inspections", i+1, got, inspections["ended"])
		}
	}
}

func TestPullsTryEachCredentialAndReturnTheEnginesText(t *testing.T) {
	t.Parallel()
	var tried []string
	e := mustDaemon(t, "1.43", map[string]http.HandlerFunc{
		"POST /images/create": func(w http.ResponseWriter, r *http.Request) {
			header := r.Header.Get("X-Registry-Auth")
			tried = append(tried, header)
			if len(tried) < 2 {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusInternalServerError)
				fmt.Fprint(w, `{"message":"Head \"https://r.example/v2/x/manifests/1\": unauthorized: no"}`)
				return
			}
			fmt.Fprint(w, `{"id":"l1","status":"Downloading","progressDetail":{"current":3,"total":9}}{"status":"done"}`)
		},
	})
	var seen []runtime.PullProgress
	err := e.PullImage(t.Context(), "r.example/x:1", runtime.PullOptions{
		Auth:     []runtime.RegistryAuth{{Username: "a", Password: "1"}, {Username: "b", Password: "2"}},
		Progress: func(p runtime.PullProgress) { seen = append(seen, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tried) != 2 || tried[0] == tried[1] || tried[0] == "" {
		t.Errorf("tried %q", tried)
	}
	want := []runtime.PullProgress{{Layer: "l1", Status: "Downloading", Current: 3, Total: 9}, {Status: "done"}}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	tried = nil
	err = e.PullImage(t.Context(), "r.example/x:1", runtime.PullOptions{})
	if !errors.Is(err, runtime.ErrDenied) || err.Error() != `Head "https://r.example/v2/x/manifests/1": unauthorized: no` {
		t.Errorf("error %v", err)
	}
	if len(tried) != 1 || tried[0] != "" {
		t.Errorf("tried %q", tried)
	}
}

func TestAPullThatFailsHalfWayIsAnError(t *testing.T) {
	t.Parallel()
	e := mustDaemon(t, "1.43", map[string]http.HandlerFunc{
		"POST /images/create": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"status":"Pulling"}{"errorDetail":{"message":"no space left"},"error":"no space left"}`)
		},
	})
	err := e.PullImage(t.Context(), "x", runtime.PullOptions{})
	if err == nil || err.Error() != "no space left" {
		t.Errorf("error %v", err)
	}
	if err := e.PullImage(t.Context(), "UPPER", runtime.PullOptions{}); !errors.Is(err, runtime.ErrInvalid) {
		t.Errorf("a reference that is none: %v", err)
	}
}

func TestUsageIsReadFromBothKindsOfCgroups(t *testing.T) {
	t.Parallel()
	const common = `"read":"2024-01-02T03:04:05Z","pids_stats":{"current":3},
		"cpu_stats":{"cpu_usage":{"total_usage":1500000000},"throttling_data":{"throttled_periods":4,"throttled_time":2000000}},`
	want := runtime.Stats{
		Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), CPU: 1500 * time.Millisecond, Memory: 60, MemoryLimit: 1000,
		PIDs: 3, Throttled: 2 * time.Millisecond,
	}
	peak := want
	peak.MemoryPeak = 200
	for name, c := range map[string]struct {
		body string
		want runtime.Stats
	}{
		"v1": {`"memory_stats":{"usage":100,"max_usage":200,"limit":1000,"stats":{"total_inactive_file":40,"inactive_file":1}}`, peak},
		"v2": {`"memory_stats":{"usage":100,"limit":1000,"stats":{"inactive_file":40}}`, want},
	} {
		e := mustDaemon(t, "1.43", map[string]http.HandlerFunc{
			"GET /containers/a/stats": func(w http.ResponseWriter, r *http.Request) {
				if r.FormValue("one-shot") != "1" || r.FormValue("stream") != "0" {
					t.Errorf("query %s", r.URL.RawQuery)
				}
				fmt.Fprintf(w, "{%s%s}", common, c.body)
			},
		})
		got, err := e.Stats(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnEngineIsToldByItsIDAndItsDirectory(t *testing.T) {
	t.Parallel()
	id := func(key, root string) string {
		e := mustDaemon(t, "1.43", map[string]http.HandlerFunc{
			"GET /info": answer(map[string]any{"ID": key, "DockerRootDir": root}),
		})
		info, err := e.Info(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return info.ID
	}
	if id("A", "/1") != id("A", "/1") || id("A", "/1") == id("A", "/2") || id("A", "/1") == id("B", "/1") {
		t.Error("engines are not told apart")
	}
}

func TestAnEngineSaysWhetherProfilesAreEnforced(t *testing.T) {
	t.Parallel()
	for option, lacks := range map[string]bool{"name=apparmor": false, "name=seccomp,profile=builtin": true} {
		e := mustDaemon(t, "1.43", map[string]http.HandlerFunc{
			"GET /info": answer(map[string]any{"SecurityOptions": []string{option}}),
		})
		if info, err := e.Info(context.Background()); err != nil || info.NoAppArmor != lacks {
			t.Errorf("%s: %+v %v", option, info, err)
		}
	}
}
