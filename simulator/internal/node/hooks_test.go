package node

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
)

const sleepyPod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "sleep 1000"], lifecycle: {preStop: {sleep: {seconds: 20}}}}
`

func TestASleepThatIsLongerThanTheGraceIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		w.store.put(pod(t, sleepyPod))
		w.start()
		time.Sleep(time.Minute)
		w.store.del("web", 2)
		time.Sleep(time.Minute)
		if events := strings.Join(w.eventReasons(), "\n"); strings.Contains(events, "FailedPreStopHook") || !strings.Contains(events, "Killing") {
			t.Errorf("events:\n%s", events)
		}
		w.close()
	})
}

const plainHookPod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "sleep 1000"], lifecycle: {postStart: {httpGet: {scheme: HTTPS, port: 80}}}}
`

// plainAgent is an Agent behind whose tunnels a server speaks plain HTTP.
type plainAgent struct{ fakeAgent }

func (plainAgent) Tunnel(runtime.ContainerID) Tunnel { return plainTunnel{} }

type plainTunnel struct{ fakeTunnel }

func (plainTunnel) DialContext(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go func() {
		defer server.Close()
		_, _ = server.Read(make([]byte, 4096))
		_, _ = io.WriteString(server, "HTTP/1.0 200 OK\r\n\r\n")
	}()
	return client, nil
}

func TestAHookThatFallsBackToPlainHTTPIsToldOfThePod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		w.config = func(c *Config) { c.Agent = plainAgent{} }
		w.store.put(pod(t, plainHookPod))
		w.start()
		time.Sleep(time.Minute)
		const want = "LifecycleHTTPFallback  request to HTTPS lifecycle hook "
		if events := strings.Join(w.eventReasons(), "\n"); !strings.Contains(events, want) {
			t.Errorf("events:\n%s", events)
		}
		w.close()
	})
}
