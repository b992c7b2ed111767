package simulator

import (
	"errors"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func threeContainers() *v1.Pod {
	return &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "default"},
		Spec: v1.PodSpec{
			InitContainers: []v1.Container{{Name: "i"}},
			Containers:     []v1.Container{{Name: "a"}, {Name: "b", Ports: []v1.ContainerPort{{Name: "http", ContainerPort: 8080}}}},
			EphemeralContainers: []v1.EphemeralContainer{
				{EphemeralContainerCommon: v1.EphemeralContainerCommon{Name: "e"}},
			},
		},
	}
}

func TestContainerIsChosenAsKubectlDoes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, given, annotated string
		want                   Choice
		err                    string
	}{
		{"the first", "", "", Choice{"a", `Defaulted container "a" out of: a, b, e (ephem), i (init)`}, ""},
		{"the annotated one", "", "b", Choice{"b", ""}, ""},
		{"an annotation that names none", "", "x", Choice{"a", `Defaulted container "a" out of: a, b, e (ephem), i (init)`}, ""},
		{"an init container", "i", "b", Choice{"i", ""}, ""},
		{"an ephemeral one", "e", "", Choice{"e", ""}, ""},
		{"none of the name", "zzz", "", Choice{}, "container zzz is not valid for pod p"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := threeContainers()
			p.Annotations = map[string]string{"kubectl.kubernetes.io/default-container": test.annotated}
			got, err := ChooseContainer(p, test.given)
			if got != test.want || (err == nil) != (test.err == "") || err != nil && (err.Error() != test.err || !apierrors.IsBadRequest(err)) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestLogIsThatOfTheInstanceTheKubeletWouldRead(t *testing.T) {
	t.Parallel()
	ended := func(id string) v1.ContainerState {
		return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{ContainerID: id}}
	}
	waiting := func(reason string) v1.ContainerState {
		return v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reason}}
	}
	running := v1.ContainerState{Running: &v1.ContainerStateRunning{}}
	for _, test := range []struct {
		name      string
		now, last v1.ContainerState
		previous  bool
		id, err   string
	}{
		{"running", running, v1.ContainerState{}, false, "now", ""},
		{"running, the one before", running, ended("docker://old"), true, "old", ""},
		{"running, none before", running, v1.ContainerState{}, true, "", `previous terminated container "a" in pod "p" not found`},
		{"ended", ended("docker://x"), v1.ContainerState{}, false, "x", ""},
		{"ended before it began, after another", ended(""), ended("docker://old"), false, "old", ""},
		{"ended before it began", ended(""), v1.ContainerState{}, false, "", `container "a" in pod "p" is terminated`},
		{"in back-off", waiting("CrashLoopBackOff"), ended("docker://old"), false, "old", ""},
		{"not pulled", waiting("ErrImagePull"), v1.ContainerState{}, false, "", `container "a" in pod "p" is waiting to start: image can't be pulled`},
		{"pulled again and again", waiting("ImagePullBackOff"), v1.ContainerState{}, false, "", `container "a" in pod "p" is waiting to start: trying and failing to pull image`},
		{"behind init containers", waiting("PodInitializing"), v1.ContainerState{}, false, "", `container "a" in pod "p" is waiting to start: PodInitializing`},
		{"nothing known", v1.ContainerState{}, v1.ContainerState{}, false, "", `container "a" in pod "p" is waiting to start - no logs yet`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := threeContainers()
			p.Status.ContainerStatuses = []v1.ContainerStatus{{Name: "a", ContainerID: "docker://now", State: test.now, LastTerminationState: test.last}}
			id, err := loggedContainer(p, "a", test.previous)
			if id != test.id || (err == nil) != (test.err == "") || err != nil && (err.Error() != test.err || !apierrors.IsBadRequest(err)) {
				t.Errorf("got %q, %v", id, err)
			}
		})
	}
}

