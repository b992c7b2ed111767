package diagnose

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

func (f *Facts) limit(name string, what v1.ResourceName, amount string) {
	f.spec(name).Resources.Limits = v1.ResourceList{what: resource.MustParse(amount)}
}

func TestMissingObjects(t *testing.T) {
	t.Parallel()
	config := func(message string) func(*Facts) {
		return func(f *Facts) { f.wait("a", "CreateContainerConfigError", message) }
	}
	diagnoseAll(t, []findCase{
		{name: "a ConfigMap of nearly that name", change: config(`configmap "setings" not found`),
			want: []string{`ConfigMissing: container "a" cannot be made: configmap "setings" not found`},
			fix:  `is "settings" meant? Else apply a ConfigMap "setings"`},
		{name: "a Secret that nothing resembles", change: config(`secret "nope" not found`),
			want: []string{`ConfigMissing: container "a" cannot be made: secret "nope" not found`},
			fix:  `apply a Secret "nope" (the container starts by itself then), or mark the reference optional`},
		{name: "a key of another case", change: config(`couldn't find key Colour in ConfigMap default/settings`),
			want: []string{`ConfigMissing: container "a" cannot be made: couldn't find key Colour in ConfigMap default/settings`},
			fix:  `is key "colour" meant?`},
		{name: "root where it must not be", change: config(`container has runAsNonRoot and image will run as root (pod: "p_default(u)", container: a)`),
			want: []string{`RunAsNonRoot: container "a" is not allowed to run: container has runAsNonRoot and image will run as root`}},
		{name: "a volume, on which everybody waits", change: func(f *Facts) {
			f.pending()
			f.Pod.Spec.Volumes = []v1.Volume{{Name: "v", VolumeSource: v1.VolumeSource{Secret: &v1.SecretVolumeSource{SecretName: "login"}}}}
			f.spec("a").VolumeMounts = []v1.VolumeMount{{Name: "v", MountPath: "/v"}}
			f.event("", "FailedMount", `MountVolume.SetUp failed for volume "v" : references non-existent secret key: pasword`)
		}, want: []string{`VolumeNotMounted: volume "v" cannot be mounted: references non-existent secret key: pasword`},
			fix: `is key "password" meant?`},
	})
}

func TestImages(t *testing.T) {
	t.Parallel()
	pull := func(text string) func(*Facts) {
		return func(f *Facts) {
			f.wait("a", "ImagePullBackOff", `Back-off pulling image "a:1"`)
			f.event("a", "Failed", `Failed to pull image "a:1": `+text)
			f.event("a", "Failed", "Error: ErrImagePull")
		}
	}
	const head = `ImageNotPulled: the image "a:1" of container "a" cannot be pulled: `
	diagnoseAll(t, []findCase{
		{name: "no such tag", change: pull("manifest for a:1 not found: manifest unknown"),
			want: []string{head + "manifest for a:1 not found: manifest unknown"}, fix: "the registry has no such tag: look at the tag and the name"},
		{name: "nobody answers", change: pull("dial tcp: lookup registry.test: no such host"),
			want: []string{head + "dial tcp: lookup registry.test: no such host"},
			fix:  "the engine does not reach the registry: look at its network, proxy and DNS; this engine has no image of that name"},
		{name: "refused, though the image may be here", change: func(f *Facts) {
			f.spec("a").ImagePullPolicy = v1.PullAlways
			pull("pull access denied for a")(f)
		}, want: []string{head + "pull access denied for a"},
			fix: "the name is wrong, or credentials are missing: `docker login`, or imagePullSecrets; an image that this engine has is used with imagePullPolicy IfNotPresent"},
		{name: "another architecture", change: pull("no matching manifest for linux/amd64 in the manifest list entries"),
			want: []string{head + "no matching manifest for linux/amd64 in the manifest list entries"},
			fix:  "the image is not made for this machine (amd64): choose another tag, or build it for it"},
		{name: "never pulled", change: func(f *Facts) {
			f.wait("a", "ErrImageNeverPull", `Container image "a:1" is not present with pull policy of Never`)
		}, want: []string{head + `Container image "a:1" is not present with pull policy of Never`},
			fix: "imagePullPolicy is Never: build or load the image on this engine, or take the policy away"},
		{name: "of a volume", change: func(f *Facts) {
			f.Pod.Spec.Volumes = []v1.Volume{{Name: "v", VolumeSource: v1.VolumeSource{Image: &v1.ImageVolumeSource{Reference: "data:1"}}}}
			f.spec("a").VolumeMounts = []v1.VolumeMount{{Name: "v", MountPath: "/v"}}
			f.wait("a", "ErrImagePull", "manifest unknown")
			f.event("", "Failed", `Failed to pull image "data:1": manifest unknown`)
		}, want: []string{`ImageNotPulled: the image "data:1" of volume "v", which container "a" mounts, cannot be pulled: manifest unknown`},
			fix: "the registry has no such tag: look at the tag and the name"},
	})
}

