package examples

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestConfigurationIsDownloadedBeforeTheApp(t *testing.T) {
	finishes(t, "config-download", "downloaded", "starting with colour=green")
}

func TestAmbassadorGoesOutside(t *testing.T) {
	e := open(t, "ambassador")
	if r := e.runFile("outside.yaml", "-d", "--wait=ready"); r.Code != 0 {
		t.Fatalf("%s", r)
	}
	ip := e.Must("get", "pod", "outside", "-o", "jsonpath={.status.podIP}")
	e.Must("create", "configmap", "where", "--from-literal=database="+strings.TrimSpace(ip))
	e.detach("--wait=ready")
	e.eventually("database says: 42 rows", func() string { return e.logs("app") })
	e.Must("delete", "pod", "outside")
	e.Must("delete", "configmap", "where")
	e.remove()
}

func TestTrafficPassesTheProxyBothWays(t *testing.T) {
	if _, err := exec.LookPath("iptables"); err != nil {
		t.Skip("no iptables here to make the image of")
	}
	e := open(t, "redirect")
	e.detach("--wait=ready")
	e.eventually("inbound", func() string { return e.logs("proxy") })
	in(t, e.exec("app", "wget -q -O - http://192.0.2.1/"), "answered by the proxy")
	e.eventually("outbound", func() string { return e.logs("proxy") })
	in(t, get(t, "http://"+e.forward("8080")+"/"), "hello from the app")
	e.remove()
}

func TestExporterShowsTheMachine(t *testing.T) {
	e := open(t, "node-exporter")
	e.detach("--wait=ready")
	metrics := get(t, "http://"+e.forward("9100")+"/metrics")
	in(t, metrics, "node_load1 ", "node_memory_MemTotal_bytes "+memory(t, e))
	in(t, e.exec("exporter", "touch /host/proc/x 2>&1 || echo refused"), "refused")
	e.remove()
}

// memory is what the engine's machine has, in bytes.
func memory(t *testing.T, e *example) string {
	t.Helper()
	var info struct{ MemTotal int64 }
	if err := e.Engine.Call(t.Context(), http.MethodGet, "/info", nil, &info); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(info.MemTotal)
}

func TestBackupsAndDataOutliveThePod(t *testing.T) {
	e := open(t, "database-backup")
	const dumps = "cat /backups/*.sql"
	for _, want := range []string{"started 1 times", "started 2 times"} {
		e.detach("--wait=ready")
		e.eventually("dumped into /backups/", func() string { return e.logs("backup") })
		in(t, e.exec("backup", dumps), "PostgreSQL database dump", "started 1 times", want)
		e.Must("delete", "pod", e.name)
	}
	e.Must("delete", "pvc", "database", "backups")
	e.Must("delete", "secret", "database")
	e.NothingLeft()
}

func TestWithoutFSGroupTheCauseIsNamed(t *testing.T) {
	e := open(t, "no-fsgroup")
	r := e.run()
	if r.Code != 1 {
		t.Errorf("%s", r)
	}
	in(t, r.Stderr, `hint: container "appender" may not use /shared/log (volume "shared", emptyDir): /shared/log belongs to 1000:1000, mode 0644`,
		"set spec.securityContext.fsGroup: 1000")
	e.NothingLeft()
}

func TestWrongPortIsNamed(t *testing.T) {
	e := open(t, "wrong-port")
	e.detach()
	e.eventually(`container "web" was refused on localhost:9001, where nobody listens`,
		func() string { return e.Run("diagnose", e.name).Stdout })
	in(t, e.Run("diagnose", e.name).Stdout, `listening in the pod: container "api" (httpd, [::]:9000)`)
	in(t, e.Must("ports", e.name), "api", "httpd", "9000")
	e.remove()
}

func TestThrottlingIsNoted(t *testing.T) {
	e := open(t, "throttled")
	e.detach("--wait=ready")
	e.eventually(`note: container "busy" is slowed down by its CPU limit of 50m`,
		func() string { return e.Run("diagnose", e.name).Stdout })
	e.remove()
}

func TestWebApplicationRunsAsAWhole(t *testing.T) {
	e := open(t, "web-application")
	cert, key := certificate(t)
	e.Must("create", "secret", "tls", "web-application-tls", "--cert="+cert, "--key="+key)
	r := e.detach("--wait=ready")
	in(t, r.Stderr, "nodeSelector", "tolerations", "serviceAccountName")
	in(t, e.logs("wait-for-db"), "accepting connections")
	e.eventually("started as uid 1000", func() string { return e.logs("log-shipper") })
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
	}}
	resp, err := client.Get("https://" + e.forward("8443") + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	in(t, string(page), "hello from the web application")
	in(t, get(t, "http://"+e.forward("9100")+"/metrics"), "node_memory_MemTotal_bytes "+memory(t, e))
	e.Must("delete", "secret", "web-application-tls", "web-application")
	e.Must("delete", "configmap", "web-application", "web-application-proxy")
	e.remove()
}

// certificate writes the pair of Go's own test server.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pair := s.TLS.Certificates[0]
	cert, key = filepath.Join(t.TempDir(), "tls.crt"), filepath.Join(t.TempDir(), "tls.key")
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		key:  {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestDatabaseWantsAClaimOfItsOwn(t *testing.T) {
	e := open(t, "database")
	r := e.run("-d", "--wait=ready", "--timeout=15s")
	if r.Code != 124 {
		t.Errorf("want a timeout: %s", r)
	}
	in(t, r.Stderr, "/var/lib/postgresql/data", `claim "database-data"`, "only its owner may", "belongs to 0:999")
	e.Must("delete", "pod", e.name)
	if r := e.runFile("prepare.yaml"); r.Code != 0 {
		t.Fatalf("%s", r)
	}
	e.detach("--wait=ready")
	in(t, e.logs("db-init"), "prepared as uid 999")
	e.eventually("started 1 times", func() string {
		return e.Run("exec", e.name, "-c", "backup", "--", "cat", "/backups/daily/latest.sql").Stdout
	})
	in(t, get(t, "http://"+e.forward("9187")+"/metrics"), "pg_up 1")
	in(t, e.exec("backup", "nc -w 2 localhost 6432 < /dev/null"), "started 1 times")
	e.Must("delete", "-f", e.file())
	e.NothingLeft()
}

func TestLintSaysWhichVariablesStayAsTheyAre(t *testing.T) {
	e := open(t, "database")
	if out := e.Must("lint", e.file()); strings.Contains(out, "$(") {
		t.Errorf("a complaint about the right order: %s", out)
	}
	text, err := os.ReadFile(e.file())
	if err != nil {
		t.Fatal(err)
	}
	const after = "name: PASSWORD\n      valueFrom: {secretKeyRef: {name: database, key: password}}\n    - "
	turned := strings.Replace(string(text), after, "", 1)
	if turned == string(text) {
		t.Fatal("the example has changed")
	}
	file := filepath.Join(t.TempDir(), "pod.yaml")
	if err := os.WriteFile(file, []byte(turned), 0o600); err != nil {
		t.Fatal(err)
	}
	in(t, e.Must("lint", file), "$(PASSWORD) stays as it is")
}
