package diagnose

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
	"pgregory.net/rapid"
)

// anyFacts draws pods in any state, with logs and events that rules look for,
// and with any part of what is known left out.
func anyFacts(t *rapid.T) Facts {
	f := healthy()
	for _, name := range []string{"i", "a", "b"} {
		st, c := f.status(name), f.spec(name)
		st.State, st.LastTerminationState = anyState(t), anyState(t)
		st.Ready, st.RestartCount = rapid.Bool().Draw(t, "ready"), rapid.Int32Range(0, 3).Draw(t, "restarts")
		if rapid.Bool().Draw(t, "probed") {
			c.ReadinessProbe = &v1.Probe{ProbeHandler: anyHandler(t)}
			c.LivenessProbe = &v1.Probe{ProbeHandler: anyHandler(t)}
		}
		if rapid.Bool().Draw(t, "sidecar") && name == "i" {
			c.RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
		}
		c.VolumeMounts = []v1.VolumeMount{{Name: rapid.SampledFrom([]string{"v", "none"}).Draw(t, "volume"), MountPath: "/data"}}
		log := rapid.SliceOfN(rapid.SampledFrom(logSamples()), 0, 3)
		f.Containers[name] = Container{Ended: log.Draw(t, "ended"), Running: log.Draw(t, "running")}
		for _, e := range rapid.SliceOfN(rapid.SampledFrom(eventSamples()), 0, 3).Draw(t, "events") {
			f.event(name, e[0], e[1])
		}
	}
	f.Pod.Spec.Volumes = []v1.Volume{{Name: "v"}}
	f.Pod.Status.Phase = rapid.SampledFrom([]v1.PodPhase{"", "Pending", "Running", "Succeeded", "Failed"}).Draw(t, "phase")
	f.Pod.Spec.RestartPolicy = rapid.SampledFrom([]v1.RestartPolicy{"", "Always", "OnFailure", "Never"}).Draw(t, "policy")
	if rapid.Bool().Draw(t, "unknown") {
		f.Containers, f.Sockets, f.Files, f.Reached, f.Objects, f.SocketsSeen = nil, nil, nil, nil, Objects{}, false
	}
	if rapid.Bool().Draw(t, "no status") {
		f.Pod.Status = v1.PodStatus{}
	}
	return *f
}

func anyState(t *rapid.T) v1.ContainerState {
	switch rapid.IntRange(0, 3).Draw(t, "state") {
	case 0:
		return v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: metav1.NewTime(noon.Add(-time.Minute))}}
	case 1:
		return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
			ExitCode: rapid.SampledFrom([]int32{0, 1, 127, 128, 137}).Draw(t, "code"),
			Reason:   rapid.SampledFrom([]string{"", "Error", "Completed", "OOMKilled", "StartError"}).Draw(t, "end"),
			Message:  rapid.SampledFrom(logSamples()).Draw(t, "message"),
		}}
	case 2:
		return v1.ContainerState{Waiting: &v1.ContainerStateWaiting{
			Reason: rapid.SampledFrom([]string{
				"", "ContainerCreating", "CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError",
				"RunContainerError", "PostStartHookError", "Odd",
			}).Draw(t, "waiting"),
			Message: rapid.SampledFrom(logSamples()).Draw(t, "message"),
		}}
	}
	return v1.ContainerState{}
}

func anyHandler(t *rapid.T) v1.ProbeHandler {
	port := rapid.SampledFrom([]intstr.IntOrString{intstr.FromInt32(8080), intstr.FromString("http"), intstr.FromString("nope"), {}}).Draw(t, "port")
	switch rapid.IntRange(0, 3).Draw(t, "handler") {
	case 0:
		return v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Port: port}}
	case 1:
		return v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: port}}
	case 2:
		return v1.ProbeHandler{Exec: &v1.ExecAction{}}
	}
	return v1.ProbeHandler{GRPC: &v1.GRPCAction{Port: 1}}
}

func logSamples() []string {
	return []string{
		"", "bind: Address already in use", "listen tcp :99999: address already in use", "/data/x: Permission denied", "data: Read-only file system",
		"Permission denied", "localhost:8080 refused", "exec format error", "sh: x: not found", `configmap "a" not found`, "\xff\x00", "/: Permission denied",
	}
}

func eventSamples() [][2]string {
	return [][2]string{
		{"Unhealthy", "Readiness probe failed: connection refused"}, {"Unhealthy", "Liveness probe failed: "}, {"Killing", "Container a failed liveness probe, will be restarted"},
		{"FailedMount", "odd"}, {"FailedMount", `MountVolume.SetUp failed for volume "v" : references non-existent config key: k`},
		{"Failed", "Error: ErrImagePull"}, {"Pulling", "x"}, {"FailedPostStartHook", "x"}, {"FailedCreatePodSandBox", "x"},
	}
}

func TestWhateverTheFactsFindingsAreWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		Concerned(f.Pod)
		Ask(f)
		seen := map[string]bool{}
		for _, one := range Find(f) {
			if one.Cause == "" || one.Summary == "" {
				t.Fatalf("finding without words: %+v", one)
			}
			if key := string(one.Cause) + one.Container + one.Summary; seen[key] {
				t.Fatalf("told twice: %s", key)
			} else {
				seen[key] = true
			}
		}
		Listenings(f.Pod, f.Sockets, f.WithHolders)
	})
}
