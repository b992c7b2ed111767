package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

func TestContainerOfATypicalPod(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
containers:
- {name: c, image: "web:1", workingDir: /w, tty: true, stdin: true, stdinOnce: true, terminationMessagePath: /dev/termination-log,
   args: [a], lifecycle: {stopSignal: SIGUSR1}}`)
	got, err := Container(in, ContainerInput{
		Name: "c", Attempt: 3, Sandbox: "sb", SandboxAttempt: 1, Backoff: 40 * time.Second,
		Image: runtime.Image{ID: "sha256:i", Env: []string{"PATH=/bin"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	oom := 1000
	want := runtime.ContainerSpec{
		Meta: runtime.Meta{
			Home: "h", Pod: runtime.PodRef{UID: "u1", Namespace: "ns", Name: "p"}, Kind: runtime.KindContainer, Container: "c", Attempt: 3,
			Extra: map[string]string{"spec-hash": SpecHash(&in.Pod.Spec.Containers[0]), "sandbox": "1", "back-off": "40s"},
		},
		Name: "k8s_c_p_ns_u1_3", Image: "sha256:i", Sandbox: "sb", WorkingDir: "/w", User: "0",
		Cmd: []string{"a"}, TTY: true, Stdin: true, StdinOnce: true, StopSignal: "SIGUSR1",
		Mounts: []runtime.Mount{
			{Kind: runtime.MountVolume, Source: "podsim_u1__state", Subpath: "term/c/3", Target: "/dev/termination-log", CreateHostPath: true},
		},
		Security:    runtime.Security{Seccomp: "unconfined"},
		Resources:   runtime.Resources{CPUShares: 2},
		OOMScoreAdj: &oom,
	}
	got.Env = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPIDNamespaces(t *testing.T) {
	t.Parallel()
	const rest = `
initContainers: [{name: i, image: i}]
containers: [{name: c, image: i}]
ephemeralContainers: [{name: e, image: i, targetContainerName: c}]`
	tests := map[string]struct{ pod, name, want string }{
		"its own":                {``, "c", ""},
		"the host's":             {`hostPID: true`, "i", "host"},
		"the pod's":              {`shareProcessNamespace: true`, "c", "sandbox"},
		"another container's":    {``, "e", "container:id-of-c"},
		"the pod's all the same": {`shareProcessNamespace: true`, "e", "sandbox"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, err := Container(inputOf(t, test.pod+rest), ContainerInput{Name: test.name, Target: "id-of-c"})
			if err != nil || spec.PID != test.want {
				t.Errorf("got %q, want %q (%v)", spec.PID, test.want, err)
			}
		})
	}
}

func TestKindsOfContainers(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
initContainers: [{name: i, image: i}]
containers: [{name: c, image: i}]
ephemeralContainers: [{name: e, image: i}]`)
	for name, want := range map[string]runtime.Kind{"i": runtime.KindInit, "c": runtime.KindContainer, "e": runtime.KindEphemeral} {
		if got := mustSpec(t, in, name).Meta.Kind; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	_, err := Container(in, ContainerInput{Name: "x"})
	wantError(t, err, "CreateContainerConfigError", `container "x" is not in the pod`)
}

func TestSpecHashChangesWithTheImageOnly(t *testing.T) {
	t.Parallel()
	c := v1.Container{Name: "c", Image: "web:1"}
	other := c
	other.Args = []string{"x"}
	other.Resources.Limits = v1.ResourceList{}
	if SpecHash(&c) != SpecHash(&other) {
		t.Error("arguments change it")
	}
	other.Image = "web:2"
	if SpecHash(&c) == SpecHash(&other) {
		t.Error("the image does not change it")
	}
}

func TestMessageFilesOfLateInstancesAreAskedFor(t *testing.T) {
	t.Parallel()
	c := &v1.Container{Name: "c", TerminationMessagePath: "/m"}
	if f := MessageFilesNeeded(c, runtime.KindContainer, 15); f != nil {
		t.Errorf("15: %v", f)
	}
	if f := MessageFilesNeeded(c, runtime.KindContainer, 16); len(f) != 1 || f[0].Path != "/podsim/state/term/c/16" {
		t.Errorf("16: %v", f)
	}
	if f := MessageFilesNeeded(c, runtime.KindEphemeral, 0); len(f) != 1 {
		t.Errorf("ephemeral: %v", f)
	}
	c.TerminationMessagePath = ""
	if f := MessageFilesNeeded(c, runtime.KindEphemeral, 0); f != nil {
		t.Errorf("none wanted: %v", f)
	}
}
