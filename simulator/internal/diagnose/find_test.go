package diagnose

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// healthy is a ready pod: init container i is done, a listens on 8080 and b on
// 9090 of every address.
func healthy() *Facts {
	f := &Facts{
		Now: noon, Arch: "amd64", Containers: map[string]Container{}, Files: map[Place]File{}, Reached: map[Target]Reach{},
		Objects: Objects{ConfigMaps: map[string][]string{"settings": {"colour", "size"}}, Secrets: map[string][]string{"login": {"password"}}, Known: true},
		Pod: &v1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "default", UID: "u"},
			Spec: v1.PodSpec{
				RestartPolicy:  v1.RestartPolicyAlways,
				InitContainers: []v1.Container{{Name: "i", Image: "i:1"}},
				Containers: []v1.Container{
					{Name: "a", Image: "a:1", Ports: []v1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: v1.ProtocolTCP}}},
					{Name: "b", Image: "b:1", Ports: []v1.ContainerPort{{ContainerPort: 9090, Protocol: v1.ProtocolTCP}}},
				},
			},
			Status: v1.PodStatus{
				Phase: v1.PodRunning, PodIP: "10.0.0.2", PodIPs: []v1.PodIP{{IP: "10.0.0.2"}},
				InitContainerStatuses: []v1.ContainerStatus{{Name: "i", Ready: true, State: v1.ContainerState{Terminated: &v1.ContainerStateTerminated{Reason: "Completed"}}}},
				ContainerStatuses:     []v1.ContainerStatus{{Name: "a"}, {Name: "b"}},
			},
		},
	}
	f.run("a", true)
	f.run("b", true)
	f.ready(true)
	f.listen("a", "0.0.0.0", 8080)
	f.listen("b", "::", 9090)
	return f
}

func (f *Facts) ready(ready bool) {
	status := v1.ConditionFalse
	if ready {
		status = v1.ConditionTrue
	}
	f.Pod.Status.Conditions = []v1.PodCondition{{Type: v1.PodReady, Status: status}}
}

func (f *Facts) spec(name string) *v1.Container {
	for _, list := range [][]v1.Container{f.Pod.Spec.InitContainers, f.Pod.Spec.Containers} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

func (f *Facts) status(name string) *v1.ContainerStatus {
	for _, list := range [][]v1.ContainerStatus{f.Pod.Status.InitContainerStatuses, f.Pod.Status.ContainerStatuses} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// run makes a container run for a minute.
func (f *Facts) run(name string, ready bool) {
	st := f.status(name)
	st.Ready, st.Started = ready, ptr.To(true)
	st.State = v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: metav1.NewTime(f.Now.Add(-time.Minute))}}
	f.ready(f.Pod.Status.Phase == v1.PodRunning && ready)
}

// crash puts a container into CrashLoopBackOff after a run that wrote log.
func (f *Facts) crash(name string, code int32, log ...string) {
	f.wait(name, "CrashLoopBackOff", "back-off 10s restarting failed container")
	st := f.status(name)
	st.RestartCount = 2
	st.LastTerminationState = v1.ContainerState{Terminated: &v1.ContainerStateTerminated{ExitCode: code, Reason: "Error"}}
	f.Containers[name] = Container{Ended: log}
	f.silence(name)
}

// end leaves a container ended for good.
func (f *Facts) end(name string, code int32, reason string, log ...string) {
	st := f.status(name)
	st.Ready = code == 0 && name == "i"
	st.State = v1.ContainerState{Terminated: &v1.ContainerStateTerminated{ExitCode: code, Reason: reason}}
	f.Containers[name] = Container{Ended: log}
	f.ready(false)
	f.silence(name)
}

func (f *Facts) wait(name, reason, message string) {
	st := f.status(name)
	st.Ready, st.State = false, v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reason, Message: message}}
	f.ready(false)
	f.silence(name)
}

// pending is a pod before its containers.
func (f *Facts) pending() {
	f.Pod.Status.Phase = v1.PodPending
	for _, name := range []string{"i", "a", "b"} {
		f.status(name).State, f.status(name).Ready = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "PodInitializing"}}, false
	}
	f.ready(false)
	f.Sockets = nil
}

func (f *Facts) listen(container, address string, port uint16) {
	f.Sockets = append(f.Sockets, Socket{
		Protocol: "tcp", Address: netip.MustParseAddr(address), Port: port, Container: container, Process: container + "d", PID: 7,
	})
	f.SocketsSeen, f.WithHolders = true, true
}

// silence takes a container's sockets away.
func (f *Facts) silence(container string) {
	var rest []Socket
	for _, s := range f.Sockets {
		if s.Container != container {
			rest = append(rest, s)
		}
	}
	f.Sockets = rest
}

func (f *Facts) event(container, reason, message string) {
	e := v1.Event{Reason: reason, Message: message}
	if container != "" {
		e.InvolvedObject.FieldPath = "spec.containers{" + container + "}"
	}
	f.Events = append(f.Events, e)
}

