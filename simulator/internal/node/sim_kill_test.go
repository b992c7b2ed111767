package node

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
)

// job is a pod that ends: an init container, a sidecar, a container that fails
// once, and one that does not.
func job() script {
	const text = `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  restartPolicy: OnFailure
  terminationGracePeriodSeconds: 5
  volumes: [{name: cache, emptyDir: {medium: Memory}}]
  initContainers:
  - {name: i0, image: "app:1", volumeMounts: [{name: cache, mountPath: /cache}]}
  - {name: s1, image: "app:1", restartPolicy: Always}
  containers:
  - {name: c0, image: "app:1", volumeMounts: [{name: cache, mountPath: /cache}]}
  - {name: c1, image: "c1:9"}
`
	return script{
		Pod: decoded(text),
		Lives: map[string][]life{
			"i0": {{Life: 300 * time.Millisecond}},
			"c0": {{Life: 2 * time.Second, Code: 3}, {Life: 3 * time.Second}},
			"c1": {{Life: 4 * time.Second}},
		},
		Pulls:  map[string]pull{"c1:9": {Takes: time.Second}},
		Settle: 90 * time.Second, Grace: 5,
	}
}

// service is a pod that runs until it is deleted: a sidecar with a startup
// probe, a container that crashes twice, and one that obeys slowly.
func service() script {
	const text = `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  restartPolicy: Always
  terminationGracePeriodSeconds: 8
  initContainers:
  - {name: s0, image: "app:1", restartPolicy: Always, startupProbe: {periodSeconds: 1, failureThreshold: 9, exec: {command: [startup]}}}
  - {name: i1, image: "app:1"}
  containers:
  - {name: c0, image: "app:1", readinessProbe: {periodSeconds: 5, exec: {command: [readiness]}}}
  - {name: c1, image: "app:1", lifecycle: {preStop: {exec: {command: [preStop]}}}}
`
	return script{
		Pod: decoded(text),
		Lives: map[string][]life{
			"s0": {{Life: forever, Up: 2 * time.Second}},
			"i1": {{Life: 100 * time.Millisecond, Code: 1}, {Life: 100 * time.Millisecond}},
			"c0": {{Life: time.Second, Code: 1}, {Life: time.Second}, serve},
			"c1": {{Life: forever, PreStop: time.Second, Term: 2 * time.Second}},
		},
		Settle: 90 * time.Second, Grace: 8,
	}
}

// TestANodeMayDieAtEveryCallOfTheEngine kills the node right before and right
// after each of its calls in turn. Another one takes the pod over. It ends as
// if nothing had happened, counts its restarts right and leaves nothing.
func TestANodeMayDieAtEveryCallOfTheEngine(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]script{"job": job(), "service": service()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calm := perform(t, s, plant{}, nil)
			if found := judged(calm); len(found) > 0 {
				t.Fatalf("without a kill:\n%s%s", list(found), calm)
			}
			want := outcome(calm)
			for k := range calm.calls {
				for _, after := range []bool{false, true} {
					tr := perform(t, s, plant{}, killAt(k+1, after))
					diff := cmp.Diff(want, outcome(tr))
					if found := judged(tr); len(found) > 0 || diff != "" {
						t.Fatalf("killed at call %d (%s), after it: %v\n%s%s%s", k+1, calm.calls[k].Op, after, list(found), diff, tr)
					}
				}
			}
			t.Logf("killed at each of %d calls, before and after it; every time %v", len(calm.calls), want)
		})
	}
}

// killAt lets the node die at a call, and another one start soon.
func killAt(number int, after bool) func(*stage) {
	const soon = 700 * time.Millisecond
	return func(st *stage) {
		st.onCall = func(n int, afterwards bool) {
			if n != number || afterwards != after {
				return
			}
			st.down()
			st.mu.Lock()
			st.trace.script.Steps = append(st.trace.script.Steps, step{At: st.now(), What: nodeDies, For: soon})
			st.mu.Unlock()
			time.AfterFunc(soon, st.up)
		}
	}
}

// outcome is what a pod came to before it was deleted: its phase, and how often
// each container was started again.
func outcome(t *trace) []string {
	s := t.status(t.quiet.at - 1)
	if s == nil {
		return nil
	}
	out := []string{string(s.Phase)}
	for _, c := range slices.Concat(s.InitContainerStatuses, s.ContainerStatuses) {
		out = append(out, fmt.Sprintf("%s restarted %d, ready %v", c.Name, c.RestartCount, c.Ready))
	}
	return out
}

func decoded(text string) *v1.Pod {
	p, err := decode([]byte(text))
	if err != nil {
		panic(err)
	}
	return p
}
