package node

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
)

const plainPod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: a, image: "app:1", command: [sh, -c, "sleep 1000"]}]
`

// The node dies right after it asked for the start of a container, and the
// engine takes its time.
func TestAStartUnderWayOutlivesWhoAskedForIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const direct, slow = "direct", 300 * time.Millisecond
		type key string
		starts := 0
		var w *world
		w = newWorld(t, fake.Hooks{Before: func(ctx context.Context, c fake.Call) error {
			if c.Op != "start" || ctx.Value(key(direct)) != nil {
				return nil
			}
			if starts++; starts != 2 { // the sandbox's is the first
				return nil
			}
			w.node.kill()
			time.AfterFunc(slow, func() {
				err := w.engine.StartContainer(context.WithValue(t.Context(), key(direct), true), runtime.ContainerID(c.Subject))
				if err != nil {
					t.Errorf("the leftover is gone: %v", err)
				}
			})
			return fmt.Errorf("the caller is dead: %w", runtime.ErrUnavailable)
		}})
		w.store.put(pod(t, plainPod))
		w.start()
		time.Sleep(slow / 3)
		w.start()
		time.Sleep(time.Minute)
		if st := w.store.last().ContainerStatuses; len(st) != 1 || st[0].State.Running == nil || st[0].RestartCount != 0 {
			t.Errorf("containers: %+v", st)
		}
		w.close()
	})
}
