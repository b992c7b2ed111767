package lifecycle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

func TestScheduleRefusesWhatTheOnlyNodeCannotTake(t *testing.T) {
	t.Parallel()
	const (
		noPorts = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. " +
			"no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
		noCPU = "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. " +
			"no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
	)
	port := func(ip string, number int32, protocol v1.Protocol) func(*v1.Pod) {
		return func(p *v1.Pod) {
			p.Spec.Containers[0].Ports = []v1.ContainerPort{{HostIP: ip, HostPort: number, Protocol: protocol}}
		}
	}
	tests := []struct {
		name        string
		pod, holder func(*v1.Pod)
		want        string
	}{
		{"a port that another pod has", port("", 80, "TCP"), port("", 80, "TCP"), noPorts},
		{"another port is free", port("", 81, "TCP"), port("", 80, "TCP"), ""},
		{"so is the port of another protocol", port("", 80, "UDP"), port("", 80, "TCP"), ""},
		{"and of another address", port("127.0.0.1", 80, "TCP"), port("127.0.0.2", 80, "TCP"), ""},
		{"but every address is any address", port("127.0.0.1", 80, "TCP"), port("0.0.0.0", 80, "TCP"), noPorts},
		{"a pod that has ended holds no port", port("", 80, "TCP"), func(p *v1.Pod) {
			port("", 80, "TCP")(p)
			p.Status.Phase = v1.PodSucceeded
		}, ""},
		{"nor does one that has no node either", port("", 80, "TCP"), func(p *v1.Pod) {
			port("", 80, "TCP")(p)
			p.Spec.NodeName = ""
		}, ""},
		{"nor an init container that is no sidecar", port("", 80, "TCP"), func(p *v1.Pod) {
			p.Spec.InitContainers = []v1.Container{{Ports: []v1.ContainerPort{{HostPort: 80, Protocol: "TCP"}}}}
		}, ""},
		{"more CPU and memory than there is", func(p *v1.Pod) {
			p.Spec.Containers[0].Resources.Requests = v1.ResourceList{
				v1.ResourceCPU: resource.MustParse("5"), v1.ResourceMemory: resource.MustParse("9Gi"),
			}
		}, func(*v1.Pod) {}, noCPU},
		{"a node selector does not matter", func(p *v1.Pod) { p.Spec.NodeSelector = map[string]string{"no": "such"} }, func(*v1.Pod) {}, ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			pod, holder := oneContainer("new", ""), oneContainer("old", "node")
			tc.pod(pod)
			tc.holder(holder)
			got := Schedule(pod, Node{CPUMillis: 4000, MemoryBytes: 8 << 30}, Cluster{Pods: func() []*v1.Pod { return []*v1.Pod{holder, pod} }})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func oneContainer(uid types.UID, node string) *v1.Pod {
	p := &v1.Pod{Spec: v1.PodSpec{NodeName: node, Containers: []v1.Container{{Name: "a"}}}}
	p.UID = uid
	return p
}

func TestUnscheduledPodWaitsAndSaysWhyOnce(t *testing.T) {
	t.Parallel()
	s := Snapshot{Pod: oneContainer("new", ""), Unscheduled: "no room"}
	first := Decide(s)
	if len(first.Actions) > 0 || len(first.Events) != 1 || first.Events[0].Reason != "FailedScheduling" {
		t.Errorf("first: %s", first)
	}
	s.Memory = first.Memory
	if again := Decide(s); len(again.Actions)+len(again.Events) > 0 {
		t.Errorf("again: %s", again)
	}
	s.Pod.Spec.SchedulingGates = []v1.PodSchedulingGate{{Name: "g"}}
	s.Unscheduled = Schedule(s.Pod, Node{}, Cluster{})
	if held := Decide(s); s.Unscheduled != gated || len(held.Actions)+len(held.Events) > 0 {
		t.Errorf("behind gates: %q %s", s.Unscheduled, held)
	}
	s.Pod.Spec.SchedulingGates, s.Unscheduled = nil, ""
	if then := Decide(s); len(then.Actions) == 0 || then.Actions[0].Kind != ActSandbox {
		t.Errorf("once there is room: %s", then)
	}
}

func TestScheduleRefusesClaimsThatAreNotToBeHad(t *testing.T) {
	t.Parallel()
	claim := v1.VolumeSource{PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}
	own := v1.VolumeSource{Ephemeral: &v1.EphemeralVolumeSource{}}
	named := func(name string, change func(*v1.PersistentVolumeClaim)) *v1.PersistentVolumeClaim {
		c := &v1.PersistentVolumeClaim{}
		c.Name = name
		change(c)
		return c
	}
	deleted := func(c *v1.PersistentVolumeClaim) { c.DeletionTimestamp = &metav1.Time{Time: noon} }
	ofPod := func(c *v1.PersistentVolumeClaim) {
		c.OwnerReferences = []metav1.OwnerReference{{Kind: "Pod", Name: "new", UID: "new", Controller: ptr.To(true)}}
	}
	asIs := func(*v1.PersistentVolumeClaim) {}
	tests := []struct {
		name  string
		from  v1.VolumeSource
		there *v1.PersistentVolumeClaim
		want  string
	}{
		{"one that is there", claim, named("data", asIs), ""},
		{"one that nobody declared is made up", claim, nil, ""},
		{"one that is being deleted", claim, named("data", deleted), `persistentvolumeclaim "data" is being deleted`},
		{"the pod's own", own, named("new-v", ofPod), ""},
		{"the pod's own, which is yet to be made", own, nil, `waiting for ephemeral volume controller to create the persistentvolumeclaim "new-v"`},
		{"another's of the name of the pod's own", own, named("new-v", asIs), "PVC /new-v was not created for pod /new (pod is not owner)"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			pod := oneContainer("new", "")
			pod.Name = "new"
			pod.Spec.Volumes = []v1.Volume{{Name: "v", VolumeSource: tc.from}}
			want := tc.want
			if want != "" {
				want = "0/1 nodes are available: " + want + ". " +
					"no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
			}
			got := Schedule(pod, Node{}, Cluster{Claim: func(name string) *v1.PersistentVolumeClaim {
				if tc.there == nil || tc.there.Name != name {
					return nil
				}
				return tc.there
			}})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