func TestCannotStart(t *testing.T) {
	t.Parallel()
	start := func(text string) func(*Facts) {
		return func(f *Facts) {
			f.crash("a", 128)
			f.status("a").LastTerminationState.Terminated.Reason = "StartError"
			f.status("a").LastTerminationState.Terminated.Message = text
		}
	}
	const runc = "failed to create task: runc create failed: unable to start container process: "
	diagnoseAll(t, []findCase{
		{name: "no such program", change: start(runc + `exec: "serve": executable file not found in $PATH: unknown`),
			want: []string{`CannotStart: container "a" cannot start: the image "a:1" has no program "serve" in its PATH`}},
		{name: "no such file", change: start(runc + `exec: "/app/run": stat /app/run: no such file or directory: unknown`),
			want: []string{`CannotStart: container "a" cannot start: "/app/run" is not in the image "a:1", or the interpreter that it names is not`}},
		{name: "not executable", change: start(runc + `exec: "/app/run": permission denied: unknown`),
			want: []string{`CannotStart: container "a" cannot start: "/app/run" may not be executed`}},
		{name: "more than the machine may give", change: start("securityContext.privileged asks for SYS_RESOURCE, which the engine's machine does not have: " +
			runc + "unable to apply caps: operation not permitted: unknown"),
			want: []string{`CannotStart: container "a" cannot start: securityContext.privileged asks for SYS_RESOURCE, which the engine's machine does not have`}},
		{name: "another architecture", change: func(f *Facts) {
			f.crash("a", 1, "exec /app/run: exec format error")
			f.Containers["a"] = Container{Ended: f.Containers["a"].Ended, ImageArch: "arm64"}
		}, want: []string{`CannotStart: container "a" cannot run its program: the image "a:1" is made for arm64, this machine is amd64`},
			fix: "build or pull the image for amd64 (docker build --platform linux/amd64)"},
		{name: "a shell that finds no program", change: func(f *Facts) { f.crash("a", 127, "sh: curl: not found") },
			want: []string{`CannotStart: container "a" runs a program that the image "a:1" does not have: sh: curl: not found`}},
	})
}

func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	diagnoseAll(t, []findCase{
		{name: "with a limit", change: func(f *Facts) { f.limit("a", v1.ResourceMemory, "32Mi"); f.end("a", 137, "OOMKilled") },
			want: []string{`OutOfMemory: container "a" was killed for want of memory: its limit is 32Mi`}},
		{name: "without", change: func(f *Facts) { f.end("a", 137, "OOMKilled") },
			want: []string{`OutOfMemory: container "a" was killed for want of memory: it has no limit of its own, so the engine's machine ran out`}},
	})
}

func TestInitContainers(t *testing.T) {
	t.Parallel()
	waits := func(reach Reach, command string) func(*Facts) {
		return func(f *Facts) {
			f.pending()
			f.spec("i").Command = []string{"sh", "-c", command}
			f.run("i", false)
			f.Reached[Target{"db", 5432}], f.Reached[Target{"localhost", 6379}] = reach, reach
		}
	}
	const since = `InitWaits: init container "i" has not ended: it runs for 60s, since 11:59:00`
	diagnoseAll(t, []findCase{
		{name: "waits for a name", change: waits(Unresolvable, "until nc -z db 5432; do sleep 1; done"),
			want: []string{since + ", and seems to wait for db:5432 (the name does not resolve)"}},
		{name: "waits for a port of the pod", change: waits(Refused, "until nc -z localhost 6379; do sleep 1; done"),
			want: []string{since + ", and seems to wait for localhost:6379 (connection refused)"},
			fix:  "nothing in the pod listens on port 6379 while init containers run: what it waits for must be a sidecar (an init container with restartPolicy: Always) before it"},
		{name: "what it tries answers, so it is something else", change: waits(Answers, "until nc -z db 5432; do sleep 1; done"), want: []string{since}},
		{name: "fails again and again", change: func(f *Facts) { f.pending(); f.crash("i", 3, "no table") },
			want: []string{`InitFailed: init container "i" fails: it exited with code 3, restarted 2 times, now in CrashLoopBackOff`}},
		{name: "failed for good", change: func(f *Facts) {
			f.pending()
			f.Pod.Status.Phase, f.Pod.Spec.RestartPolicy = v1.PodFailed, v1.RestartPolicyNever
			f.end("i", 3, "Error", "no table")
		}, want: []string{`InitFailed: init container "i" failed: it exited with code 3, and restartPolicy is Never`}},
	})
}

