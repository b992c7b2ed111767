package node

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/fake"
	"github.com/podsim/podsim/simulator/internal/store"
)

const jobPod = `
apiVersion: v1
kind: Pod
metadata: {name: job}
spec:
  restartPolicy: Never
  initContainers:
  - {name: setup, image: "app:1", command: [sh, -c, "sleep 1"]}
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "sleep 3; exit 3"]}
  - {name: b, image: "app:1", command: [sh, -c, "sleep 2"]}
`

func TestJobRunsInitThenContainersToTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		w.store.put(pod(t, jobPod))
		w.start()
		time.Sleep(time.Minute)
		last := w.store.last()
		if last.Phase != v1.PodFailed {
			t.Errorf("phase %q, want Failed; %+v", last.Phase, last)
		}
		w.store.del("job", 30)
		time.Sleep(time.Minute)
		if w.store.has("job") {
			t.Error("the pod is still there after its deletion")
		}
		if left := w.left(); len(left) > 0 {
			t.Errorf("left on the engine: %v", left)
		}
		t.Log(strings.Join(w.eventReasons(), "\n"))
		w.close()
	})
}

const portPod = `
apiVersion: v1
kind: Pod
metadata: {name: first, uid: uid-first}
spec:
  containers:
  - {name: a, image: "app:1", ports: [{containerPort: 80, hostPort: 80, protocol: TCP}], command: [sh, -c, "sleep 1000"]}
`

func TestPodWaitsForAHostPortThatAnotherHas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		second := pod(t, strings.ReplaceAll(portPod, "first", "second"))
		second.Spec.NodeName = ""
		w.store.put(pod(t, portPod))
		w.store.put(second)
		w.start()
		time.Sleep(time.Minute)
		state, _ := w.store.State("", "", "uid-second")
		if c := state.Status.Conditions; len(c) != 1 || c[0].Reason != v1.PodReasonUnschedulable || state.Status.StartTime != nil {
			t.Errorf("while the port is taken: %+v", state.Status)
		}
		w.store.del("first", 1)
		time.Sleep(time.Minute)
		if state, _ = w.store.State("", "", "uid-second"); state.Status.Phase != v1.PodRunning {
			t.Errorf("once it is free: %+v", state.Status)
		}
		w.close()
	})
}

func TestPodWaitsBehindItsSchedulingGates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		held := pod(t, portPod)
		held.Spec.NodeName, held.Spec.SchedulingGates = "", []v1.PodSchedulingGate{{Name: "g"}}
		w.store.put(held)
		w.start()
		time.Sleep(time.Minute)
		c := w.store.last().Conditions
		if len(c) != 1 || c[0].Reason != v1.PodReasonSchedulingGated || c[0].Message == "" || len(w.eventReasons()) > 0 {
			t.Errorf("behind the gate: %+v, events %q", c, w.eventReasons())
		}
		open := held.DeepCopy()
		open.Spec.SchedulingGates = nil
		w.store.put(open)
		time.Sleep(time.Minute)
		if phase := w.store.last().Phase; phase != v1.PodRunning {
			t.Errorf("without it: %s", phase)
		}
		w.close()
	})
}

func TestARefusedPodFailsAndSaysWhyOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		refused := pod(t, portPod)
		refused.Spec.SecurityContext = &v1.PodSecurityContext{Sysctls: []v1.Sysctl{{Name: "kernel.msgmax", Value: "1"}}}
		w.store.put(refused)
		w.start()
		time.Sleep(time.Minute)
		if st := w.store.last(); st.Phase != v1.PodFailed || st.Reason != "SysctlForbidden" || len(st.ContainerStatuses) > 0 {
			t.Errorf("status %+v", st)
		}
		events := strings.Join(w.eventReasons(), "\n")
		if strings.Count(events, `SysctlForbidden  forbidden sysctl: "kernel.msgmax" not allowlisted`) != 1 {
			t.Errorf("events:\n%s", events)
		}
		w.close()
	})
}

const missingProbePod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "sleep 1000"], livenessProbe: {exec: {command: [/nosuch]}, periodSeconds: 1}}
`

func TestAProbeWhoseProgramIsMissingSaysNothingOfTheContainer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		w.store.put(pod(t, missingProbePod))
		w.start()
		time.Sleep(time.Minute)
		if st := w.store.last().ContainerStatuses; len(st) != 1 || st[0].RestartCount != 0 || !st[0].Ready {
			t.Errorf("statuses %+v", st)
		}
		const want = "Unhealthy spec.containers{a} Liveness probe errored and resulted in unknown state: " +
			"rpc error: code = Unknown desc = failed to exec in container: OCI runtime exec failed: "
		if events := strings.Join(w.eventReasons(), "\n"); !strings.Contains(events, want) {
			t.Errorf("events:\n%s", events)
		}
		w.close()
	})
}

const imageVolumePod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: v, image: {reference: "data:1", pullPolicy: IfNotPresent}}]
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "sleep 1000"], volumeMounts: [{name: v, mountPath: /v}]}
  - {name: b, image: "app:1", command: [sh, -c, "sleep 1000"]}
`