// unready gives a container a readiness probe that fails.
func (f *Facts) unready(name string, port intstr.IntOrString, said string) {
	f.spec(name).ReadinessProbe = &v1.Probe{TimeoutSeconds: 1, ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/ok", Port: port}}}
	f.run(name, false)
	f.event(name, "Unhealthy", "Readiness probe failed: "+said)
}

const refusedText = `Get "http://10.0.0.2:8080/ok": dial tcp 10.0.0.2:8080: connect: connection refused`

// findCase is a pod that differs from the healthy one, and what is found.
type findCase struct {
	name   string
	change func(*Facts)
	want   []string
	fix    string
}

func diagnoseAll(t *testing.T, cases []findCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := healthy()
			tc.change(f)
			var got []string
			found := Find(*f)
			for _, one := range found {
				line := string(one.Cause) + ": " + one.Summary
				if one.Note {
					line = "note " + line
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if tc.fix != "" && (len(found) == 0 || found[0].Fix != tc.fix) {
				t.Errorf("fix %q, want %q", found[0].Fix, tc.fix)
			}
		})
	}
}

func TestPodWithNothingWrongHasNoFindings(t *testing.T) {
	t.Parallel()
	diagnoseAll(t, []findCase{
		{name: "ready", change: func(*Facts) {}},
		{name: "done", change: func(f *Facts) {
			f.Pod.Status.Phase = v1.PodSucceeded
			f.end("a", 0, "Completed")
			f.end("b", 0, "Completed")
		}},
		{name: "just made", change: func(f *Facts) { f.pending(); f.SocketsSeen = false }},
	})
}

func TestPortConflict(t *testing.T) {
	t.Parallel()
	const fix = `give "b" another port, or remove one of the two: the containers of a pod share one network`
	diagnoseAll(t, []findCase{
		{name: "the log says the port, the sockets say who has it", change: func(f *Facts) {
			f.crash("b", 1, "2026/01/02 12:00:00 listen tcp :8080: bind: address already in use")
		}, want: []string{`PortConflict: container "b" cannot listen on port 8080: container "a" (ad, 0.0.0.0:8080) already does`}, fix: fix},
		{name: "the log says no port, the declared one is held", change: func(f *Facts) {
			f.spec("b").Ports[0].ContainerPort = 8080
			f.crash("b", 1, "httpd: bind: Address already in use")
		}, want: []string{`PortConflict: container "b" cannot listen on port 8080: container "a" (ad, 0.0.0.0:8080) already does`}, fix: fix},
		{name: "neither log nor declaration says it, the command does", change: func(f *Facts) {
			f.spec("b").Ports, f.spec("b").Command = nil, []string{"sh", "-c", "exec httpd -f -p 8080"}
			f.crash("b", 1, "httpd: bind: Address already in use")
		}, want: []string{`PortConflict: container "b" cannot listen on port 8080: container "a" (ad, 0.0.0.0:8080) already does`}, fix: fix},
		{name: "nobody could look: the other one that declares the port is named as probable", change: func(f *Facts) {
			f.crash("b", 1, "Error: listen EADDRINUSE: address already in use :::8080")
			f.Sockets, f.SocketsSeen = nil, false
		}, want: []string{`PortConflict: container "b" cannot listen on port 8080: it is in use, probably by container "a", which declares it too`}, fix: fix},
		{name: "nothing is known of the port", change: func(f *Facts) {
			f.spec("b").Ports = nil
			f.crash("b", 1, "bind: Address already in use")
			f.Sockets, f.SocketsSeen = nil, false
		}, want: []string{`PortConflict: container "b" cannot listen on its port: the address is already in use`}},
		{name: "no word in the log, but another listens on the declared port", change: func(f *Facts) {
			f.spec("b").Ports[0].ContainerPort = 8080
			f.crash("b", 3, "fatal")
		}, want: []string{`PortConflict: container "b" may have found its port 8080 taken: container "a" (ad, 0.0.0.0:8080) listens on it`}, fix: fix},
		{name: "it crashed so once and runs well by now", change: func(f *Facts) {
			f.crash("b", 1, "listen tcp :9090: bind: address already in use")
			f.run("b", true)
			f.listen("b", "::", 9090)
		}, want: []string{`note Exits: container "b" exited with code 1, restarted 2 times`}},
		{name: "a host port is taken on the machine", change: func(f *Facts) {
			f.pending()
			f.Pod.Status.PodIP = ""
			f.spec("a").Ports[0].HostPort = 80
			f.event("", "FailedCreatePodSandBox", "Failed to create pod sandbox: driver failed: Bind for 0.0.0.0:80 failed: port is already allocated")
		}, want: []string{"PortConflict: the pod wants 0.0.0.0:80 of the engine's machine, which is taken"}},
	})
}
