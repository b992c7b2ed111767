package validate_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/validate"
)

// decodePod reads one pod of a file.
func decodePod(t *testing.T, file string) *v1.Pod {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, string(data))
}

func decode(t *testing.T, text string) *v1.Pod {
	t.Helper()
	result, err := manifest.Decode([]byte(text), manifest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pod, ok := result.Objects[0].(*v1.Pod)
	if !ok {
		t.Fatalf("%T is no pod", result.Objects[0])
	}
	return pod
}

// asStored is a pod as a server keeps it.
func asStored(pod *v1.Pod) *v1.Pod {
	pod = pod.DeepCopy()
	pod.UID, pod.ResourceVersion, pod.Spec.NodeName = "u", "1", "refnode"
	return pod
}

func TestUpdatesAreRefusedInTheRecordedWords(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		pod    string
		change func(spec *v1.PodSpec)
	}{
		"kubectl-patch-cmd.txt": {"two-containers.yaml", func(spec *v1.PodSpec) { spec.Containers[0].Command = []string{"x"} }},
		"kubectl-patch-grace.txt": {"two-containers.yaml", func(spec *v1.PodSpec) {
			spec.TerminationGracePeriodSeconds = ptr.To[int64](5)
		}},
		"kubectl-replace.txt": {"apply-twice.yaml", func(spec *v1.PodSpec) { spec.NodeName, spec.ServiceAccountName = "", "" }},
	}
	for recorded, c := range cases {
		t.Run(recorded, func(t *testing.T) {
			t.Parallel()
			old := asStored(decodePod(t, "testdata/update/"+c.pod))
			updated := old.DeepCopy()
			c.change(&updated.Spec)
			got := printed("p", validate.PodUpdate(updated, old))
			if diff := cmp.Diff(recordedError(t, "testdata/update/"+recorded), strings.TrimSpace(got)); diff != "" {
				t.Errorf("-recorded +got:\n%s", diff)
			}
		})
	}
}

var trailer = regexp.MustCompile(`\n\[rc=\d.*\]\n?$`)

// recordedError takes what kubectl wrote to standard error out of a recorded run.
func recordedError(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "--- stderr\n")
	return strings.TrimSpace(trailer.ReplaceAllString(text, ""))
}

func TestUpdatesOfAPod(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(pod *v1.Pod)
		want   string // the beginning of the message; empty: allowed
	}{
		"labels and annotations may change": {func(pod *v1.Pod) {
			pod.Labels, pod.Annotations = map[string]string{"a": "b"}, map[string]string{"c": "d"}
		}, ""},
		"an image may change": {func(pod *v1.Pod) { pod.Spec.Containers[0].Image = "other:2" }, ""},
		"an image may not be emptied": {func(pod *v1.Pod) { pod.Spec.Containers[0].Image = "" },
			"spec.containers[0].image: Required value"},
		"a deadline may be set": {func(pod *v1.Pod) { pod.Spec.ActiveDeadlineSeconds = ptr.To[int64](500) }, ""},
		"a toleration may be added": {func(pod *v1.Pod) {
			pod.Spec.Tolerations = append(pod.Spec.Tolerations, v1.Toleration{Key: "k", Operator: v1.TolerationOpExists})
		}, ""},
		"a toleration may not be taken away": {func(pod *v1.Pod) { pod.Spec.Tolerations = nil },
			"spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"},
		"a container may not be added": {func(pod *v1.Pod) {
			c := pod.Spec.Containers[0]
			c.Name = "c2"
			pod.Spec.Containers = append(pod.Spec.Containers, c)
		}, "spec.containers: Forbidden: pod updates may not add or remove containers"},
		"a port may not change": {func(pod *v1.Pod) {
			pod.Spec.Containers[0].Ports = []v1.ContainerPort{{ContainerPort: 80, Protocol: v1.ProtocolTCP}}
		}, "spec: Forbidden: pod updates may not change fields other than"},
		"a scheduling gate may not be added": {func(pod *v1.Pod) {
			pod.Spec.SchedulingGates = []v1.PodSchedulingGate{{Name: "g"}}
		}, "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := asStored(decodePod(t, "testdata/update/two-containers.yaml"))
			updated := old.DeepCopy()
			c.change(updated)
			errs := validate.PodUpdate(updated, old)
			if c.want == "" && len(errs) > 0 {
				t.Errorf("refused: %v", errs.ToAggregate())
			}
			if c.want != "" && (len(errs) == 0 || !strings.HasPrefix(errs[len(errs)-1].Error(), c.want)) {
				t.Errorf("want %q, got %v", c.want, errs.ToAggregate())
			}
		})
	}
}

func TestDeadlineGoesDownOnly(t *testing.T) {
	t.Parallel()
	old := asStored(decodePod(t, "testdata/update/two-containers.yaml"))
	old.Spec.ActiveDeadlineSeconds = ptr.To[int64](100)
	for seconds, want := range map[*int64]string{
		ptr.To[int64](50):  "",
		ptr.To[int64](200): "spec.activeDeadlineSeconds: Invalid value: 200: must be less than or equal to previous value",
		nil:                "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value",
	} {
		updated := old.DeepCopy()
		updated.Spec.ActiveDeadlineSeconds = seconds
		errs := validate.PodUpdate(updated, old)
		got := ""
		if len(errs) > 0 {
			got = errs[0].Error()
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAnUnchangedFileIsNoChange(t *testing.T) {
	t.Parallel()
	const text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: b}]}\n"
	old, updated := asStored(decode(t, text)), decode(t, text)
	manifest.CarryOver(updated, old)
	if errs := validate.PodUpdate(updated, old); len(errs) > 0 {
		t.Error(errs.ToAggregate())
	}
}

// printed are errors as kubectl prints them: one line for one, a bullet for each of several, none twice.
func printed(pod string, errs field.ErrorList) string {
	var lines []string
	for _, err := range errs {
		if text := err.Error(); !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	head := fmt.Sprintf("The Pod %q is invalid: ", pod)
	if len(lines) == 1 {
		return head + lines[0]
	}
	return head + "\n* " + strings.Join(lines, "\n* ")
}
