package print

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// state builders for the tables below.
func waiting(reason string) v1.ContainerState {
	return v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reason}}
}

func running() v1.ContainerState {
	return v1.ContainerState{Running: &v1.ContainerStateRunning{}}
}

func exited(reason string, code, signal int32) v1.ContainerState {
	return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{Reason: reason, ExitCode: code, Signal: signal}}
}

func named(name string, state v1.ContainerState, ready bool) v1.ContainerStatus {
	return v1.ContainerStatus{Name: name, State: state, Ready: ready}
}

// base is a healthy pod of two init containers and two containers.
func base() *v1.Pod {
	return &v1.Pod{
		Spec: v1.PodSpec{
			InitContainers: []v1.Container{{Name: "i1"}, {Name: "i2"}},
			Containers:     []v1.Container{{Name: "a"}, {Name: "b"}},
		},
		Status: v1.PodStatus{
			Phase: v1.PodRunning,
			Conditions: []v1.PodCondition{
				{Type: v1.PodInitialized, Status: v1.ConditionTrue}, {Type: v1.PodReady, Status: v1.ConditionTrue},
			},
			InitContainerStatuses: []v1.ContainerStatus{
				named("i1", exited("Completed", 0, 0), true), named("i2", exited("Completed", 0, 0), true),
			},
			ContainerStatuses: []v1.ContainerStatus{named("a", running(), true), named("b", running(), true)},
		},
	}
}

// initializing makes it one whose init containers are not done.
func initializing(p *v1.Pod, states ...v1.ContainerState) {
	p.Status.Phase = v1.PodPending
	p.Status.Conditions = nil
	for i, s := range states {
		p.Status.InitContainerStatuses[i].State = s
	}
	for i := range p.Status.ContainerStatuses {
		p.Status.ContainerStatuses[i] = named(p.Status.ContainerStatuses[i].Name, waiting("PodInitializing"), false)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*v1.Pod)
		status string
		ready  string
	}{
		"all run": {change: func(*v1.Pod) {}, status: "Running", ready: "2/2"},
		"the first init container runs": {
			change: func(p *v1.Pod) { initializing(p, running(), waiting("PodInitializing")) }, status: "Init:0/2", ready: "0/2",
		},
		"the second init container runs": {
			change: func(p *v1.Pod) { initializing(p, exited("Completed", 0, 0), running()) }, status: "Init:1/2", ready: "0/2",
		},
		"an init container failed": {
			change: func(p *v1.Pod) { initializing(p, exited("Error", 1, 0), waiting("PodInitializing")) }, status: "Init:Error", ready: "0/2",
		},
		"an init container backs off": {
			change: func(p *v1.Pod) { initializing(p, waiting("CrashLoopBackOff"), waiting("PodInitializing")) },
			status: "Init:CrashLoopBackOff", ready: "0/2",
		},
		"an init container ended without a reason": {
			change: func(p *v1.Pod) { initializing(p, exited("", 3, 0), waiting("PodInitializing")) }, status: "Init:ExitCode:3", ready: "0/2",
		},
		"an init container was killed without a reason": {
			change: func(p *v1.Pod) { initializing(p, exited("", 137, 9), waiting("PodInitializing")) }, status: "Init:Signal:9", ready: "0/2",
		},
		"init is done and the containers begin": {
			change: func(p *v1.Pod) {
				initializing(p, exited("Completed", 0, 0), exited("Completed", 0, 0))
			},
			status: "PodInitializing", ready: "0/2",
		},
		"a container waits": {
			change: func(p *v1.Pod) { p.Status.ContainerStatuses[1] = named("b", waiting("ImagePullBackOff"), false) },
			status: "ImagePullBackOff", ready: "1/2",
		},
		"the first container that waits names it": {
			change: func(p *v1.Pod) {
				p.Status.ContainerStatuses[0] = named("a", waiting("CrashLoopBackOff"), false)
				p.Status.ContainerStatuses[1] = named("b", waiting("ImagePullBackOff"), false)
			},
			status: "CrashLoopBackOff", ready: "0/2",
		},
		"a container ended without a reason": {
			change: func(p *v1.Pod) { p.Status.ContainerStatuses[0] = named("a", exited("", 5, 0), false) }, status: "ExitCode:5", ready: "1/2",
		},
		"a container was killed without a reason": {
			change: func(p *v1.Pod) { p.Status.ContainerStatuses[0] = named("a", exited("", 0, 15), false) }, status: "Signal:15", ready: "1/2",
		},
		"one completed, the other runs, the pod is ready": {
			change: func(p *v1.Pod) { p.Status.ContainerStatuses[0] = named("a", exited("Completed", 0, 0), false) },
			status: "Running", ready: "1/2",
		},
		"one completed, the other runs, the pod is not ready": {
			change: func(p *v1.Pod) {
				p.Status.ContainerStatuses[0] = named("a", exited("Completed", 0, 0), false)
				p.Status.Conditions[1].Status = v1.ConditionFalse
			},
			status: "NotReady", ready: "1/2",
		},
		"one completed, the other failed": {
			change: func(p *v1.Pod) {
				p.Status.ContainerStatuses[0] = named("a", exited("Completed", 0, 0), false)
				p.Status.ContainerStatuses[1] = named("b", exited("Error", 1, 0), false)
			},
			status: "Error", ready: "0/2",
		},
		"an evicted pod whose containers were never made": {
			change: func(p *v1.Pod) {
				p.Status = v1.PodStatus{Phase: v1.PodFailed, Reason: "Evicted"}
			},
			status: "Evicted", ready: "0/2",
		},
		"a pod that is deleted": {
			change: func(p *v1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Now()} }, status: "Terminating", ready: "2/2",
		},
		"a pod that is deleted and has ended": {
			change: func(p *v1.Pod) {
				p.DeletionTimestamp = &metav1.Time{Time: time.Now()}
				p.Status.Phase = v1.PodFailed
				p.Status.ContainerStatuses[0] = named("a", exited("Error", 137, 0), false)
				p.Status.ContainerStatuses[1] = named("b", exited("Error", 137, 0), false)
			},
			status: "Error", ready: "0/2",
		},
		"a sidecar counts": {
			change: func(p *v1.Pod) {
				p.Spec.InitContainers[0].RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
				p.Status.InitContainerStatuses[0] = named("i1", running(), true)
				p.Status.InitContainerStatuses[0].Started = ptr.To(true)
			},
			status: "Running", ready: "3/3",
		},
		"a sidecar that has not started holds the pod back": {
			change: func(p *v1.Pod) {
				initializing(p, running(), waiting("PodInitializing"))
				p.Spec.InitContainers[0].RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
				p.Status.InitContainerStatuses[0].Started = ptr.To(false)
			},
			status: "Init:0/2", ready: "0/3",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := base()
			tc.change(pod)
			if got := Status(pod); got != tc.status {
				t.Errorf("STATUS is %s, want %s", got, tc.status)
			}
			if got := Ready(pod); got != tc.ready {
				t.Errorf("READY is %s, want %s", got, tc.ready)
			}
		})
	}
}