func TestAnImageVolumeThatIsMissingHoldsOnlyWhoMountsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		w.store.put(pod(t, imageVolumePod))
		w.start()
		time.Sleep(45 * time.Second) // in the third back-off, of 40 s
		st := w.store.last().ContainerStatuses
		const want = `Back-off pulling image "data:1": ErrImagePull: pull access denied for data:1, repository does not exist: not found`
		if a := st[0].State.Waiting; a == nil || a.Reason != "ImagePullBackOff" || a.Message != want {
			t.Errorf("a: %+v", st[0].State)
		}
		if st[1].State.Running == nil {
			t.Errorf("b: %+v", st[1].State)
		}
		events := strings.Join(w.eventReasons(), "\n")
		for _, e := range []string{
			`Failed  Failed to pull image "data:1": pull access denied`, "Failed spec.containers{a} Error: ErrImagePull",
			`BackOff  Back-off pulling image "data:1"`, "Failed spec.containers{a} Error: ImagePullBackOff",
		} {
			if !strings.Contains(events, e) {
				t.Errorf("no event %q in\n%s", e, events)
			}
		}
		w.engine.AddImage(fake.ShellImage("data:1"))
		time.Sleep(2 * imageLook)
		if st = w.store.last().ContainerStatuses; st[0].State.Running == nil {
			t.Errorf("a, once the image is there: %+v", st[0].State)
		}
		w.store.del("web", 1)
		time.Sleep(time.Minute)
		if left := w.left(); len(left) > 0 {
			t.Errorf("left on the engine: %v", left)
		}
		w.close()
	})
}

const ephemeralPod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: v, ephemeral: {volumeClaimTemplate: {metadata: {labels: {a: b}}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}}}]
  containers: [{name: a, image: "app:1", command: [sh, -c, "sleep 1000"], volumeMounts: [{name: v, mountPath: /v}]}]
`

func TestTheClaimOfAnEphemeralVolumeComesAndGoesWithThePod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		other := &v1.PersistentVolumeClaim{}
		other.Name, other.Namespace = "web-v", "default"
		w.store.claims["web-v"] = other
		p := pod(t, ephemeralPod)
		p.Spec.NodeName = ""
		w.store.put(p)
		w.start()
		time.Sleep(time.Minute)
		const refused = "PVC default/web-v was not created for pod default/web (pod is not owner)"
		c := w.store.last().Conditions
		if len(c) != 1 || !strings.HasPrefix(c[0].Message, "0/1 nodes are available: "+refused+". ") {
			t.Errorf("while another claim has the name: %+v", c)
		}
		if events := strings.Join(w.eventReasons(), "\n"); strings.Count(events, "FailedBinding  ephemeral volume v: "+refused) != 1 {
			t.Errorf("events:\n%s", events)
		}
		if err := w.node.store.Delete(store.KindClaim, "", "web-v", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		claim, err := w.store.Claim("", "web-v")
		if err != nil || !metav1.IsControlledBy(claim, p) || claim.Labels["a"] != "b" || w.store.last().Phase != v1.PodRunning {
			t.Errorf("once it is free: %+v, %v; pod %s", claim, err, w.store.last().Phase)
		}
		w.store.del("web", 1)
		time.Sleep(time.Minute)
		if _, err := w.store.Claim("", "web-v"); !apierrors.IsNotFound(err) || len(w.left()) > 0 {
			t.Errorf("left: %v, %v", err, w.left())
		}
		w.close()
	})
}

const slowHookPod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: a, image: "app:1", command: [sh, -c, "sleep 1000"], readinessProbe: {exec: {command: ["false"]}, periodSeconds: 1}}
  - {name: b, image: "app:1", command: [sh, -c, "sleep 1000"], lifecycle: {postStart: {exec: {command: [sleep, "9"]}}}}
`

func TestProbesBeginWhenTheirContainerIsToldOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{})
		w.store.put(pod(t, slowHookPod))
		w.start()
		unhealthy := func() bool { return strings.Contains(strings.Join(w.eventReasons(), "\n"), "Unhealthy") }
		time.Sleep(8 * time.Second)
		if st := w.store.last().ContainerStatuses; st[0].State.Running != nil || unhealthy() {
			t.Errorf("while b's hook runs: a is %+v, probed %v", st[0].State, unhealthy())
		}
		time.Sleep(4 * time.Second)
		if st := w.store.last().ContainerStatuses; st[0].State.Running == nil || !unhealthy() {
			t.Errorf("after it: a is %+v, probed %v", st[0].State, unhealthy())
		}
		w.close()
	})
}

const claimPod = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
  containers: [{name: a, image: "app:1", command: [sh, -c, "sleep 1000"], volumeMounts: [{name: v, mountPath: /v}]}]
`

func TestAPodGoesThoughTheEngineKeepsTheDataOfItsDeletedClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fake.Hooks{Before: func(_ context.Context, c fake.Call) error {
			if c.Op == "remove volume" && strings.Contains(c.Subject, "_data_") {
				return runtime.ErrConflict
			}
			return nil
		}})
		claim := &v1.PersistentVolumeClaim{}
		claim.Name, claim.Namespace, claim.DeletionTimestamp = "data", "default", &metav1.Time{Time: time.Now()}
		w.store.claims["data"] = claim
		w.config = func(c *Config) { c.Idle = time.Second }
		w.store.put(pod(t, claimPod))
		w.start()
		time.Sleep(time.Minute)
		w.store.del("web", 1)
		time.Sleep(time.Minute)
		select {
		case <-w.node.ended:
		default:
			t.Error("the node still tries")
		}
		if _, err := w.store.Claim("", "data"); err != nil || w.store.has("web") {
			t.Errorf("claim: %v; the pod is there: %v", err, w.store.has("web"))
		}
		w.close()
	})
}
