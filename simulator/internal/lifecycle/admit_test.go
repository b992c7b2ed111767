package lifecycle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestAdmitRefusesWhatANodeRefuses(t *testing.T) {
	t.Parallel()
	node := Node{CPUMillis: 4000, MemoryBytes: 8 << 30, NoAppArmor: true}
	profile := func(kind v1.AppArmorProfileType) func(*v1.Pod) {
		return func(p *v1.Pod) {
			p.Spec.Containers[0].SecurityContext = &v1.SecurityContext{AppArmorProfile: &v1.AppArmorProfile{Type: kind}}
		}
	}
	noAppArmor := &Rejection{"AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host"}
	sysctl := func(name string) func(*v1.Pod) {
		return func(p *v1.Pod) {
			p.Spec.SecurityContext = &v1.PodSecurityContext{Sysctls: []v1.Sysctl{{Name: name, Value: "1"}}}
		}
	}
	requests := func(cpu, memory string) func(*v1.Pod) {
		return func(p *v1.Pod) {
			p.Spec.Containers[0].Resources.Requests = v1.ResourceList{
				v1.ResourceCPU: resource.MustParse(cpu), v1.ResourceMemory: resource.MustParse(memory),
			}
		}
	}
	tests := []struct {
		name   string
		change func(*v1.Pod)
		want   *Rejection
	}{
		{"a plain pod is admitted", func(*v1.Pod) {}, nil},
		{"a safe sysctl is admitted", sysctl("net.ipv4.tcp_syncookies"), nil},
		{"slashes may separate its parts", sysctl("net/ipv4/tcp_syncookies"), nil},
		{"an unsafe one is not", sysctl("kernel.msgmax"), &Rejection{
			"SysctlForbidden", `forbidden sysctl: "kernel.msgmax" not allowlisted`,
		}},
		{"nor one of a namespace shared with the host", func(p *v1.Pod) {
			sysctl("net.ipv4.tcp_syncookies")(p)
			p.Spec.HostNetwork = true
		}, &Rejection{"SysctlForbidden", `forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled`}},
		{"nor another operating system", func(p *v1.Pod) { p.Spec.OS = &v1.PodOS{Name: v1.Windows} }, &Rejection{
			"PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS",
		}},
		{"nor more CPU than there is", requests("5", "1Gi"), &Rejection{
			"OutOfcpu", "Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000",
		}},
		{"nor more memory than there is", requests("1", "9Gi"), &Rejection{
			"OutOfmemory", "Node didn't have enough resource: memory, requested: 9663676416, used: 0, capacity: 8589934592",
		}},
		{"nor a profile that is not enforced", profile(v1.AppArmorProfileTypeRuntimeDefault), noAppArmor},
		{"nor one of the pod", func(p *v1.Pod) {
			p.Spec.SecurityContext = &v1.PodSecurityContext{AppArmorProfile: &v1.AppArmorProfile{Type: v1.AppArmorProfileTypeLocalhost}}
		}, noAppArmor},
		{"nor one in an annotation", func(p *v1.Pod) {
			p.Annotations = map[string]string{"container.apparmor.security.beta.kubernetes.io/a": "runtime/default"}
		}, noAppArmor},
		{"without a profile it is", profile(v1.AppArmorProfileTypeUnconfined), nil},
		{"a node selector does not matter", func(p *v1.Pod) { p.Spec.NodeSelector = map[string]string{"no": "such"} }, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			pod := &v1.Pod{Spec: v1.PodSpec{Containers: []v1.Container{{Name: "a"}}}}
			tc.change(pod)
			if diff := cmp.Diff(tc.want, Admit(pod, node)); diff != "" {
				t.Errorf("rejection (-want +got):\n%s", diff)
			}
		})
	}
}
