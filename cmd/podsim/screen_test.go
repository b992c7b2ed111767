package main

import (
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/podsim/podsim/runtime"
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
	backOff := v1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: `Back-off pulling image "x": ErrImagePull: no`}
	for _, tc := range []struct {
		before *v1.ContainerStateWaiting
		now    v1.ContainerStateWaiting
		want   string
	}{
		{nil, v1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "back-off 10s restarting failed container=c pod=p_ns(1)"}, "CrashLoopBackOff: back-off 10s"},
		{&v1.ContainerStateWaiting{Reason: "ErrImagePull", Message: "no"}, backOff, `ImagePullBackOff: Back-off pulling image "x"`},
		{&v1.ContainerStateWaiting{Reason: "ContainerCreating"}, backOff, `ImagePullBackOff: Back-off pulling image "x": ErrImagePull: no`},
		{nil, v1.ContainerStateWaiting{Reason: "ErrImagePull", Message: "no"}, "ErrImagePull: no"},
		{nil, v1.ContainerStateWaiting{Reason: "PostStartHookError"}, "PostStartHookError"},
	} {
		if got := waitText(tc.before, &tc.now); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.now.Reason, got, tc.want)
		}
	}
}

// TestLinesOfAPodsLife holds the order of what is told to that of the spec, and each run to a begin and an end.
func TestLinesOfAPodsLife(t *testing.T) {
	t.Parallel()
	at := metav1.Unix(1, 0)
	running := func(name, id string) v1.ContainerStatus {
		return v1.ContainerStatus{Name: name, ContainerID: id, State: v1.ContainerState{Running: &v1.ContainerStateRunning{}}}
	}
	over := func(id string, code int32) v1.ContainerState {
		return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{ContainerID: id, ExitCode: code, StartedAt: at}}
	}
	for name, tc := range map[string]struct {
		states [][]v1.ContainerStatus
		want   string
	}{
		"started in the order of the spec, not of the statuses": {
			[][]v1.ContainerStatus{{running("a", "1"), running("z", "2")}},
			"z: started\na: started\n",
		},
		"all begins before the ends of the same moment": {
			[][]v1.ContainerStatus{{running("a", "1"), {Name: "z", State: over("2", 0)}}},
			"z: started\na: started\nz: exited with code 0\n",
		},
		"a run that began and ended between two looks": {
			[][]v1.ContainerStatus{{{
				Name: "a", LastTerminationState: over("1", 3),
				State: v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "back-off 10s"}},
			}}},
			"a: started\na: exited with code 3\na: CrashLoopBackOff: back-off 10s\n",
		},
		"a restart between two looks": {
			[][]v1.ContainerStatus{
				{running("a", "1")},
				{{Name: "a", ContainerID: "2", State: running("a", "2").State, LastTerminationState: over("1", 3)}},
			},
			"a: started\na: exited with code 3\na: started\n",
		},
		"an init container that ended since the last look": {
			[][]v1.ContainerStatus{{running("a", "1"), {Name: "init", State: over("2", 0)}}},
			"init: started\ninit: exited with code 0\na: started\n",
		},
		"told once": {
			[][]v1.ContainerStatus{{{Name: "a", State: over("1", 0)}}, {{Name: "a", State: over("1", 0)}}},
			"a: started\na: exited with code 0\n",
		},
	} {
		var told strings.Builder
		s := newScreen(&app{stdout: io.Discard, stderr: &told}, runLook{}, runPlan{})
		before := &v1.Pod{Spec: v1.PodSpec{InitContainers: []v1.Container{{Name: "init"}}, Containers: []v1.Container{{Name: "z"}, {Name: "a"}}}}
		for _, statuses := range tc.states {
			now := before.DeepCopy()
			now.Status.ContainerStatuses = statuses
			for _, statuses := range rounds(now) {
				s.begun(now, statuses)
				s.over(before, now, statuses)
			}
			before = now
		}
		if got := told.String(); got != tc.want {
			t.Errorf("%s: got\n%swant\n%s", name, got, tc.want)
		}
	}
}

func TestPortLines(t *testing.T) {
	t.Parallel()
	at := func(ip string, host uint16) runtime.PortBinding {
		return runtime.PortBinding{HostIP: netip.MustParseAddr(ip), HostPort: host, ContainerPort: 80}
	}
	got := portLines([]runtime.PortBinding{at("0.0.0.0", 8080), at("::", 8080), at("::", 8081), at("127.0.0.2", 8080)})
	want := []string{"port 80 is at localhost:8080", "port 80 is at localhost:8081", "port 80 is at 127.0.0.2:8080"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
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
