package scenario

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

func TestRunExitsWithThePodsCode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, manifest string
		flags          []string
		code           int
		stdout, stderr string
	}{
		{name: "a pod that succeeds", manifest: once("ok", "echo all is well"), code: 0, stdout: "all is well"},
		{name: "the code of the container that failed", manifest: once("seven", "exit 0", "exit 7"), code: 7},
		{name: "the first in the order of the spec, not of time", manifest: once("order", "sleep 1; exit 3", "exit 4"), code: 3},
		{name: "the chosen container", manifest: once("chosen", "exit 3", "exit 4"), flags: []string{"--exit-code-from", "c1"}, code: 4},
		{name: "bad manifest", manifest: strings.Replace(once("bad", "true"), "command:", "comand:", 1), code: 2, stderr: "comand"},
		{name: "time out", manifest: once("slow", "trap 'exit 0' TERM; while true; do sleep 0.2; done"), flags: []string{"--timeout", "3s"}, code: 124},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New(t)
			file := h.Write("pod.yaml", tc.manifest)
			r := h.Run(append([]string{"run", file}, tc.flags...)...)
			if r.Code != tc.code || !strings.Contains(r.Stdout, tc.stdout) || !strings.Contains(r.Stderr, tc.stderr) {
				t.Errorf("want code %d, %q and %q: %s", tc.code, tc.stdout, tc.stderr, r)
			}
			h.NothingLeft()
		})
	}
}

func TestAProbeThatTimesOutLeavesNoProcess(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	file := h.Write("late.yaml", `{apiVersion: v1, kind: Pod, metadata: {name: late}, spec: {terminationGracePeriodSeconds: 0, containers: [{
		name: c, image: "podsim.test/busybox:1", command: [sleep, "1000"],
		readinessProbe: {exec: {command: [sleep, "777"]}, timeoutSeconds: 1, periodSeconds: 2}}]}}`)
	h.Must("apply", "-f", file)
	for !strings.Contains(h.Must("events", "--for", "pod/late"), "x3 over") {
		time.Sleep(500 * time.Millisecond)
	}
	if n := strings.Count(h.Must("exec", "late", "--", "ps"), "sleep 777"); n > 1 {
		t.Errorf("%d probes run after three that timed out", n)
	}
	h.Must("delete", "pod", "late")
	h.NothingLeft()
}

func TestInterruptLeavesNothing(t *testing.T) {
	t.Parallel()
	slowInit := strings.Replace(threeContainers("init"), "echo hello > /v/file", "echo waiting; sleep 1000", 1)
	deaf := once("deaf", "trap '' TERM; echo deaf; while true; do sleep 0.2; done")
	for _, tc := range []struct {
		name, manifest string
		// reached says that the phase to interrupt in is there.
		reached func(h *harness.Home, p *harness.Process) bool
		times   int
		within  time.Duration
	}{
		{name: "before anything was made", manifest: threeContainers("early"), times: 1, within: 30 * time.Second,
			reached: func(*harness.Home, *harness.Process) bool { return true }},
		{name: "while the sandbox is made", manifest: threeContainers("create"), times: 1, within: 30 * time.Second,
			reached: func(h *harness.Home, _ *harness.Process) bool { return len(h.Leftovers()) > 0 }},
		{name: "during init", manifest: slowInit, times: 1, within: 30 * time.Second,
			reached: func(_ *harness.Home, p *harness.Process) bool { return strings.Contains(p.Stdout(), "waiting") }},
		{name: "while it runs", manifest: threeContainers("run"), times: 1, within: 30 * time.Second,
			reached: func(_ *harness.Home, p *harness.Process) bool { return strings.Contains(p.Stdout(), "hello") }},
		{name: "twice ends at once what ignores the first", manifest: deaf, times: 2, within: 20 * time.Second,
			reached: func(_ *harness.Home, p *harness.Process) bool { return strings.Contains(p.Stdout(), "deaf") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := harness.New(t)
			p := h.Start("run", h.Write("pod.yaml", tc.manifest))
			harness.WaitFor(t, "phase "+tc.name, time.Minute, func() bool { return tc.reached(h, p) || ended(p) })
			for range tc.times {
				p.Signal(os.Interrupt)
				time.Sleep(500 * time.Millisecond)
			}
			r, inTime := p.WaitTimeout(tc.within)
			// A command that was interrupted before it caught signals dies of it.
			if !inTime || r.Code != 130 && r.Code != -1 {
				t.Errorf("want code 130 within %s: %s", tc.within, r)
			}
			h.NothingLeft()
		})
	}
}

// TestOutputThatNobodyReadsEndsTheRun is `podsim run ... | head -1`.
func TestOutputThatNobodyReadsEndsTheRun(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	file := h.Write("pod.yaml", once("talks", "trap 'exit 0' TERM; while true; do echo hello; sleep 0.2; done"))
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := h.StartTo(write, "run", file)
	if err := errors.Join(write.Close(), firstLine(read), read.Close()); err != nil {
		t.Fatal(err)
	}
	if r, inTime := p.WaitTimeout(30 * time.Second); !inTime || r.Code != 130 {
		t.Errorf("want code 130: %s", r)
	}
	h.NothingLeft()
}

