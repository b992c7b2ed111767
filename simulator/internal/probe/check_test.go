package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestExecProbe(t *testing.T) {
	t.Parallel()
	result := func(out string, code int, err error) execFunc {
		return func(context.Context, []string) ([]byte, int, error) { return []byte(out), code, err }
	}
	tests := []struct {
		name  string
		run   execFunc
		event string
	}{
		{"exit code 0", result("fine", 0, nil), ""},
		{"any other exit code, with the output", result("bad\nworse\n", 1, nil), "Unhealthy: Liveness probe failed: bad\nworse\n"},
		{"no output", result("", 1, nil), "Unhealthy: Liveness probe failed: "},
		{"10 KiB of output", result(strings.Repeat("x", 20000), 1, nil), "Unhealthy: Liveness probe failed: " + strings.Repeat("x", 10240)},
		{"an engine that cannot", result("", 0, errors.New("no running task")), "Unhealthy: Liveness probe errored and resulted in unknown state: no running task"},
		{"a command that takes too long", func(ctx context.Context, _ []string) ([]byte, int, error) {
			<-ctx.Done()
			return []byte("half"), 0, ctx.Err()
		}, `Unhealthy: Liveness probe failed: command timed out: "sh -c sleep $9 v$(NOPE)" timed out after 1s`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := execProbe(v1.Probe{TimeoutSeconds: 1}, "sh", "-c", "sleep $9", "$(FOO)$(NOPE)")
				c := &v1.Container{Env: []v1.EnvVar{{Name: "FOO", Value: "v"}}}
				checkEvent(t, Check(t.Context(), p, Target{Container: c, Execer: tt.run}), tt.event)
			})
		})
	}
}

func checkEvent(t *testing.T, o Outcome, want string) {
	t.Helper()
	got := ""
	if reason, message, ok := o.Event(Liveness); ok {
		got = reason + ": " + message
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestACommandSeesPlainValuesOnly(t *testing.T) {
	t.Parallel()
	env := []v1.EnvVar{{Name: "A", Value: "a"}, {Name: "S", ValueFrom: &v1.EnvVarSource{}}, {Name: "A", Value: "$(S)b"}}
	got := expandCommand([]string{"$(A)", "[$(S)]", "$(NONE)"}, env)
	if diff := cmp.Diff([]string{"$(S)b", "[]", "$(NONE)"}, got); diff != "" {
		t.Error(diff)
	}
}

// site is a server on this machine that stands for the pod.
func site(t *testing.T, h http.HandlerFunc, start func(*httptest.Server)) (Target, intstr.IntOrString) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	start(s)
	t.Cleanup(s.Close)
	host, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(port)
	return Target{Container: &v1.Container{Ports: []v1.ContainerPort{{Name: "web", ContainerPort: int32(n)}}}, PodIP: host, Dialer: &net.Dialer{}}, intstr.FromInt32(int32(n))
}

func TestHTTPProbe(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	mux.HandleFunc("/ok", status(200))
	mux.HandleFunc("/teapot", status(418))
	mux.HandleFunc("/broken", status(500))
	mux.HandleFunc("/not-modified", status(304))
	mux.HandleFunc("/here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://elsewhere.test/")
		w.WriteHeader(http.StatusFound)
		io.WriteString(w, "gone")
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "short")
	})
	target, port := site(t, mux.ServeHTTP, (*httptest.Server).Start)
	base := "http://127.0.0.1:" + port.String()
	tests := []struct {
		name   string
		action v1.HTTPGetAction
		event  string
	}{
		{"200", v1.HTTPGetAction{Path: "/ok", Port: port}, ""},
		{"a port by name", v1.HTTPGetAction{Path: "/ok", Port: intstr.FromString("web")}, ""},
		{"a port as a string", v1.HTTPGetAction{Path: "/ok", Port: intstr.FromString(port.String())}, ""},
		{"a query", v1.HTTPGetAction{Path: "/ok?x=1", Port: port}, ""},
		{"404", v1.HTTPGetAction{Path: "/nope", Port: port}, "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 404"},
		{"418", v1.HTTPGetAction{Path: "/teapot", Port: port}, "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 418"},
		{"500", v1.HTTPGetAction{Path: "/broken", Port: port}, "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500"},
		{"304 is within the range of success", v1.HTTPGetAction{Path: "/not-modified", Port: port}, "ProbeWarning: Liveness probe warning: Probe terminated redirects, Response body: "},
		{"a redirect within the host", v1.HTTPGetAction{Path: "/here", Port: port}, ""},
		{"a redirect to another host", v1.HTTPGetAction{Path: "/away", Port: port}, "ProbeWarning: Liveness probe warning: Probe terminated redirects, Response body: gone"},
		{"a round of redirects", v1.HTTPGetAction{Path: "/round", Port: port}, `Unhealthy: Liveness probe failed: Get "/round": stopped after 10 redirects`},
		{"an answer that breaks off", v1.HTTPGetAction{Path: "/cut", Port: port}, "Unhealthy: Liveness probe errored and resulted in failure state: unexpected EOF"},
		{"an unknown port name", v1.HTTPGetAction{Path: "/", Port: intstr.FromString("nosuch")},
			`Unhealthy: Liveness probe errored and resulted in unknown state: strconv.Atoi: parsing "nosuch": invalid syntax`},
		{"port 0", v1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(0)}, "Unhealthy: Liveness probe errored and resulted in unknown state: invalid port number: 0"},
		{"a server without TLS", v1.HTTPGetAction{Path: "/ok", Port: port, Scheme: v1.URISchemeHTTPS},
			`Unhealthy: Liveness probe failed: Get "https` + strings.TrimPrefix(base, "http") + `/ok": http: server gave HTTP response to HTTPS client`},
		{"nobody there", v1.HTTPGetAction{Path: "/h", Port: intstr.FromInt32(1)},
			`Unhealthy: Liveness probe failed: Get "http://127.0.0.1:1/h": dial tcp 127.0.0.1:1: connect: connection refused`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &tt.action}, TimeoutSeconds: 10}
			checkEvent(t, Check(t.Context(), p, target), tt.event)
		})
	}
}

