package examples

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestDemoRunsToItsEnd(t *testing.T) {
	e := open(t, "demo")
	r := e.run()
	if r.Code != 0 {
		t.Errorf("%s", r)
	}
	in(t, r.Stdout, "page written", "got: hello from the init container", "all done on demo", "closing")
	e.NothingLeft()
}

func TestNativeSidecarOutlivesTheJob(t *testing.T) {
	e := open(t, "native-sidecar")
	r := e.run()
	if r.Code != 0 {
		t.Errorf("%s", r)
	}
	in(t, r.Stdout, "helper up", "up", "job done", "helper down")
	if strings.Index(r.Stdout, "job done") > strings.Index(r.Stdout, "helper down") {
		t.Errorf("the sidecar went before the job: %s", r.Stdout)
	}
	e.NothingLeft()
}

func TestInitContainersRunInOrderAndKeepTheirLogs(t *testing.T) {
	e := open(t, "init-setup")
	e.detach("--wait")
	e.eventually(string(corev1.PodSucceeded), func() string {
		return e.Must("get", "pod", e.name, "-o", "jsonpath={.status.phase}")
	})
	in(t, e.logs("setup"), "wrote the configuration")
	in(t, e.logs("app"), "greeting=hello")
	var ends []int64
	status := e.pod().Status
	for _, c := range append(status.InitContainerStatuses, status.ContainerStatuses...) {
		if c.State.Terminated == nil || c.State.Terminated.ExitCode != 0 {
			t.Errorf("%s has not ended with 0: %+v", c.Name, c.State)
			continue
		}
		start, end := c.State.Terminated.StartedAt.Unix(), c.State.Terminated.FinishedAt.Unix()
		if len(ends) > 0 && start < ends[len(ends)-1] {
			t.Errorf("%s began before the one before it had ended", c.Name)
		}
		ends = append(ends, end)
	}
	e.remove()
}

func TestFailingMigrationKeepsTheAppFromStarting(t *testing.T) {
	e := open(t, "failing-migration")
	e.detach()
	watch := e.Start("get", "pod", e.name, "-w")
	e.eventually("Init:Error", watch.Stdout)
	e.eventually("Init:CrashLoopBackOff", watch.Stdout)
	app := e.pod().Status.ContainerStatuses[0]
	if app.State.Waiting == nil || app.State.Waiting.Reason != "PodInitializing" {
		t.Errorf("the app is not waiting: %+v", app.State)
	}
	in(t, e.Must("describe", "pod", e.name), "Exit Code:    3", `relation "users" does not exist`)
	e.remove()
}

func TestWaitingInitCountsAndIsExplained(t *testing.T) {
	e := open(t, "waiting-init")
	e.detach()
	status := func() string { return e.Run("get", "pod", e.name, "--no-headers").Stdout }
	e.eventually("Init:0/2", status)
	e.eventually("here", func() string {
		return e.Run("exec", e.name, "-c", "wait-for-cache", "--", "echo", "here").Stdout
	})
	e.Start("exec", e.name, "-c", "wait-for-cache", "--", "nc", "-ll", "-p", "6379", "-e", "true")
	e.eventually("Init:1/2", status)
	e.eventually("waiting for database:5432", func() string { return e.logs("wait-for-database") })
	e.remove()
}

func TestOutOfMemoryIsNamed(t *testing.T) {
	e := open(t, "out-of-memory")
	r := e.run("--keep")
	if r.Code != 137 {
		t.Errorf("want code 137: %s", r)
	}
	in(t, r.Stderr, "OOMKilled")
	in(t, e.Run("get", "pod", e.name).Stdout, "OOMKilled")
	e.remove()
}
