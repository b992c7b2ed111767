package manifest

import (
	"testing"

	v1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func TestAdmissionDeniesWhatAClusterWouldHaveToFillIn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ spec, want string }{
		"nothing of it":                      {"", ""},
		"a priority that is the default":     {"{priority: 0, preemptionPolicy: PreemptLowerPriority}", ""},
		"the priority of its class":          {"{priority: 2000001000, priorityClassName: system-node-critical}", ""},
		"the priority of a class of its own": {"{priority: 7, preemptionPolicy: Never, priorityClassName: batch}", ""},
		"a runtime class":                    {"{runtimeClassName: kata, overhead: {cpu: 1}}", `pod rejected: RuntimeClass "kata" not found`},
		"overhead without a class": {"{overhead: {cpu: 100m}}",
			"pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"},
		"a priority without a class": {"{priority: 7}", "the integer value of priority (7) must not be provided in pod spec; " +
			"priority admission controller computed 0 from the given PriorityClass name"},
		"a priority against its class": {"{priority: 0, priorityClassName: system-cluster-critical}",
			"the integer value of priority (0) must not be provided in pod spec; " +
				"priority admission controller computed 2000000000 from the given PriorityClass name"},
		"a preemption policy without a class": {"{preemptionPolicy: Never}",
			"the string value of PreemptionPolicy (Never) must not be provided in pod spec; " +
				"priority admission controller computed PreemptLowerPriority from the given PriorityClass name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pod v1.Pod
			if err := yaml.Unmarshal([]byte(tt.spec), &pod.Spec); err != nil {
				t.Fatal(err)
			}
			SetDefaults(&pod, nil)
			got := ""
			if err := Denied(&pod); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
