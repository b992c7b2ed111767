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

func TestUnknownNames(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"wget: bad address 'api.example.svc'":                                                                  "api.example.svc",
		"curl: (6) Could not resolve host: backend":                                                            "backend",
		"wget: unable to resolve host address ‘db.local’":                                                      "db.local",
		"dial tcp: lookup redis-master on 10.96.0.10:53: no such host":                                         "redis-master",
		"dial tcp: lookup redis: no such host":                                                                 "redis",
		"Error: getaddrinfo ENOTFOUND mongo":                                                                   "mongo",
		"Error: getaddrinfo EAI_AGAIN mongo.default":                                                           "mongo.default",
		`psql: error: could not translate host name "db" to address: Name or service not known`:                "db",
		`nginx: [emerg] host not found in upstream "api:3000" in /etc/nginx/conf.d/default.conf:4`:             "api",
		"java.net.UnknownHostException: kafka: Name or service not known":                                      "kafka",
		"ping: db: Name or service not known":                                                                  "db",
		`nc: getaddrinfo for host "db" port 5432: Name or service not known`:                                   "db",
		"requests.exceptions.ConnectionError: Failed to resolve 'auth' ([Errno -2] Name or service not known)": "auth",
		"socket.gaierror: [Errno -3] Temporary failure in name resolution":                                     "",
		"listening on 8080": "",
	} {
		if _, got := unknownName([]string{"starting", line}); got != want {
			t.Errorf("%s: want %q, got %q", line, want, got)
		}
	}
}

func TestWhatContainersSayThemselves(t *testing.T) {
	t.Parallel()
	diagnoseAll(t, []findCase{
		{name: "a name that nobody knows", change: func(f *Facts) { f.crash("a", 1, "wget: bad address 'api.shop.svc'") },
			want: []string{`UnknownName: container "a" asks for host "api.shop.svc", which does not resolve`},
			fix:  "there are no Services here: let api.shop.svc be a name that the engine's network knows, or give it an address with spec.hostAliases"},
		{name: "the name of a container", change: func(f *Facts) { f.crash("a", 1, "wget: bad address 'b'") },
			want: []string{`UnknownName: container "a" asks for host "b", which does not resolve`},
			fix:  `the containers of a pod have no names of their own: ask for localhost to reach container "b"`},
		{name: "not where it runs on well", change: func(f *Facts) {
			f.Containers["a"] = Container{Running: []string{"wget: bad address 'b'"}}
		}},
		{name: "a volume in memory that is full", change: func(f *Facts) {
			mounted(f, v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{Medium: v1.StorageMediumMemory, SizeLimit: ptr.To(resource.MustParse("1Mi"))}})
			f.crash("a", 1, "dd: error writing '/data/x': No space left on device")
		}, want: []string{`DiskFull: container "a" found no space left for /data/x (volume "v", emptyDir): it is in memory, of at most 1Mi`},
			fix: "raise emptyDir.sizeLimit (the memory counts against the containers' limits), or write less"},
		{name: "the engine's disk", change: func(f *Facts) { f.crash("a", 1, "write /var/x: no space left on device") },
			want: []string{`DiskFull: container "a" found no space left for /var/x`}},
		{name: "a port for root", change: func(f *Facts) {
			f.spec("a").SecurityContext = &v1.SecurityContext{RunAsUser: ptr.To[int64](101)}
			f.crash("a", 1, "nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)")
		}, want: []string{`PermissionDenied: container "a" may not listen on port 80: ports below 1024 want root or the capability NET_BIND_SERVICE`},
			fix: "let it listen on a port from 1024 on, or set the sysctl net.ipv4.ip_unprivileged_port_start to 0 (spec.securityContext.sysctls)"},
		{name: "a file where a volume is", change: func(f *Facts) {
			mounted(f, v1.VolumeSource{ConfigMap: &v1.ConfigMapVolumeSource{LocalObjectReference: v1.LocalObjectReference{Name: "settings"}}})
			f.crash("a", 1, "read /data: is a directory")
		}, want: []string{`IsDirectory: container "a" wants a file at /data, which is a directory: volume "v" is mounted there`},
			fix: "mount the directory above it, or one file of the volume: subPath with the file's name"},
		{name: "an init container that cannot end", change: func(f *Facts) {
			f.pending()
			f.spec("i").Command = []string{"sleep", "infinity"}
			f.run("i", false)
		}, want: []string{`InitWaits: init container "i" never ends: that is its command`},
			fix: "what goes on beside the app is a sidecar: give it restartPolicy: Always"},
	})
}

func TestKilledBeforeItListened(t *testing.T) {
	t.Parallel()
	killed := func(f *Facts, message string) {
		f.spec("a").LivenessProbe = &v1.Probe{
			ProbeHandler:  v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Port: intstr.FromInt32(8080)}},
			PeriodSeconds: 2, FailureThreshold: 3, InitialDelaySeconds: 5,
		}
		f.event("a", "Unhealthy", "Liveness probe failed: "+refusedText)
		f.event("a", "Killing", message)
	}
	const found = `KilledByProbe: the liveness probe of container "a" asks 10.0.0.2:8080: connection refused`
	const fix = "if it starts slowly, give it a startupProbe; else look in its log whether it listens on port 8080 of every address"
	diagnoseAll(t, []findCase{
		{name: "again and again", change: func(f *Facts) {
			f.crash("a", 137)
			killed(f, "Container a failed liveness probe, will be restarted")
		}, want: []string{found}, fix: fix},
		{name: "once and for all", change: func(f *Facts) {
			f.Pod.Spec.RestartPolicy, f.Pod.Status.Phase = v1.RestartPolicyNever, v1.PodFailed
			f.end("a", 137, "Error")
			f.end("b", 0, "Completed")
			killed(f, "Stopping container a")
		}, want: []string{found}, fix: fix},
	})
}

func TestPodsThatTakeLongToGo(t *testing.T) {
	t.Parallel()
	deleting := func(f *Facts) {
		f.Pod.DeletionTimestamp, f.Pod.DeletionGracePeriodSeconds = ptr.To(metav1.NewTime(f.Now.Add(20*time.Second))), ptr.To[int64](30)
		f.end("b", 0, "Completed")
	}
	diagnoseAll(t, []findCase{
		{name: "it does not obey", change: deleting, want: []string{"Terminating: the pod is being deleted"},
			fix: "a process 1 ignores SIGTERM unless it handles it: exec the program instead of letting a shell wait for it, or trap TERM in the script"},
		{name: "a hook comes first", change: func(f *Facts) {
			deleting(f)
			f.spec("a").Lifecycle = &v1.Lifecycle{PreStop: &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: 25}}}
		}, want: []string{"Terminating: the pod is being deleted"}, fix: "let the preStop hook be short, or raise terminationGracePeriodSeconds"},
	})
	gone := healthy()
	deleting(gone)
	gone.Containers["a"] = Container{Gone: true} // the status does not say so yet
	if found := Find(*gone); len(found) != 1 || found[0].Fix != "" || len(found[0].Details) != 1 {
		t.Errorf("after the last container has gone: %+v", found)
	}
}
