package scenario

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

// server is the test server's image.
const server = "podsim.test/server:1"

// finding is what diagnose -o json says of one cause.
type finding struct {
	Cause, Container, Summary, Fix string
	Details, Log                   []string
	Note                           bool
}

// findings asks until the diagnosis of a pod has a finding of a cause, since a
// pod takes its time to get into trouble.
func findings(t *testing.T, h *harness.Home, pod, cause string) finding {
	t.Helper()
	var found finding
	var last string
	ok := harness.Eventually(90*time.Second, func() bool {
		r := h.Run("diagnose", pod, "-o", "json")
		last = r.String()
		var d struct{ Findings []finding }
		if r.Code != 0 || json.Unmarshal([]byte(r.Stdout), &d) != nil {
			return false
		}
		for _, f := range d.Findings {
			if f.Cause == cause && !f.Note {
				found = f
				return true
			}
		}
		return false
	})
	if !ok {
		t.Fatalf("no finding %s: %s", cause, last)
	}
	return found
}

// says wants each of the texts somewhere in a finding.
func (f finding) says(t *testing.T, texts ...string) {
	t.Helper()
	all := strings.Join(append(append([]string{f.Summary, f.Fix}, f.Details...), f.Log...), "\n")
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("no %q in %s:\n%s", text, f.Cause, all)
		}
	}
}

func TestDiagnosePortConflict(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	h.Must("apply", "-f", h.Write("pod.yaml", `
apiVersion: v1
kind: Pod
metadata: {name: quarrel}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: first, image: "`+server+`", args: ["-port=8080"], ports: [{containerPort: 8080}]}
  - name: second
    image: "`+image+`"
    command: [sh, -c, "until nc -w 1 127.0.0.1 8080 </dev/null; do sleep 0.2; done; exec httpd -f -p 8080"]
    ports: [{containerPort: 8080}]
`))
	f := findings(t, h, "quarrel", "PortConflict")
	f.says(t, `container "second" cannot listen on port 8080`, `container "first" (server, [::]:8080)`, "ddress already in use")
	ports := h.Must("ports", "quarrel")
	for _, text := range []string{"first", "server", "tcp", "8080"} {
		if !strings.Contains(ports, text) {
			t.Errorf("no %q in:\n%s", text, ports)
		}
	}
	h.Must("delete", "pod", "quarrel")
	h.NothingLeft()
}

func TestDiagnoseLoopbackOnly(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	h.Must("apply", "-f", h.Write("pod.yaml", `
apiVersion: v1
kind: Pod
metadata: {name: private}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: "`+server+`"
    args: ["-port=8080", "-address=127.0.0.1"]
    ports: [{name: http, containerPort: 8080}]
    readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1, timeoutSeconds: 5}
`))
	f := findings(t, h, "private", "LoopbackOnly")
	f.says(t, `container "web"`, "127.0.0.1", ":8080", "connection refused", "0.0.0.0:8080")
	if ports := h.Must("ports", "private"); !strings.Contains(ports, "loopback only") {
		t.Errorf("ports:\n%s", ports)
	}
	h.Must("delete", "pod", "private")
	h.NothingLeft()
}

func TestDiagnosePermissionsOnASharedVolume(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	h.Must("apply", "-f", h.Write("pod.yaml", `
apiVersion: v1
kind: Pod
metadata: {name: strangers}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: shared, emptyDir: {}}]
  containers:
  - name: first
    image: "`+image+`"
    command: [sh, -c, "umask 022; mkdir /shared/d; echo one > /shared/d/log; sleep 1000"]
    securityContext: {runAsUser: 1000, runAsGroup: 1000}
    volumeMounts: [{name: shared, mountPath: /shared}]
  - name: second
    image: "`+image+`"
    command: [sh, -c, "until [ -s /data/d/log ]; do sleep 0.2; done; echo two >> /data/d/log"]
    securityContext: {runAsUser: 1001, runAsGroup: 3000}
    volumeMounts: [{name: shared, mountPath: /data}]
`))
	f := findings(t, h, "strangers", "PermissionDenied")
	f.says(t, `container "second"`, `/data/d/log belongs to 1000:1000, mode 0644`, "uid 1001, gid 3000", "fsGroup: 3000", "umask 002")
	h.Must("delete", "pod", "strangers")
	h.NothingLeft()
}

func TestRunExplainsItsEnd(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	r := h.Run("run", h.Write("missing.yaml", once("missing", "nosuchprogram")), "--timeout", "60s")
	if r.Code != 127 || !strings.Contains(r.Stderr, `hint: container "c0" runs a program that the image "`+image+`" does not have`) {
		t.Errorf("want code 127 and a hint: %s", r)
	}
	h.NothingLeft()
}