func firstLine(from io.Reader) error {
	_, err := bufio.NewReader(from).ReadString('\n')
	return err
}

func ended(p *harness.Process) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// TestPrivilegedHasAllOfTheMachine looks at containers that ask for everything:
// on a machine that has not every capability, they get the ones that it has,
// and one that asks for a lacking one by name is told so.
func TestPrivilegedHasAllOfTheMachine(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	h.Must("apply", "-f", h.Write("pod.yaml", fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: mighty}
spec:
  restartPolicy: Never
  containers:
  - name: privileged
    image: %[1]s
    command: [sh, -ec, "grep CapBnd /proc/1/status; mkdir /m; mount -t tmpfs none /m; test -c /dev/kmsg; test -w /proc/sys/kernel/hostname"]
    securityContext: {privileged: true}
  - {name: all, image: %[1]s, command: [grep, CapBnd, /proc/1/status], securityContext: {capabilities: {add: [ALL]}}}
  - {name: named, image: %[1]s, command: [grep, CapBnd, /proc/1/status], securityContext: {capabilities: {add: [SYS_RESOURCE]}}}
`, image)))
	h.Must("wait", "pod/mighty", "--for=jsonpath={.status.containerStatuses[2].state.terminated.reason}", "--timeout=60s")
	mine, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	ended := h.Must("get", "pod", "mighty", "-o", "jsonpath={range .status.containerStatuses[*]}{.name} {.state.terminated.reason} {.state.terminated.message}{'\\n'}{end}")
	for _, name := range []string{"privileged", "all"} {
		logs := h.Must("logs", "mighty", "-c", name)
		if !strings.Contains(ended, name+" Completed") || bounding(t, logs) != bounding(t, string(mine)) {
			t.Errorf("%s ended with\n%s\n%s", name, ended, logs)
		}
	}
	const refused = "securityContext.capabilities.add asks for SYS_RESOURCE, which the engine's machine does not have"
	if !strings.Contains(ended, "named Completed") {
		for what, text := range map[string]string{
			"status": ended, "events": h.Must("events"), "diagnose": h.Run("diagnose", "mighty").Stdout,
		} {
			if !strings.Contains(text, refused) {
				t.Errorf("%s:\n%s", what, text)
			}
		}
	}
	h.Must("delete", "pod", "mighty")
	h.NothingLeft()
}

// bounding reads the capabilities of a process that every engine knows.
func bounding(t *testing.T, status string) uint64 {
	t.Helper()
	_, rest, _ := strings.Cut(status, "CapBnd:")
	line, _, _ := strings.Cut(rest, "\n")
	set, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if err != nil {
		t.Errorf("bounding set of %q: %v", status, err)
	}
	const known = 1<<38 - 1 // Docker 20.10 may not know those of Linux 5.8
	return set & known
}

// TestAPausedContainerSaysSo freezes a container behind podsim's back.
func TestAPausedContainerSaysSo(t *testing.T) {
	t.Parallel()
	h := harness.New(t)
	h.Must("apply", "-f", h.Write("pod.yaml", fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: frozen}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: c, image: %s, command: [sleep, "1000"], readinessProbe: {exec: {command: ["true"]}, periodSeconds: 1}}]
`, image)))
	h.Must("wait", "pod/frozen", "--for=condition=Ready", "--timeout=60s")
	id := strings.TrimPrefix(h.Must("get", "pod", "frozen", "-o", "jsonpath={.status.containerStatuses[0].containerID}"), "docker://")
	if err := h.Engine.Call(t.Context(), http.MethodPost, "/containers/"+id+"/pause", nil, nil); err != nil {
		t.Fatal(err)
	}
	paused := "the container is paused (docker unpause " + id[:12] + ")"
	if r := h.Run("exec", "frozen", "--", "true"); r.Code != 1 || r.Stderr != "error: Internal error occurred: error executing command in container: "+paused+"\n" {
		t.Errorf("exec: %s", r)
	}
	if r := h.Run("attach", "frozen"); !strings.Contains(r.Stderr, paused) {
		t.Errorf("attach: %s", r)
	}
	harness.WaitFor(t, "the event of the probe", 20*time.Second, func() bool {
		return strings.Contains(h.Run("events").Stdout, "Readiness probe errored and resulted in unknown state: "+
			"rpc error: code = Unknown desc = failed to exec in container: "+paused)
	})
	if text := h.Must("diagnose", "frozen"); !strings.Contains(text, `container "c" is paused: nothing in it runs`) {
		t.Errorf("diagnose:\n%s", text)
	}
	h.Must("delete", "pod", "frozen")
	h.NothingLeft()
}
