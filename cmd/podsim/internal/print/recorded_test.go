package print

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// recorded reads a file of what a real cluster and its kubectl said.
func recorded(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "recorded", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func recordedPod(t *testing.T, name string) *v1.Pod {
	t.Helper()
	pod := &v1.Pod{}
	if err := json.Unmarshal(recorded(t, name+".json"), pod); err != nil {
		t.Fatal(err)
	}
	return pod
}

func TestRowsAreThoseThatKubectlPrinted(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(string(recorded(t, "rows.txt"))) {
		fields := strings.Fields(line)
		name, want := fields[0], fields[2:5]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := recordedPod(t, name)
			cells := podCells(pod, time.Now())
			restarts, _, _ := strings.Cut(cells[3].(string), " ")
			got := []string{cells[1].(string), cells[2].(string), restarts}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("READY STATUS RESTARTS (-kubectl +podsim)\n%s", diff)
			}
		})
	}
}

func TestRestartsTellWhenTheLastOneWas(t *testing.T) {
	t.Parallel()
	pod := recordedPod(t, "crashloop")
	now := pod.CreationTimestamp.Add(200 * time.Second)
	cells := podCells(pod, now)
	if cells[3] != "5 (109s ago)" || cells[4] != "3m20s" {
		t.Errorf("got RESTARTS %q AGE %q, kubectl printed 5 (109s ago) and 3m20s", cells[3], cells[4])
	}
}

func TestWideTableIsTheOneThatKubectlPrinted(t *testing.T) {
	t.Parallel()
	pod := recordedPod(t, "two-containers")
	p, err := New(Options{Output: "wide", Now: func() time.Time { return pod.CreationTimestamp.Add(34 * time.Second) }})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := p.Object(&out, pod); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(recorded(t, "two-containers.wide.txt")), out.String()); diff != "" {
		t.Errorf("(-kubectl +podsim)\n%s", diff)
	}
}

func TestDescriptionIsTheOneThatKubectlPrinted(t *testing.T) {
	t.Parallel()
	pod := recordedPod(t, "two-containers")
	at := pod.CreationTimestamp
	event := func(seconds int, reason, from, message string) *v1.Event {
		when := metav1.NewTime(at.Add(time.Duration(seconds) * time.Second))
		return &v1.Event{
			Type: "Normal", Reason: reason, Message: message, Source: v1.EventSource{Component: from}, Count: 1,
			FirstTimestamp: when, LastTimestamp: when,
		}
	}
	present := `Container image "busybox:1.35" already present on machine and can be accessed by the pod`
	events := []*v1.Event{
		event(0, "Scheduled", "default-scheduler", "Successfully assigned o-two-containers/p to refnode"),
		event(0, "Pulled", "kubelet", present),
		event(0, "Created", "kubelet", "Container created"),
		event(0, "Started", "kubelet", "Container started"),
		event(0, "Pulled", "kubelet", present),
		event(1, "Created", "kubelet", "Container created"),
		event(1, "Started", "kubelet", "Container started"),
	}
	var out bytes.Buffer
	err := Describe(&out, Subject{Object: pod, Events: events, ShowEvents: true, Now: at.Add(34 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(recorded(t, "two-containers.describe.txt")), out.String()); diff != "" {
		t.Errorf("(-kubectl +podsim)\n%s", diff)
	}
}
