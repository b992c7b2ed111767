package examples

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

func get(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Timeout: 20 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatalf("get %s: %v", url, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read %s: %v", url, err)
	}
	return string(text)
}

func TestThreePortsShareLocalhostAndAddress(t *testing.T) {
	e := open(t, "three-ports")
	e.detach("--wait=ready")
	in(t, e.exec("web", "wget -q -O - http://localhost:9090/; wget -q -O - http://localhost:3000/"), "metrics", "admin")
	ip := e.pod().Status.PodIP
	for _, container := range []string{"web", "metrics", "admin"} {
		in(t, e.exec(container, "ip -4 addr show eth0"), ip+"/")
	}
	in(t, e.exec("admin", "for p in 8080 9090 3000; do wget -q -O - http://"+ip+":$p/; done"), "web", "metrics", "admin")
	in(t, get(t, "http://"+e.forward("9090")+"/"), "metrics")
	e.remove()
}

func TestPortConflictHitsTheSecondOnly(t *testing.T) {
	e := open(t, "port-conflict")
	r := e.detach()
	in(t, r.Stderr, "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]")
	watch := e.Start("get", "pod", e.name, "-w")
	e.eventually("CrashLoopBackOff", watch.Stdout)
	in(t, e.logs("second")+e.Run("logs", e.name, "-c", "second", "--previous").Stdout, "Address already in use")
	for _, c := range e.pod().Status.ContainerStatuses {
		if c.Name == "first" && (!c.Ready || c.RestartCount != 0) {
			t.Errorf("the first is touched: %+v", c)
		}
	}
	e.remove()
}

func TestLoopbackOnlyIsNotReadyButForwarded(t *testing.T) {
	e := open(t, "loopback-only")
	e.detach()
	e.eventually("connection refused", func() string { return e.Run("events", "--for", "pod/"+e.name).Stdout })
	row := e.Must("get", "pod", e.name, "--no-headers")
	if f := strings.Fields(row); len(f) < 3 || f[1] != "0/1" || f[2] != "Running" {
		t.Errorf("want 0/1 Running: %s", row)
	}
	in(t, get(t, "http://"+e.forward("8080")+"/"), "private")
	e.remove()
}

func TestNoNameRunsUnderTheFilesName(t *testing.T) {
	e := open(t, "no-name")
	r := e.run()
	if r.Code != 0 {
		t.Errorf("%s", r)
	}
	in(t, r.Stdout, "my name is pod")
	in(t, r.Stderr, `no name given: the pod is called "pod"`)
	e.NothingLeft()
}

func TestFrontendReachesABackendNobodyElseDoes(t *testing.T) {
	e := open(t, "frontend-backend")
	e.detach("--wait=ready")
	in(t, e.exec("frontend", "wget -q -O - http://localhost:8080/cgi-bin/ask"), "answer: 42")
	ip := e.pod().Status.PodIP
	in(t, e.exec("frontend", "nc -w 2 "+ip+" 9000 </dev/null || echo refused from outside"), "refused from outside")
	e.remove()
}

func TestProxyHidesTheApp(t *testing.T) {
	e := open(t, "proxy")
	e.detach("--wait=ready")
	in(t, get(t, "http://"+e.forward("8080")+"/cgi-bin/who"), "from", "127.0.0.1")
	e.remove()
}

func TestUnixSocketJoinsContainers(t *testing.T) {
	e := open(t, "unix-socket")
	e.detach()
	e.eventually("hello over a unix socket", func() string { return e.logs("server") })
	e.remove()
}

func TestPortForwardServesManyConnections(t *testing.T) {
	e := open(t, "three-ports")
	e.detach("--wait=ready")
	address := e.forward("8080")
	for range 10 {
		if got := get(t, "http://"+address+"/"); got != "web\n" {
			t.Fatalf("got %q", got)
		}
	}
	harness.WaitFor(t, "still there", 5*time.Second, func() bool { return get(t, "http://"+address+"/") == "web\n" })
	e.remove()
}
