package lifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// healthy is a running pod: init container i is done, sidecar s, a and b run.
func healthy() *Snapshot {
	container := func(name string) v1.Container {
		return v1.Container{Name: name, Image: name + ":1"}
	}
	sidecar := container("s")
	sidecar.RestartPolicy = ptr.To(v1.ContainerRestartPolicyAlways)
	s := &Snapshot{
		Now: noon,
		Pod: &v1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "default", UID: "u"},
			Spec: v1.PodSpec{
				RestartPolicy:                 v1.RestartPolicyAlways,
				TerminationGracePeriodSeconds: ptr.To[int64](30),
				InitContainers:                []v1.Container{container("i"), sidecar},
				Containers:                    []v1.Container{container("a"), container("b")},
			},
		},
		Sandbox:    Sandbox{State: SandboxReady, IPs: []string{"10.0.0.2"}},
		Containers: map[string]Container{},
		Memory: Memory{
			StartTime: noon.Add(-time.Minute), Sandboxes: 1, AppStarted: true,
			InitDone: map[string]bool{"i": true}, Containers: map[string]ContainerMemory{},
		},
	}
	for _, name := range []string{"s", "a", "b"} {
		s.run(name, 0)
	}
	s.run("i", 0)
	s.exit("i", 0, -50*time.Second)
	s.recall("s", func(m *ContainerMemory) { m.Last, m.Up = &s.Containers["s"].Instances[0], noon.Add(-time.Minute) })
	return s
}

// run puts a running instance in.
func (s *Snapshot) run(name string, attempt int) {
	c := s.Containers[name]
	c.SpecHash = "h"
	c.Instances = append([]Instance{{
		ID: name, Attempt: attempt, State: Running, SpecHash: "h", StartedAt: s.Now.Add(-time.Minute),
	}}, c.Instances...)
	s.Containers[name] = c
}

// exit ends the newest instance, some time from now.
func (s *Snapshot) exit(name string, code int, at time.Duration) {
	i := &s.Containers[name].Instances[0]
	i.State, i.ExitCode, i.FinishedAt = Exited, code, s.Now.Add(at)
}

// none takes all instances of a container away.
func (s *Snapshot) none(name string) { s.Containers[name] = Container{SpecHash: "h"} }

// with changes what is seen of a container.
func (s *Snapshot) with(name string, f func(*Container)) {
	c := s.Containers[name]
	f(&c)
	s.Containers[name] = c
}

// recall changes what is remembered of a container.
func (s *Snapshot) recall(name string, f func(*ContainerMemory)) {
	c := s.Memory.Containers[name]
	f(&c)
	s.Memory.Containers[name] = c
}

func (s *Snapshot) spec(name string) *v1.Container {
	for _, list := range [][]v1.Container{s.Pod.Spec.InitContainers, s.Pod.Spec.Containers} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// mountImage gives a container a volume that is the image v:1.
func (s *Snapshot) mountImage(name string) {
	s.Pod.Spec.Volumes = []v1.Volume{{Name: "v", VolumeSource: v1.VolumeSource{Image: &v1.ImageVolumeSource{Reference: "v:1"}}}}
	s.spec(name).VolumeMounts = []v1.VolumeMount{{Name: "v", MountPath: "/v"}}
}

func (s *Snapshot) delete(grace int64) {
	t := metav1.NewTime(s.Now.Add(time.Duration(grace) * time.Second))
	s.Pod.DeletionTimestamp, s.Pod.DeletionGracePeriodSeconds = &t, &grace
}

// fresh is a pod of which nothing was made.
func (s *Snapshot) fresh() {
	s.Sandbox, s.Memory = Sandbox{}, Memory{StartTime: noon}
	for name := range s.Containers {
		s.none(name)
	}
}

type decideTest struct {
	name   string
	change func(*Snapshot)
	want   []string
}

func runDecideTests(t *testing.T, tests []decideTest) {
	t.Helper()
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := healthy()
			tc.change(s)
			got := strings.Split(strings.TrimSuffix(Decide(*s).String(), "\n"), "\n")
			if len(got) == 1 && got[0] == "" {
				got = nil
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecideStartsContainersInOrder(t *testing.T) {
	t.Parallel()
	runDecideTests(t, []decideTest{
		{"a healthy pod needs nothing", func(*Snapshot) {}, nil},
		{"a new pod gets a sandbox first", (*Snapshot).fresh, []string{
			"create sandbox #0: the pod has none",
		}},
		{"while the sandbox is made nothing else happens", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxStarted
		}, nil},
		{"the first init container follows the sandbox", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
		}, []string{"ensure image i #0: never started"}},
		{"a container is started once its image is there", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.with("i", func(c *Container) { c.ImageReady = true })
		}, []string{"start i #0: never started"}},
		{"nothing is asked for twice", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.with("i", func(c *Container) { c.Busy = BusyImage })
		}, nil},
		{"what follows an init container waits for its end", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.run("i", 0)
		}, nil},
		{"a sidecar follows the init container that ended well", func(s *Snapshot) {
			s.fresh()
			s.Sandbox.State = SandboxReady
			s.run("i", 0)
			s.exit("i", 0, 0)
		}, []string{"ensure image s #0: never started"}},
		{"an init container that was pruned after its end is not run again", func(s *Snapshot) {
			s.none("i")
			s.none("a")
			s.none("b")
		}, []string{"ensure image a #0: never started"}},
		{"one that has just begun to run holds back the rest", func(s *Snapshot) {
			s.none("a")
			s.none("b")
			s.recall("s", func(m *ContainerMemory) { m.Last = nil })
		}, []string{"wake in 400ms"}},
		{"a sidecar that has not passed its startup probe holds back the rest", func(s *Snapshot) {
			s.none("a")
			s.none("b")
			s.spec("s").StartupProbe = &v1.Probe{}
		}, nil},
		{"a sidecar that has passed it does not", func(s *Snapshot) {
			s.none("a")
			s.none("b")
			s.spec("s").StartupProbe = &v1.Probe{}
			s.with("s", func(c *Container) { c.Probes.Startup = ProbeSuccess })
		}, []string{"ensure image a #0: never started"}},
		{"the second container waits for the first one's postStart hook", func(s *Snapshot) {
			s.none("b")
			s.with("a", func(c *Container) { c.Busy, c.Instances[0].PostStart = BusyStart, HookRunning })
		}, nil},
		{"a start that failed does not hold back the next container", func(s *Snapshot) {
			s.none("a")
			s.none("b")
			s.with("a", func(c *Container) {
				c.Failure = &Failure{At: noon, Reason: "CreateContainerConfigError", Message: "no"}
			})
		}, []string{"ensure image b #0: never started", "wake in 10s"}},
		{"a start that failed is tried again ten seconds later", func(s *Snapshot) {
			s.none("a")
			s.with("a", func(c *Container) {
				c.Failure = &Failure{At: noon.Add(-10 * time.Second), Reason: "CreateContainerConfigError", Message: "no"}
			})
		}, []string{"ensure image a #0: never started"}},
		{"an ephemeral container is started once", func(s *Snapshot) {
			s.Pod.Spec.EphemeralContainers = []v1.EphemeralContainer{{EphemeralContainerCommon: v1.EphemeralContainerCommon{Name: "e"}}}
		}, []string{"ensure image e #0: never started"}},
		{"and not again", func(s *Snapshot) {
			s.Pod.Spec.EphemeralContainers = []v1.EphemeralContainer{{EphemeralContainerCommon: v1.EphemeralContainerCommon{Name: "e"}}}
			s.run("e", 0)
			s.exit("e", 1, 0)
		}, nil},
	})
}
