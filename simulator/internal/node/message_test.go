package node

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
)

const wordyPod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  restartPolicy: Never
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "exit 1"]}
  - {name: b, image: "app:1", command: [sh, -c, "exit 1"]}
  - {name: c, image: "app:1", command: [sh, -c, "exit 1"]}
  - {name: d, image: "app:1", command: [sh, -c, "exit 1"]}
`

// wordy is a termination message of more than is read.
func wordy() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 6000; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.Bytes()
}

// wordyAgent is an Agent behind whose tunnels every file is wordy.
type wordyAgent struct{ fakeAgent }

func (wordyAgent) Tunnel(runtime.ContainerID) Tunnel { return wordyTunnel{} }

type wordyTunnel struct{ fakeTunnel }

func (wordyTunnel) ReadFile(_ context.Context, _ string, limit int64, _ bool) ([]byte, error) {
	text := wordy()
	return text[len(text)-int(limit):], nil
}

func TestAMessageIsTheBeginningOfTheFilesLast4096Bytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		w.config = func(c *Config) { c.Agent = wordyAgent{} }
		w.store.put(pod(t, wordyPod))
		w.start()
		time.Sleep(time.Minute)
		text := wordy()
		want := string(text[len(text)-4096:][:12<<10/4])
		for _, st := range w.store.last().ContainerStatuses {
			if e := st.State.Terminated; e == nil || e.Message != want {
				t.Errorf("%s: %+v", st.Name, st.State)
			}
		}
		w.close()
	})
}
