package diagnose

import (
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestProbeFindsWhoListens(t *testing.T) {
	t.Parallel()
	port := intstr.FromInt32
	diagnoseAll(t, []findCase{
		{name: "loopback only", change: func(f *Facts) {
			f.silence("a")
			f.listen("a", "127.0.0.1", 8080)
			f.unready("a", port(8080), refusedText)
		}, want: []string{`LoopbackOnly: the readiness probe of container "a" asks 10.0.0.2:8080, and its process ad listens on 127.0.0.1 only: from the pod's IP nobody is there`},
			fix: "let it listen on 0.0.0.0:8080; port-forward and localhost reach it all the same"},
		{name: "the port by its name", change: func(f *Facts) {
			f.silence("a")
			f.listen("a", "::1", 8080)
			f.unready("a", intstr.FromString("http"), refusedText)
		}, want: []string{`LoopbackOnly: the readiness probe of container "a" asks 10.0.0.2:8080, and its process ad listens on ::1 only: from the pod's IP nobody is there`}},
		{name: "wrong port", change: func(f *Facts) {
			f.silence("a")
			f.listen("a", "::", 3000)
			f.unready("a", port(8080), refusedText)
		}, want: []string{`WrongPort: the readiness probe of container "a" asks 10.0.0.2:8080, where nobody listens: the container listens on [::]:3000`},
			fix: "let the probe ask port 3000, or the server listen on 8080"},
		{name: "nobody listens", change: func(f *Facts) {
			f.silence("a")
			f.unready("a", port(8080), refusedText)
		}, want: []string{`NobodyListens: the readiness probe of container "a" asks 10.0.0.2:8080, where nobody listens: the container listens on no TCP port`}},
		{name: "nobody could look: no more than the refusal is said", change: func(f *Facts) {
			f.unready("a", port(8080), refusedText)
			f.Sockets, f.SocketsSeen = nil, false
		}, want: []string{`ProbeFails: the readiness probe of container "a" asks 10.0.0.2:8080: connection refused`}},
		{name: "a name that is not declared", change: func(f *Facts) {
			f.unready("a", intstr.FromString("web"), `strconv.Atoi: parsing "web": invalid syntax`)
		}, want: []string{`ProbeFails: the readiness probe of container "a" asks port "web", which the container does not declare`},
			fix: "declare it in ports (name: web), or write the number"},
		{name: "a host is the node's", change: func(f *Facts) {
			f.unready("a", port(8080), `Get "http://127.0.0.1:8080/": dial tcp 127.0.0.1:8080: connect: connection refused`)
			f.spec("a").ReadinessProbe.HTTPGet.Host = "127.0.0.1"
		}, want: []string{`ProbeFails: the readiness probe of container "a" asks host 127.0.0.1, which is the node's and not the pod's: nobody answers there on port 8080`}},
		{name: "a bad status", change: func(f *Facts) {
			f.unready("a", port(8080), "HTTP probe failed with statuscode: 404")
		}, want: []string{`ProbeFails: the readiness probe of container "a" asks /ok and gets status 404`}},
		{name: "too slow", change: func(f *Facts) {
			f.unready("a", port(8080), `Get "http://10.0.0.2:8080/ok": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)
		}, want: []string{`ProbeFails: the readiness probe of container "a" gets no answer within 1 second`}},
		{name: "not asked yet", change: func(f *Facts) {
			f.unready("a", port(8080), "")
			f.spec("a").ReadinessProbe.InitialDelaySeconds = 90
			f.Events = nil
		}, want: []string{`ProbeFails: the readiness probe of container "a" has not been asked yet: initialDelaySeconds is 90, and the container runs for 60s`}},
		{name: "a command that the image has not", change: func(f *Facts) {
			f.unready("a", port(8080), `OCI runtime exec failed: exec: "curl": executable file not found in $PATH: unknown`)
			f.spec("a").ReadinessProbe.ProbeHandler = v1.ProbeHandler{Exec: &v1.ExecAction{Command: []string{"curl", "x"}}}
		}, want: []string{`ProbeFails: the readiness probe of container "a" runs "curl", which the image does not have`}},
	})
}

func TestKilledByProbe(t *testing.T) {
	t.Parallel()
	live := func(f *Facts, said string) {
		f.spec("a").LivenessProbe = &v1.Probe{ProbeHandler: v1.ProbeHandler{Exec: &v1.ExecAction{Command: []string{"sh"}}}}
		f.event("a", "Unhealthy", "Liveness probe failed: "+said)
		f.event("a", "Killing", "Container a failed liveness probe, will be restarted")
	}
	diagnoseAll(t, []findCase{
		{name: "in back-off", change: func(f *Facts) { f.crash("a", 137); live(f, "bad\nworse") },
			want: []string{`KilledByProbe: the liveness probe of container "a" fails: bad`}, fix: "if it only starts slowly, give it a startupProbe"},
		{name: "an exit of its own is no kill", change: func(f *Facts) { f.crash("a", 1) },
			want: []string{`Exits: container "a" exited with code 1, restarted 2 times, now in CrashLoopBackOff`}},
	})
}

func TestRefusedOnLocalhost(t *testing.T) {
	t.Parallel()
	diagnoseAll(t, []findCase{
		{name: "nobody listens there", change: func(f *Facts) { f.crash("a", 1, "dial tcp 127.0.0.1:6379: connect: connection refused") },
			want: []string{`PeerRefused: container "a" was refused on localhost:6379, where nobody listens`}},
		{name: "the port is in the line before", change: func(f *Facts) {
			f.crash("a", 1, "Connecting to localhost:8081 (127.0.0.1:8081)", "wget: can't connect to remote host (127.0.0.1): Connection refused")
		}, want: []string{`PeerRefused: container "a" was refused on localhost:8081, where nobody listens`}},
		{name: "the peer listens on the pod's IP only", change: func(f *Facts) {
			f.silence("b")
			f.listen("b", "10.0.0.2", 9090)
			f.crash("a", 1, "connect to localhost port 9090 failed: Connection refused")
		}, want: []string{`PeerRefused: container "a" was refused on localhost:9090: container "b" (bd, 10.0.0.2:9090) listens on 10.0.0.2 only`}},
		{name: "the peer came later", change: func(f *Facts) { f.crash("a", 1, "dial tcp [::1]:9090: connect: connection refused") },
			want: []string{`PeerRefused: container "a" was refused on localhost:9090, but by now container "b" (bd, [::]:9090) listens there`}},
		{name: "another host is not the pod's business", change: func(f *Facts) { f.crash("a", 1, "dial tcp 10.9.9.9:5432: connection refused") },
			want: []string{`Exits: container "a" exited with code 1, restarted 2 times, now in CrashLoopBackOff`}},
	})
}

func TestThrottled(t *testing.T) {
	t.Parallel()
	diagnoseAll(t, []findCase{
		{name: "half of the time", change: func(f *Facts) {
			f.limit("a", v1.ResourceCPU, "100m")
			f.Containers["a"] = Container{Throttled: 30 * time.Second}
		}, want: []string{`note Throttled: container "a" is slowed down by its CPU limit of 100m: its threads waited 30s in 60s`}},
		{name: "hardly ever", change: func(f *Facts) {
			f.limit("a", v1.ResourceCPU, "100m")
			f.Containers["a"] = Container{Throttled: time.Second}
		}},
	})
}
