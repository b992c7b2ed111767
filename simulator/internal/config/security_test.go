package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/podsim/podsim/runtime"
)

// containerWith is an instance of a container of the pod spec pod with the
// fields container, on an image of that user.
func containerWith(t *testing.T, pod, container, user string) (runtime.ContainerSpec, error) {
	t.Helper()
	in := inputOf(t, pod+"\ncontainers: [{name: c, image: i, "+container+"}]")
	return Container(in, ContainerInput{Name: "c", Image: runtime.Image{ID: "sha256:i", User: user}})
}

func TestNonRootRefusals(t *testing.T) {
	t.Parallel()
	const where = ` (pod: "p_ns(u1)", container: c)`
	tests := map[string]struct{ pod, container, user, want string }{
		"root by image":              {`securityContext: {runAsNonRoot: true}`, ``, "", `container has runAsNonRoot and image will run as root` + where},
		"root by number":             {`securityContext: {runAsNonRoot: true}`, ``, "0:5", `container has runAsNonRoot and image will run as root` + where},
		"a name":                     {`securityContext: {runAsNonRoot: true}`, ``, "app:app", `container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root` + where},
		"root by spec":               {`securityContext: {runAsNonRoot: true, runAsUser: 0}`, ``, "1000", `container's runAsUser breaks non-root policy` + where},
		"a number":                   {`securityContext: {runAsNonRoot: true}`, ``, "1000", ``},
		"a number by spec":           {`securityContext: {runAsNonRoot: true, runAsUser: 5}`, ``, "", ``},
		"the container's own word":   {`securityContext: {runAsNonRoot: true}`, `securityContext: {runAsNonRoot: false}`, "", ``},
		"the container's own user":   {`securityContext: {runAsNonRoot: true, runAsUser: 5}`, `securityContext: {runAsUser: 0}`, "", `container's runAsUser breaks non-root policy` + where},
		"the container asks for it":  {``, `securityContext: {runAsNonRoot: true}`, "", `container has runAsNonRoot and image will run as root` + where},
		"nobody asks for it, a name": {``, ``, "app", ``},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := containerWith(t, test.pod, test.container, test.user)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, "CreateContainerConfigError", test.want)
		})
	}
}

func TestUserAndGroups(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pod, container, image string
		user                  string
		groups                []string
	}{
		"root":                                  {``, ``, "", "0", nil},
		"the image's user":                      {``, ``, "1234", "1234", nil},
		"a group of the image is not seen":      {``, ``, "1234:99", "1234", nil},
		"the image's name":                      {``, ``, "app:app", "app", nil},
		"the pod's user":                        {`securityContext: {runAsUser: 1000}`, ``, "app", "1000", nil},
		"the pod's user and group":              {`securityContext: {runAsUser: 1000, runAsGroup: 3000}`, ``, "", "1000:3000", nil},
		"the container's field by field":        {`securityContext: {runAsUser: 1000, runAsGroup: 3000}`, `securityContext: {runAsUser: 1}`, "", "1:3000", nil},
		"a group alone":                         {`securityContext: {runAsGroup: 3000}`, ``, "", "0:3000", nil},
		"a group alone and a name":              {`securityContext: {runAsGroup: 3000}`, ``, "app", "app:3000", nil},
		"fsGroup and further groups":            {`securityContext: {fsGroup: 2, supplementalGroups: [4, 5]}`, ``, "", "0", []string{"2", "4", "5"}},
		"strict keeps the image's groups away":  {`securityContext: {supplementalGroupsPolicy: Strict}`, ``, "", "0:0", nil},
		"strict with a group is exact":          {`securityContext: {supplementalGroupsPolicy: Strict, runAsUser: 1, runAsGroup: 2}`, ``, "", "1:2", nil},
		"strict without one is left to be seen": {`securityContext: {supplementalGroupsPolicy: Strict, runAsUser: 1}`, ``, "", "1", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, err := containerWith(t, test.pod, test.container, test.image)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.groups, spec.Groups); spec.User != test.user || diff != "" {
				t.Errorf("user %q, want %q; groups %s", spec.User, test.user, diff)
			}
		})
	}
}