func TestPodAsAWhole(t *testing.T) {
	t.Parallel()
	job := func(f *Facts) {
		f.Pod.Spec.RestartPolicy = v1.RestartPolicyNever
		f.end("a", 0, "Completed")
	}
	diagnoseAll(t, []findCase{
		{name: "a container keeps a finished job alive", change: job,
			want: []string{`KeepsAlive: container "b" still runs while "a" completed: the pod is done only when it has ended too`}},
		{name: "not where one failed", change: func(f *Facts) { job(f); f.end("a", 1, "Error") },
			want: []string{`Exits: container "a" exited with code 1`}},
		{name: "exit 0 under Always", change: func(f *Facts) { f.crash("a", 0) },
			want: []string{`Exits: container "a" exited with code 0, restarted 2 times, now in CrashLoopBackOff`},
			fix:  "it ended by itself and well: restartPolicy Always starts it again; for a job use OnFailure or Never"},
		{name: "a readiness gate", change: func(f *Facts) {
			f.Pod.Spec.ReadinessGates = []v1.PodReadinessGate{{ConditionType: "example.com/go"}}
			f.ready(false)
		}, want: []string{`ReadinessGate: readiness gate "example.com/go" is not open: nobody has set it`}},
		{name: "the deadline", change: func(f *Facts) {
			f.Pod.Status.Phase, f.Pod.Status.Reason = v1.PodFailed, "DeadlineExceeded"
			f.Pod.Spec.ActiveDeadlineSeconds = ptr.To[int64](5)
			f.ready(false)
		}, want: []string{"PodFailed: the pod was active for longer than its activeDeadlineSeconds (5), init containers included"}},
		{name: "nobody owns it", change: func(f *Facts) { f.Unowned = true; f.pending(); f.SocketsSeen = false },
			want: []string{"NoNode: no process looks after the pod: nothing of it is started or restarted"}},
	})
}

func TestPullsUnderWay(t *testing.T) {
	t.Parallel()
	pulling := func(f *Facts) {
		f.pending()
		f.status("a").State = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "ContainerCreating"}}
		f.event("a", "Pulling", `Pulling image "a:1"`)
		f.Events[0].LastTimestamp = metav1.NewTime(noon.Add(-40 * time.Second))
	}
	diagnoseAll(t, []findCase{
		{name: "one that goes on", change: pulling, want: []string{`ImagePulling: the image "a:1" of container "a" is being pulled, for 40s so far`}},
		{name: "one that is done", change: func(f *Facts) { pulling(f); f.event("a", "Pulled", "Successfully pulled image") }},
	})
}

func TestPodThatNoNodeTakes(t *testing.T) {
	t.Parallel()
	unscheduled := func(f *Facts) {
		f.Pod.Status = v1.PodStatus{Phase: v1.PodPending, Conditions: []v1.PodCondition{{
			Type: v1.PodScheduled, Status: v1.ConditionFalse, Reason: v1.PodReasonUnschedulable, Message: "0/1 nodes are available",
		}}}
	}
	diagnoseAll(t, []findCase{
		{name: "another pod has its port", change: func(f *Facts) {
			unscheduled(f)
			f.spec("a").Ports = []v1.ContainerPort{{ContainerPort: 80, HostPort: 8080}}
			f.PortHolder = f.Pod.DeepCopy()
			f.PortHolder.Name = "other"
		}, want: []string{`PortConflict: a host port of the pod is taken: pod "other" in namespace "default" has hostPort 8080 (container "a")`},
			fix: `choose another hostPort, or delete pod "other": this one starts as soon as the port is free`},
		{name: "it asks for more than there is", change: unscheduled,
			want: []string{"Unschedulable: the node cannot take the pod: 0/1 nodes are available"},
			fix:  "request less: the machine has no more"},
		{name: "it has scheduling gates", change: func(f *Facts) {
			unscheduled(f)
			f.Pod.Status.Conditions[0].Reason, f.Pod.Status.Conditions[0].Message = v1.PodReasonSchedulingGated, "blocked"
		}, want: []string{"Unschedulable: the pod waits: blocked"}, fix: "take its spec.schedulingGates away"},
	})
}

func TestPausedContainers(t *testing.T) {
	t.Parallel()
	paused := func(f *Facts) {
		f.Containers["a"] = Container{Paused: true}
		f.status("a").ContainerID = "docker://0123456789abcdef"
	}
	diagnoseAll(t, []findCase{
		{name: "of a pod that is ready", change: paused, want: []string{`note Paused: container "a" is paused: nothing in it runs`}, fix: "docker unpause 0123456789ab"},
		{name: "whose probe fails for that", change: func(f *Facts) {
			f.unready("a", intstr.FromInt32(8080), "Get \"http://10.0.0.2:8080/\": context deadline exceeded")
			paused(f)
		}, want: []string{`Paused: container "a" is paused: nothing in it runs`}},
	})
}
