package node

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
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
		has, lacks := capabilitiesIn(tc.status, tc.last)
		if diff := cmp.Diff(tc.want, lacks); diff != "" {
			t.Error(diff)
		}
		if known := len(has) + len(lacks); known > 0 && known != len(config.Capabilities()) && tc.last == "40\n" {
			t.Errorf("%d capabilities", known)
		}
	}
}

func TestAllCapabilitiesAreThoseOfTheMachine(t *testing.T) {
	t.Parallel()
	full := Abilities{Has: []string{"KILL", "CHOWN"}}
	poor := Abilities{Has: []string{"KILL"}, Lacks: []string{"CHOWN"}}
	for _, tc := range []struct {
		name       string
		can        Abilities
		asks, want runtime.Security
	}{
		{"a machine that has all", full, runtime.Security{Privileged: true}, runtime.Security{Privileged: true}},
		{"a privileged container", poor, runtime.Security{Privileged: true, CapDrop: []string{"KILL"}, Seccomp: "unconfined"},
			runtime.Security{CapAdd: []string{"KILL"}, Seccomp: "unconfined", UnmaskedPaths: true, AllDevices: true}},
		{"all of them", poor, runtime.Security{CapAdd: []string{"ALL"}, CapDrop: []string{"KILL"}},
			runtime.Security{CapAdd: []string{"KILL"}, CapDrop: []string{"KILL"}}},
		{"one that it lacks", poor, runtime.Security{CapAdd: []string{"CHOWN"}}, runtime.Security{CapAdd: []string{"CHOWN"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.can.grant(&tc.asks)
			if diff := cmp.Diff(tc.want, tc.asks); diff != "" {
				t.Error(diff)
			}
		})
	}
}