func TestLogsOfAMissingPodFailWithKubectlsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.Logs(t.Context(), "ns", "p", LogOptions{}, nil)
	if want := `error from server (NotFound): pods "p" not found in namespace "ns"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		t.Error("the class of the error is lost")
	}
}

func TestPortsAreReadAsKubectlReadsThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		spec string
		want portPair
		err  string
	}{
		{"80", portPair{80, 80}, ""},
		{"8000:80", portPair{8000, 80}, ""},
		{":80", portPair{0, 80}, ""},
		{"http", portPair{8080, 8080}, ""},
		{"9000:http", portPair{9000, 8080}, ""},
		{"0", portPair{}, "remote port must be > 0"},
		{"x:80", portPair{}, `error parsing local port 'x': strconv.ParseUint: parsing "x": invalid syntax`},
		{"1:2:3", portPair{}, "invalid port format '1:2:3'"},
		{"70000", portPair{}, `error parsing remote port '70000': strconv.ParseUint: parsing "70000": value out of range`},
		{"80:", portPair{}, "remote port cannot be empty"},
		{"https", portPair{}, "Pod 'p' does not have a named port 'https'"},
	} {
		got, err := parsePorts(threeContainers(), []string{test.spec})
		switch {
		case test.err != "":
			if err == nil || err.Error() != test.err {
				t.Errorf("%s: %v, want %s", test.spec, err, test.err)
			}
		case err != nil || len(got) != 1 || got[0] != test.want:
			t.Errorf("%s: %v %v", test.spec, got, err)
		}
	}
}

func TestWaitConditions(t *testing.T) {
	t.Parallel()
	pod := threeContainers()
	pod.Generation = 2
	pod.Status = v1.PodStatus{
		Phase: v1.PodRunning,
		Conditions: []v1.PodCondition{
			{Type: v1.PodReady, Status: v1.ConditionTrue, ObservedGeneration: 2},
			{Type: v1.PodInitialized, Status: v1.ConditionTrue, ObservedGeneration: 1},
			{Type: v1.ContainersReady, Status: v1.ConditionFalse},
		},
		ContainerStatuses: []v1.ContainerStatus{{Name: "a", RestartCount: 3}, {Name: "b"}},
	}
	for _, test := range []struct {
		text string
		met  bool
		err  string
	}{
		{"condition=Ready", true, ""},
		{"condition=ready=TRUE", true, ""},
		{"condition=Ready=False", false, ""},
		{"condition=Initialized", false, ""}, // of an older generation
		{"condition=ContainersReady=false", true, ""},
		{"condition=Other", false, ""},
		{"jsonpath={.status.phase}=Running", true, ""},
		{"jsonpath=.status.phase=Pending", false, ""},
		{"jsonpath={.status.podIP}", false, ""},
		{"jsonpath={.status.phase}", true, ""},
		{`jsonpath={.status.containerStatuses[?(@.name=="a")].restartCount}=3`, true, ""},
		{"jsonpath={.spec.containers[*].name}=a", false, "given jsonpath expression matches more than one value"},
		{"jsonpath={.spec}=a", false, "jsonpath leads to a nested object or list which is not supported"},
		{"jsonpath={.status.phase}=", false, "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3"},
		{"ready", false, `unrecognized condition: "ready"`},
	} {
		c, err := parseCondition(test.text)
		met := false
		if err == nil {
			met, err = c.met(pod)
		}
		if met != test.met || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%s: %v %v", test.text, met, err)
		}
	}
}

func TestWaitThatIsTooLongSaysForWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(servePod)
	_, err := w.Wait(t.Context(), Ref{Kind: Pods, Name: "web"}, WaitOptions{For: "condition=Ready", Timeout: 50 * time.Millisecond})
	if err == nil || err.Error() != "timed out waiting for the condition on pods/web" {
		t.Errorf("got %v", err)
	}
	if _, err := w.Wait(t.Context(), Ref{Kind: Pods, Name: "x"}, WaitOptions{For: "condition=Ready", Timeout: time.Second}); !apierrors.IsNotFound(err) {
		t.Errorf("missing: %v", err)
	}
	if _, err := w.Wait(t.Context(), Ref{Kind: Pods, Name: "x"}, WaitOptions{For: "delete"}); err != nil {
		t.Errorf("gone already: %v", err)
	}
}
