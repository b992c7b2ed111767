package main

import (
	"testing"

	v1 "k8s.io/api/core/v1"
)

func TestEventLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ reason, message, want string }{
		{"Pulled", `Container image "x:1" already present on machine and can be accessed by the pod`, ""},
		{"Pulled", `Successfully pulled image "x:1" in 1.2s (1.2s including waiting). Image size: 5 bytes.`, `successfully pulled image "x:1" in 1.2s (1.2s including waiting). Image size: 5 bytes.`},
		{"Pulling", `Pulling image "x:1"`, `pulling image "x:1"`},
		{"Created", "Container created", ""},
		{"Started", "Container started", ""},
		{"Killing", "Stopping container a", "stopping"},
		{"Killing", "Container a failed liveness probe, will be restarted", "Container a failed liveness probe, will be restarted"},
		{"Unhealthy", "Readiness probe failed: x\n", "Unhealthy: Readiness probe failed: x"},
		{"FailedMount", `MountVolume.SetUp failed for volume "v" : configmap "x" not found`, `FailedMount: MountVolume.SetUp failed for volume "v" : configmap "x" not found`},
		{"BackOff", "Back-off restarting failed container a in pod p_ns(1)", ""},
	} {
		if got := eventLine(v1.Event{Reason: tc.reason, Message: tc.message}); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.reason, got, tc.want)
		}
	}
}

func TestWaitText(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]v1.ContainerStateWaiting{
		"CrashLoopBackOff: back-off 10s":               {Reason: "CrashLoopBackOff", Message: "back-off 10s restarting failed container=c pod=p_ns(1)"},
		`ImagePullBackOff: Back-off pulling image "x"`: {Reason: "ImagePullBackOff", Message: `Back-off pulling image "x": ErrImagePull: no`},
		"ErrImagePull: no":                             {Reason: "ErrImagePull", Message: "no"},
		"PostStartHookError":                           {Reason: "PostStartHookError"},
	} {
		if got := waitText(&w); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestExitCodeOf(t *testing.T) {
	t.Parallel()
	always := v1.ContainerRestartPolicyAlways
	ended := func(name string, code int32) v1.ContainerStatus {
		return v1.ContainerStatus{Name: name, State: v1.ContainerState{Terminated: &v1.ContainerStateTerminated{ExitCode: code}}}
	}
	pod := func(phase v1.PodPhase, init, main []v1.ContainerStatus) *v1.Pod {
		return &v1.Pod{
			Spec: v1.PodSpec{
				InitContainers: []v1.Container{{Name: "setup"}, {Name: "sidecar", RestartPolicy: &always}},
				Containers:     []v1.Container{{Name: "z"}, {Name: "a"}},
			},
			Status: v1.PodStatus{Phase: phase, InitContainerStatuses: init, ContainerStatuses: main},
		}
	}
	for name, tc := range map[string]struct {
		pod  *v1.Pod
		want int
	}{
		"succeeded, whatever the sidecar did": {
			pod(v1.PodSucceeded, []v1.ContainerStatus{ended("setup", 0), ended("sidecar", 4)}, []v1.ContainerStatus{ended("a", 0), ended("z", 0)}), 0,
		},
		"the first in the order of the spec, not of the statuses": {
			pod(v1.PodFailed, nil, []v1.ContainerStatus{ended("a", 3), ended("z", 7)}), 7,
		},
		"an init container comes first":         {pod(v1.PodFailed, []v1.ContainerStatus{ended("setup", 9)}, nil), 9},
		"a sidecar does not count":              {pod(v1.PodFailed, []v1.ContainerStatus{ended("sidecar", 4)}, []v1.ContainerStatus{ended("a", 3)}), 3},
		"failed though all containers did well": {pod(v1.PodFailed, nil, []v1.ContainerStatus{ended("a", 0), ended("z", 0)}), 1},
	} {
		if got := exitCodeOf(tc.pod); got != tc.want {
			t.Errorf("%s: got %d, want %d", name, got, tc.want)
		}
	}
}
