package binding

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

func claim(change func(*v1.PersistentVolumeClaim)) *v1.PersistentVolumeClaim {
	c := &v1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "c", Namespace: "ns", UID: "u"}}
	c.Spec.AccessModes = []v1.PersistentVolumeAccessMode{v1.ReadWriteOnce}
	c.Spec.StorageClassName = ptr.To("manual")
	c.Spec.Resources.Requests = v1.ResourceList{v1.ResourceStorage: resource.MustParse("2Gi")}
	if change != nil {
		change(c)
	}
	return c
}

func volume(name, capacity string, change func(*v1.PersistentVolume)) *v1.PersistentVolume {
	pv := &v1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"is": name}}}
	pv.Spec.AccessModes = []v1.PersistentVolumeAccessMode{v1.ReadWriteOnce}
	pv.Spec.StorageClassName = "manual"
	pv.Spec.Capacity = v1.ResourceList{v1.ResourceStorage: resource.MustParse(capacity)}
	if change != nil {
		change(pv)
	}
	return pv
}

func TestMatch(t *testing.T) {
	t.Parallel()
	taken := func(pv *v1.PersistentVolume) { pv.Spec.ClaimRef = &v1.ObjectReference{Namespace: "ns", Name: "other"} }
	ours := func(pv *v1.PersistentVolume) { pv.Spec.ClaimRef = &v1.ObjectReference{Namespace: "ns", Name: "c"} }
	for name, tc := range map[string]struct {
		claim   *v1.PersistentVolumeClaim
		volumes []*v1.PersistentVolume
		want    string
	}{
		"the smallest that is large enough": {claim(nil), []*v1.PersistentVolume{volume("a", "9Gi", nil), volume("b", "3Gi", nil), volume("c", "1Gi", nil)}, "b"},
		"one that is taken is none":         {claim(nil), []*v1.PersistentVolume{volume("a", "2Gi", taken)}, ""},
		"one that is kept for it":           {claim(nil), []*v1.PersistentVolume{volume("a", "2Gi", nil), volume("b", "1Gi", ours)}, "b"},
		"the one it names": {
			claim(func(c *v1.PersistentVolumeClaim) { c.Spec.VolumeName = "b" }),
			[]*v1.PersistentVolume{volume("a", "2Gi", nil), volume("b", "1Gi", nil)}, "b",
		},
		"another class": {claim(func(c *v1.PersistentVolumeClaim) { c.Spec.StorageClassName = nil }), []*v1.PersistentVolume{volume("a", "2Gi", nil)}, ""},
		"a mode it lacks": {
			claim(func(c *v1.PersistentVolumeClaim) {
				c.Spec.AccessModes = []v1.PersistentVolumeAccessMode{v1.ReadWriteMany}
			}),
			[]*v1.PersistentVolume{volume("a", "2Gi", nil)}, "",
		},
		"labels": {
			claim(func(c *v1.PersistentVolumeClaim) {
				c.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"is": "b"}}
			}),
			[]*v1.PersistentVolume{volume("a", "2Gi", nil), volume("b", "9Gi", nil)}, "b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if pv := Match(tc.claim, tc.volumes); pv != nil {
				got = pv.Name
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestBindWritesItIntoBoth(t *testing.T) {
	t.Parallel()
	c, pv := claim(nil), volume("a", "5Gi", nil)
	Bind(c, pv)
	if c.Spec.VolumeName != "a" || c.Status.Phase != v1.ClaimBound || c.Status.Capacity.Storage().String() != "5Gi" {
		t.Errorf("claim: %+v %+v", c.Spec, c.Status)
	}
	want := &v1.ObjectReference{Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: "ns", Name: "c", UID: "u"}
	if diff := cmp.Diff(want, pv.Spec.ClaimRef); diff != "" || pv.Status.Phase != v1.VolumeBound {
		t.Errorf("%s %s", pv.Status.Phase, diff)
	}
	c = claim(nil)
	Bind(c, nil)
	if c.Spec.VolumeName != "pvc-u" || c.Status.Capacity.Storage().String() != "2Gi" || len(c.Status.AccessModes) != 1 {
		t.Errorf("claim: %+v %+v", c.Spec, c.Status)
	}
}
