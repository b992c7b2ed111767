package examples

import (
	"strings"
	"testing"
)

// finishes runs the example and wants it to succeed with these texts.
func finishes(t *testing.T, name string, texts ...string) {
	t.Helper()
	e := open(t, name)
	r := e.run()
	if r.Code != 0 {
		t.Errorf("%s", r)
	}
	in(t, r.Stdout, texts...)
	e.NothingLeft()
}

func TestMemoryVolumeIsATmpfsOfItsSize(t *testing.T) {
	finishes(t, "memory-volume", "one", "two", "tmpfs /fast tmpfs", "8192")
}

func TestReadOnlyMountRefusesTheWrite(t *testing.T) {
	finishes(t, "read-only", "may write", "written", "may not write")
}

func TestSubPathsAreApart(t *testing.T) {
	finishes(t, "subpath", "from alice", "from bob")
}

func TestFSGroupLetsTwoUsersShare(t *testing.T) {
	finishes(t, "fsgroup", "uid=1000", "2000", "first", "second", "drwxrwsrwx")
}

func TestProducerAndConsumer(t *testing.T) {
	finishes(t, "producer-consumer", "job 1", "job 2", "job 3", "3.done")
}

func TestAdapterSpeaksJSON(t *testing.T) {
	finishes(t, "adapter", `{"name":"requests","value":17}`, `{"name":"errors","value":2}`)
}

func TestClaimOutlivesItsPods(t *testing.T) {
	e := open(t, "claims")
	for _, want := range []string{"run number 1", "run number 2"} {
		r := e.run()
		if r.Code != 0 {
			t.Fatalf("%s", r)
		}
		in(t, r.Stdout, want, "read-only here")
	}
	for _, o := range e.Leftovers() {
		if o.Type != "volumes" {
			t.Errorf("left on the engine: %s", o)
		}
	}
	e.Must("delete", "pvc", "data")
	e.NothingLeft()
}

func TestLogCollectorReadsAndCannotWrite(t *testing.T) {
	e := open(t, "log-collector")
	e.detach("--wait=ready")
	e.eventually("request 2 served", func() string { return e.logs("collector") })
	in(t, e.logs("collector"), "cannot write, as it should be", "Read-only file system")
	e.remove()
}

func TestConfigReachesEnvironmentFilesAndARunningPod(t *testing.T) {
	e := open(t, "config")
	e.detach("--wait=ready")
	e.eventually("mode is fast, user is admin", func() string { return e.logs("app") })
	in(t, e.exec("app", "stat -L -c '%a %n' /etc/app/app.conf /etc/login/password; cat /etc/login/password"),
		"644 /etc/app/app.conf", "400 /etc/login/password", "swordfish")
	e.Must("patch", "configmap", "app", "-p", `{"data":{"app.conf":"greeting=ahoy\n"}}`)
	e.eventually("greeting=ahoy", func() string { return e.logs("reloader") })
	for _, args := range [][]string{{"get", "pod", e.name, "-o", "yaml"}, {"describe", "pod", e.name}, {"events"}} {
		if out := e.Must(args...); strings.Contains(out, "swordfish") {
			t.Errorf("%s shows the password", strings.Join(args, " "))
		}
	}
	e.remove()
}

func TestInitPreparesAClaimForAUser(t *testing.T) {
	e := open(t, "permissions")
	r := e.run()
	if r.Code != 0 {
		t.Errorf("%s", r)
	}
	in(t, r.Stdout, "1000", "750 1000:1000", "only my own directory")
	e.Must("delete", "pvc", "home")
	e.NothingLeft()
}

func TestUpdatedContentIsServed(t *testing.T) {
	e := open(t, "content-updater")
	e.detach("--wait=ready")
	address := e.forward("8080")
	first := get(t, "http://"+address+"/")
	in(t, first, "version")
	e.eventually("version", func() string {
		if next := get(t, "http://"+address+"/"); next != first {
			return next
		}
		return ""
	})
	e.remove()
}