func TestHTTPSProbeVerifiesNothing(t *testing.T) {
	t.Parallel()
	target, port := site(t, func(http.ResponseWriter, *http.Request) {}, (*httptest.Server).StartTLS)
	p := &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Port: port, Scheme: v1.URISchemeHTTPS}}, TimeoutSeconds: 10}
	checkEvent(t, Check(t.Context(), p, target), "")
}

func TestHTTPProbeTimesOut(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	target, port := site(t, func(http.ResponseWriter, *http.Request) { <-stop }, (*httptest.Server).Start)
	defer close(stop)
	p := &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/", Port: port}}, TimeoutSeconds: 1}
	checkEvent(t, Check(t.Context(), p, target), `Unhealthy: Liveness probe failed: Get "http://127.0.0.1:`+port.String()+
		`/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)
}

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		headers []v1.HTTPHeader
		want    http.Header
		host    string
	}{
		{"the kubelet's own", nil, http.Header{"User-Agent": {"kube-probe/1.35"}, "Accept": {"*/*"}}, "10.0.0.1:80"},
		{"the pod's win", []v1.HTTPHeader{{Name: "user-agent", Value: "x"}, {Name: "accept", Value: "y"}}, http.Header{"User-Agent": {"x"}, "Accept": {"y"}}, "10.0.0.1:80"},
		{"an empty Accept removes it", []v1.HTTPHeader{{Name: "Accept"}}, http.Header{"User-Agent": {"kube-probe/1.35"}}, "10.0.0.1:80"},
		{"all values of one name", []v1.HTTPHeader{{Name: "X", Value: "1"}, {Name: "X", Value: "2"}},
			http.Header{"X": {"1", "2"}, "User-Agent": {"kube-probe/1.35"}, "Accept": {"*/*"}}, "10.0.0.1:80"},
		{"Host is the request's", []v1.HTTPHeader{{Name: "Host", Value: "a.test"}},
			http.Header{"Host": {"a.test"}, "User-Agent": {"kube-probe/1.35"}, "Accept": {"*/*"}}, "a.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := &v1.HTTPGetAction{Port: intstr.FromInt32(80), HTTPHeaders: tt.headers}
			req, err := newRequest(t.Context(), a, Target{Container: &v1.Container{}, PodIP: "10.0.0.1"}, probeAgent)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, req.Header); diff != "" {
				t.Error(diff)
			}
			if req.Host != tt.host {
				t.Errorf("host %q", req.Host)
			}
		})
	}
}

func TestTCPProbe(t *testing.T) {
	t.Parallel()
	target, port := site(t, nil, (*httptest.Server).Start)
	for name, tt := range map[string]struct {
		action v1.TCPSocketAction
		event  string
	}{
		"a listener":           {v1.TCPSocketAction{Port: port}, ""},
		"nobody":               {v1.TCPSocketAction{Port: intstr.FromInt32(1)}, "Unhealthy: Liveness probe failed: dial tcp 127.0.0.1:1: connect: connection refused"},
		"an unknown port name": {v1.TCPSocketAction{Port: intstr.FromString("x")}, `Unhealthy: Liveness probe errored and resulted in unknown state: strconv.Atoi: parsing "x": invalid syntax`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &v1.Probe{ProbeHandler: v1.ProbeHandler{TCPSocket: &tt.action}, TimeoutSeconds: 10}
			checkEvent(t, Check(t.Context(), p, target), tt.event)
		})
	}
}

// dialerFunc names who was asked.
type dialerFunc func(addr string)

func (f dialerFunc) DialContext(_ context.Context, _, addr string) (net.Conn, error) {
	f(addr)
	return nil, errors.New("refused")
}

func TestAHandlerWithAHostConnectsFromTheNode(t *testing.T) {
	t.Parallel()
	var pod, node string
	target := Target{
		Container:  &v1.Container{},
		PodIP:      "10.0.0.1",
		Dialer:     dialerFunc(func(a string) { pod = a }),
		NodeDialer: dialerFunc(func(a string) { node = a }),
	}
	for _, host := range []string{"", "127.0.0.1"} {
		Check(t.Context(), &v1.Probe{ProbeHandler: v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Host: host, Port: intstr.FromInt32(80)}}}, target)
	}
	if pod != "10.0.0.1:80" || node != "127.0.0.1:80" {
		t.Errorf("pod %q, node %q", pod, node)
	}
}

func TestGRPCProbe(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	h := health.NewServer()
	h.SetServingStatus("sick", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	grpc_health_v1.RegisterHealthServer(s, h)
	go s.Serve(l)
	defer s.Stop()
	bare := grpc.NewServer()
	l2, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go bare.Serve(l2)
	defer bare.Stop()
	port := func(l net.Listener) int32 { return int32(l.Addr().(*net.TCPAddr).Port) }
	sick, unknown := "sick", "unknown"
	target := Target{Container: &v1.Container{}, PodIP: "127.0.0.1", Dialer: &net.Dialer{}}
	tests := []struct {
		name   string
		action v1.GRPCAction
		event  string
	}{
		{"serving", v1.GRPCAction{Port: port(l)}, ""},
		{"not serving", v1.GRPCAction{Port: port(l), Service: &sick}, `Unhealthy: Liveness probe failed: service unhealthy (responded with "NOT_SERVING")`},
		{"an unknown service", v1.GRPCAction{Port: port(l), Service: &unknown},
			"Unhealthy: Liveness probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service"},
		{"no health service", v1.GRPCAction{Port: port(l2)},
			"Unhealthy: Liveness probe failed: error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health"},
		{"nobody", v1.GRPCAction{Port: 1}, `Unhealthy: Liveness probe failed: timeout: failed to connect service "127.0.0.1:1" within 1s: context deadline exceeded`},
	}
	t.Run("all", func(t *testing.T) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				p := &v1.Probe{ProbeHandler: v1.ProbeHandler{GRPC: &tt.action}, TimeoutSeconds: 1}
				checkEvent(t, Check(t.Context(), p, target), tt.event)
			})
		}
	})
}

func TestHooks(t *testing.T) {
	t.Parallel()
	var agents bytes.Buffer
	target, port := site(t, func(w http.ResponseWriter, r *http.Request) {
		agents.WriteString(r.UserAgent() + " ")
		w.WriteHeader(500)
	}, (*httptest.Server).Start)
	target.Container, target.Pod = &v1.Container{Name: "c"}, "p_ns(uid)"
	target.Execer = execFunc(func(_ context.Context, argv []string) ([]byte, int, error) { return []byte("out"), len(argv) - 1, nil })
	tests := []struct {
		name     string
		handler  v1.LifecycleHandler
		err      string
		fallback string
	}{
		{"a command that succeeds", v1.LifecycleHandler{Exec: &v1.ExecAction{Command: []string{"true"}}}, "", ""},
		{"a command that fails", v1.LifecycleHandler{Exec: &v1.ExecAction{Command: []string{"exit", "1"}}},
			`Exec lifecycle hook ([exit 1]) for Container "c" in Pod "p_ns(uid)" failed - error: command 'exit 1' exited with 1: , message: "out"`, ""},
		{"any answer will do", v1.LifecycleHandler{HTTPGet: &v1.HTTPGetAction{Path: "/x", Port: port}}, "", ""},
		{"https falls back to http", v1.LifecycleHandler{HTTPGet: &v1.HTTPGetAction{Path: "/x", Port: port, Scheme: v1.URISchemeHTTPS}}, "",
			"request to HTTPS lifecycle hook 127.0.0.1:" + port.String() + " got HTTP response, retry with HTTP succeeded"},
		{"nobody answers", v1.LifecycleHandler{HTTPGet: &v1.HTTPGetAction{Path: "/x", Port: intstr.FromInt32(1)}},
			`HTTP lifecycle hook (/x) for Container "c" in Pod "p_ns(uid)" failed - error: Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused`, ""},
		{"no sleep", v1.LifecycleHandler{Sleep: &v1.SleepAction{}}, "", ""},
		{"tcpSocket does nothing", v1.LifecycleHandler{TCPSocket: &v1.TCPSocketAction{Port: port}}, "invalid handler: neither exec, httpGet nor sleep", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := RunHook(t.Context(), &tt.handler, target)
			text := ""
			if got.Err != nil {
				text = got.Err.Error()
			}
			if text != tt.err || got.Fallback != tt.fallback {
				t.Errorf("%q, %q", text, got.Fallback)
			}
		})
	}
	if got := strings.TrimSpace(agents.String()); got != "kube-lifecycle/1.35 kube-lifecycle/1.35" {
		t.Errorf("agents %q", got)
	}
}

func TestSleepHookIsAborted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		got := RunHook(ctx, &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: 5}}, Target{Container: &v1.Container{Name: "c"}, Pod: "p_ns(uid)"})
		if got.Err == nil || got.Err.Error() != `Sleep lifecycle hook (5) for Container "c" in Pod "p_ns(uid)" failed - error: container terminated before sleep hook finished` {
			t.Error(got.Err)
		}
	})
}
