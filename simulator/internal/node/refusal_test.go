package node

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

func TestRefusalNamesTheFieldThatAsksForTooMuch(t *testing.T) {
	t.Parallel()
	const (
		runc   = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
		caps   = runc + "unable to apply caps: operation not permitted: unknown"
		rlimit = runc + "error during container init: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted: unknown"
	)
	add := func(names ...v1.Capability) *v1.SecurityContext {
		return &v1.SecurityContext{Capabilities: &v1.Capabilities{Add: names}}
	}
	privileged := &v1.SecurityContext{Privileged: ptr.To(true)}
	lacks := []string{"SYS_RESOURCE", "SYS_BOOT"}
	tests := []struct {
		name  string
		asks  *v1.SecurityContext
		text  string
		lacks []string
		want  string
	}{
		{"a privileged container", privileged, caps, lacks,
			"securityContext.privileged asks for SYS_RESOURCE, SYS_BOOT, which the engine's machine does not have"},
		{"all capabilities", add("ALL"), caps, lacks,
			"securityContext.capabilities.add asks for SYS_RESOURCE, SYS_BOOT, which the engine's machine does not have"},
		{"one of them", add("NET_ADMIN", "sys_resource"), caps, lacks,
			"securityContext.capabilities.add asks for SYS_RESOURCE, which the engine's machine does not have"},
		{"nobody knows what a far machine has", privileged, caps, nil,
			"securityContext.privileged asks for capabilities of which the engine's machine does not have all"},
		{"limits of processes, which no pod asks for", nil, rlimit, lacks, "the engine's default ulimits ask for more than its machine allows"},
		{"another text", privileged, runc + `exec: "serve": executable file not found in $PATH: unknown`, lacks, ""},
		{"a container that asks for nothing", nil, caps, lacks, ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := refusal(&v1.Container{SecurityContext: tc.asks}, tc.text, tc.lacks); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestCapabilitiesLackingAreThoseOfTheKernelOutsideTheBoundingSet(t *testing.T) {
	t.Parallel()
	const status = "Name:\tpodsim\nCapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\nCapAmb:\t0000000000000000\n"
	for _, tc := range []struct {
		status, last string
		want         []string
	}{
		{status, "40\n", []string{"SYS_RESOURCE"}},
		{"CapBnd:\t000000fffeffffff\n", "39\n", []string{"SYS_RESOURCE"}},
		{"CapBnd:\t000000ffffffffff\n", "40\n", []string{"CHECKPOINT_RESTORE"}},
		{"", "40\n", nil},
	} {
		if diff := cmp.Diff(tc.want, capabilitiesLacking(tc.status, tc.last)); diff != "" {
			t.Error(diff)
		}
	}
}
