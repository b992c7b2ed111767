package status

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// reference is where the pods recorded on a real node lie.
const reference = "../../../e2e/testdata/reference"

// TestComputeWritesWhatARealNodeWrote takes the facts out of every recorded
// status and expects the same status back.
func TestComputeWritesWhatARealNodeWrote(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(reference, "*", "status.json"))
	if err != nil || len(files) == 0 {
		t.Skip("no recordings")
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			pod := readPod(t, file)
			if pod.Status.StartTime == nil {
				t.Skip("it never came to the node")
			}
			got := Compute(factsOf(pod))
			if diff := cmp.Diff(asJSON(t, pod.Status), asJSON(t, got)); diff != "" {
				t.Errorf("status (-recorded +computed):\n%s", diff)
			}
		})
	}
}

func readPod(t *testing.T, file string) *v1.Pod {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "containerd://", "docker://")
	var pod v1.Pod
	if err := json.Unmarshal([]byte(text), &pod); err != nil {
		t.Fatal(err)
	}
	return &pod
}

func asJSON(t *testing.T, s v1.PodStatus) string {
	t.Helper()
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// factsOf are the facts that a recorded status tells of.
func factsOf(pod *v1.Pod) lifecycle.Snapshot {
	st := pod.Status
	s := lifecycle.Snapshot{
		Now:        st.StartTime.Time,
		Pod:        pod.DeepCopy(),
		Containers: map[string]lifecycle.Container{},
		Memory:     lifecycle.Memory{StartTime: st.StartTime.Time, Containers: map[string]lifecycle.ContainerMemory{}},
	}
	for _, ip := range st.HostIPs {
		s.Node.IPs = append(s.Node.IPs, ip.IP)
	}
	for _, ip := range st.PodIPs {
		s.Sandbox.IPs = append(s.Sandbox.IPs, ip.IP)
	}
	if isTrue(st.Conditions, v1.PodReadyToStartContainers) {
		s.Sandbox.State = lifecycle.SandboxReady
	}
	if terminal(st.Phase) {
		s.Memory.Finished = true
		s.Pod.Status.Phase = v1.PodRunning
		if st.Reason != "" {
			s.Memory.Verdict = &lifecycle.Verdict{Reason: st.Reason, Message: st.Message, Failed: st.Reason == lifecycle.ReasonDeadlineExceeded}
			s.Pod.Status.Reason, s.Pod.Status.Message = "", ""
		}
	}
	for _, list := range [][]v1.ContainerStatus{st.InitContainerStatuses, st.ContainerStatuses, st.EphemeralContainerStatuses} {
		for _, c := range list {
			s.Containers[c.Name], s.Memory.Containers[c.Name] = seenOf(c)
		}
	}
	return s
}

func seenOf(st v1.ContainerStatus) (lifecycle.Container, lifecycle.ContainerMemory) {
	var c lifecycle.Container
	var m lifecycle.ContainerMemory
	attempt := int(st.RestartCount)
	if st.Started != nil && *st.Started {
		c.Probes.Startup = lifecycle.ProbeSuccess
	}
	if st.Ready {
		c.Probes.Readiness = lifecycle.ProbeSuccess
	}
	newest := lifecycle.Instance{Attempt: attempt, Image: st.Image, ImageID: st.ImageID}
	switch {
	case st.State.Running != nil:
		newest.State, newest.StartedAt = lifecycle.Running, st.State.Running.StartedAt.Time
		newest.ID = strings.TrimPrefix(st.ContainerID, "docker://")
		c.Instances = append(c.Instances, newest)
		m.Last = &newest
	case st.State.Terminated != nil:
		c.Instances = append(c.Instances, endedAs(newest, st.State.Terminated))
	case st.State.Waiting != nil:
		w := st.State.Waiting
		if st.ContainerID != "" {
			c.Instances = append(c.Instances, endedAs(newest, st.LastTerminationState.Terminated))
			attempt++
		}
		if w.Message != "" {
			m.Waiting = &lifecycle.Failure{Attempt: attempt, Reason: w.Reason, Message: w.Message}
		}
		return c, m
	}
	if last := st.LastTerminationState.Terminated; last != nil {
		newest.Attempt--
		c.Instances = append(c.Instances, endedAs(newest, last))
	}
	return c, m
}

func endedAs(i lifecycle.Instance, t *v1.ContainerStateTerminated) lifecycle.Instance {
	i.State, i.ExitCode, i.Message = lifecycle.Exited, int(t.ExitCode), t.Message
	i.ID = strings.TrimPrefix(t.ContainerID, "docker://")
	i.StartedAt, i.FinishedAt = t.StartedAt.Time, t.FinishedAt.Time
	i.OOMKilled = t.Reason == reasonOOMKilled
	if t.Reason == reasonStartError {
		i.StartError, i.Message, i.StartedAt = t.Message, "", time.Time{}
	}
	return i
}
