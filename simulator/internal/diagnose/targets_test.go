package diagnose

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
)

func TestTargetsOfCommands(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		command []string
		want    []Target
	}{
		{"nc in a loop", []string{"sh", "-c", "until nc -z -w 2 db 5432; do sleep 1; done"}, []Target{{"db", 5432}}},
		{"nc that listens", []string{"nc", "-l", "-p", "80"}, nil},
		{"a variable of the container", []string{"sh", "-c", "until nc -z $DB_HOST ${DB_PORT}; do sleep 1; done"}, []Target{{"postgres", 5432}}},
		{"a variable that is not known", []string{"sh", "-c", "nc -z $NOPE 1"}, nil},
		{"a URL", []string{"wget", "-q", "http://config.example/app.conf"}, []Target{{"config.example", 80}}},
		{"a URL with credentials and a port", []string{"sh", "-c", "curl https://me:secret@vault:8200/v1"}, []Target{{"vault", 8200}}},
		{"a script of its own", []string{"/wait-for-it.sh", "db:5432", "--", "echo", "up"}, []Target{{"db", 5432}}},
		{"bash's own device", []string{"bash", "-c", "until (echo > /dev/tcp/cache/6379) 2>/dev/null; do sleep 1; done"}, []Target{{"cache", 6379}}},
		{"pg_isready with its default port", []string{"sh", "-c", "until pg_isready -h db -U app; do sleep 1; done"}, []Target{{"db", 5432}}},
		{"a look-up", []string{"sh", "-c", "until nslookup myservice.default.svc.cluster.local; do echo waiting; sleep 2; done"}, []Target{{"myservice.default.svc.cluster.local", 0}}},
		{"two of them", []string{"sh", "-c", "nc -z a 1 && nc -z b 2"}, []Target{{"a", 1}, {"b", 2}}},
		{"nothing of the kind", []string{"sh", "-c", "echo 12:30; sleep 5"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			u := &unit{spec: &v1.Container{Command: tc.command, Env: []v1.EnvVar{{Name: "DB_HOST", Value: "postgres"}, {Name: "DB_PORT", Value: "5432"}}}}
			if diff := cmp.Diff(tc.want, waitsFor(u)); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestListenings(t *testing.T) {
	t.Parallel()
	f := healthy()
	f.spec("b").Ports = append(f.spec("b").Ports, v1.ContainerPort{Name: "admin", ContainerPort: 9091, Protocol: v1.ProtocolTCP})
	f.listen("a", "127.0.0.1", 6060)
	f.listen("b", "::", 3000)
	var got []string
	for _, l := range Listenings(f.Pod, f.Sockets, true) {
		address := "-"
		if l.Address.IsValid() {
			address = l.Address.String()
		}
		got = append(got, l.Container+" "+l.Process+" "+address+" "+l.Name+" "+l.Note)
	}
	want := []string{
		"a ad 127.0.0.1  loopback only",
		"a ad 0.0.0.0 http ",
		"b bd ::  not declared",
		"b bd ::  ",
		"b  - admin declared, nobody listens",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listenings (-want +got):\n%s", diff)
	}
}

func TestReadyPodNotesPortsThatNobodyReaches(t *testing.T) {
	t.Parallel()
	diagnoseAll(t, []findCase{
		{name: "loopback", change: func(f *Facts) { f.silence("a"); f.listen("a", "127.0.0.1", 8080) },
			want: []string{`note LoopbackOnly: container "a" declares port 8080, and its process ad listens on 127.0.0.1 only: nobody outside the pod reaches it`}},
		{name: "nobody", change: func(f *Facts) { f.silence("a"); f.listen("a", "::", 80) },
			want: []string{`note NobodyListens: container "a" declares port 8080, and nobody listens on it`}},
	})
}