func TestSecurity(t *testing.T) {
	t.Parallel()
	plain := runtime.Security{Seccomp: "unconfined"}
	with := func(change func(s *runtime.Security)) runtime.Security {
		s := plain
		change(&s)
		return s
	}
	tests := map[string]struct {
		pod, container string
		want           runtime.Security
	}{
		"nothing said is no filter": {``, ``, plain},
		"capabilities": {``, `capabilities: {add: [NET_ADMIN, SYS_TIME], drop: [chown]}`, with(func(s *runtime.Security) {
			s.CapAdd, s.CapDrop = []string{"NET_ADMIN", "SYS_TIME"}, []string{"CHOWN"}
		})},
		"names that nobody knows have no effect": {``, `capabilities: {add: [CAP_SYS_TIME, FLY], drop: [CAP_KILL]}`, plain},
		"dropping all and adding one": {``, `capabilities: {add: [NET_BIND_SERVICE], drop: [ALL]}`, with(func(s *runtime.Security) {
			s.CapAdd, s.CapDrop = []string{"NET_BIND_SERVICE"}, []string{"ALL"}
		})},
		"dropping wins over adding": {``, `capabilities: {add: [CHOWN, KILL], drop: [CHOWN]}`, with(func(s *runtime.Security) {
			s.CapAdd, s.CapDrop = []string{"KILL"}, []string{"CHOWN"}
		})},
		"all in both is none": {``, `capabilities: {add: [ALL], drop: [ALL]}`, with(func(s *runtime.Security) {
			s.CapDrop = []string{"ALL"}
		})},
		"no escalation":        {``, `allowPrivilegeEscalation: false`, with(func(s *runtime.Security) { s.NoNewPrivileges = true })},
		"escalation by word":   {``, `allowPrivilegeEscalation: true`, plain},
		"read-only root":       {``, `readOnlyRootFilesystem: true`, with(func(s *runtime.Security) { s.ReadonlyRootfs = true })},
		"unmasked":             {``, `procMount: Unmasked`, with(func(s *runtime.Security) { s.UnmaskedPaths = true })},
		"the runtime's filter": {``, `seccompProfile: {type: RuntimeDefault}`, runtime.Security{}},
		"the pod's filter":     {`seccompProfile: {type: RuntimeDefault}`, ``, runtime.Security{}},
		"its own before it":    {`seccompProfile: {type: RuntimeDefault}`, `seccompProfile: {type: Unconfined}`, plain},
		"AppArmor":             {`appArmorProfile: {type: Localhost, localhostProfile: mine}`, ``, with(func(s *runtime.Security) { s.AppArmor = "mine" })},
		"AppArmor off":         {``, `appArmorProfile: {type: Unconfined}`, with(func(s *runtime.Security) { s.AppArmor = "unconfined" })},
		"SELinux": {`seLinuxOptions: {level: "s0:c1,c2", type: t}`, ``, with(func(s *runtime.Security) {
			s.SELinux = []string{"type:t", "level:s0:c1,c2"}
		})},
		"privileged has no filters": {`seccompProfile: {type: RuntimeDefault}`, `privileged: true`, with(func(s *runtime.Security) {
			s.Privileged, s.AppArmor = true, "unconfined"
		})},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := inputOf(t, "securityContext: {"+test.pod+"}\ncontainers: [{name: c, image: i, securityContext: {"+test.container+"}}]")
			spec := mustSpec(t, in, "c")
			if diff := cmp.Diff(test.want, spec.Security); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingSeccompProfileIsTheRuntimesError(t *testing.T) {
	t.Parallel()
	_, err := containerWith(t, ``, `securityContext: {seccompProfile: {type: Localhost, localhostProfile: no.json}}`, "")
	var e *Error
	if !errors.As(err, &e) || e.Reason != "CreateContainerError" || !strings.Contains(e.Message, "/var/lib/kubelet/seccomp/no.json") {
		t.Errorf("got %v", err)
	}
}

func TestAppArmorAnnotation(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"localhost/mine": "mine", "unconfined": "unconfined", "runtime/default": ""} {
		in := inputOf(t, "containers: [{name: c, image: i}]")
		in.Pod.Annotations = map[string]string{"container.apparmor.security.beta.kubernetes.io/c": value}
		if got := mustSpec(t, in, "c").Security.AppArmor; got != want {
			t.Errorf("%s gives %q, want %q", value, got, want)
		}
	}
}

func TestRecordedIdentities(t *testing.T) {
	t.Parallel()
	in := recorded(t, "secctx")
	for name, want := range map[string]string{"a": "1000:3000", "b": "1001:0", "caps": "0:3000"} {
		spec := mustSpec(t, in, name)
		if diff := cmp.Diff([]string{"2000", "4000", "5000"}, spec.Groups); spec.User != want || diff != "" {
			t.Errorf("%s: user %q, want %q; groups %s", name, spec.User, want, diff)
		}
	}
}

func TestUserNamespace(t *testing.T) {
	t.Parallel()
	for pod, want := range map[string]string{
		``: "", `hostUsers: false`: "", `hostUsers: true`: "host", `hostNetwork: true`: "host", `hostPID: true`: "host", `hostIPC: true`: "host",
	} {
		spec, err := containerWith(t, pod, "", "")
		if err != nil || spec.UserNS != want {
			t.Errorf("%q gives %q, want %q (%v)", pod, spec.UserNS, want, err)
		}
	}
	spec, err := containerWith(t, ``, `securityContext: {privileged: true}`, "")
	if err != nil || spec.UserNS != "host" {
		t.Errorf("privileged gives %q (%v)", spec.UserNS, err)
	}
}
