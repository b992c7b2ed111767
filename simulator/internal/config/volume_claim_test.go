package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

func TestClaims(t *testing.T) {
	t.Parallel()
	const objects = `
kind: PersistentVolumeClaim
metadata: {name: data, namespace: ns}
spec: {volumeMode: Filesystem, storageClassName: own}
---
kind: PersistentVolumeClaim
metadata: {name: bound}
spec: {volumeName: pv}
---
kind: PersistentVolumeClaim
metadata: {name: taken, namespace: ns}
---
kind: PersistentVolumeClaim
metadata: {name: far}
spec: {volumeName: nfs}
---
kind: PersistentVolumeClaim
metadata: {name: raw}
spec: {volumeMode: Block}
---
kind: PersistentVolume
metadata: {name: pv}
spec: {hostPath: {path: /srv/data}}
---
kind: PersistentVolume
metadata: {name: local}
spec: {local: {path: /mnt/disk}, claimRef: {namespace: ns, name: taken}}
---
kind: PersistentVolume
metadata: {name: nfs}
spec: {nfs: {server: s, path: /}}`
	const group = "securityContext: {fsGroup: 2000, fsGroupChangePolicy: OnRootMismatch}\n"

	t.Run("a claim is a volume that outlives the pod", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `persistentVolumeClaim: {claimName: data}`, "", objects)
		want := runtime.VolumeSpec{Name: "podsim_ns_data_h", Meta: runtime.Meta{
			Home: "h", Kind: runtime.KindClaim, Container: "data", Pod: runtime.PodRef{Namespace: "ns"},
		}}
		if diff := cmp.Diff(want, v.Engine); diff != "" || v.MadeUp != "" || v.Setup != nil {
			t.Errorf("%+v\n%s", v, diff)
		}
	})
	t.Run("one that nobody declared is made up and says so", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `persistentVolumeClaim: {claimName: other}`, "", objects)
		if v.MadeUp != "other" || v.Engine.Meta.Extra[ExtraMadeUp] != "true" {
			t.Errorf("%+v", v)
		}
	})
	t.Run("fsGroup changes group and modes, not the root's owner", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `persistentVolumeClaim: {claimName: data}`, group, objects)
		if s := v.Setup; s == nil || s.FSGroup == nil || *s.FSGroup != 2000 || !s.OnRootMismatch || s.Mode != nil || s.UID != nil {
			t.Errorf("%+v", s)
		}
	})
	t.Run("a read-only claim is left alone", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `persistentVolumeClaim: {claimName: data, readOnly: true}`, group, objects)
		if !v.ReadOnly || v.Setup != nil {
			t.Errorf("%+v", v)
		}
	})
	t.Run("a claim of a hostPath volume is that path", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `persistentVolumeClaim: {claimName: bound}`, group, objects)
		if v.Source != SourceHost || v.Host.Path != "/srv/data" || v.Setup != nil {
			t.Errorf("%+v", v)
		}
	})
	t.Run("a local volume names its claim and gets the group", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `persistentVolumeClaim: {claimName: taken}`, group, objects)
		if v.Host != (HostPath{Path: "/mnt/disk", Type: v1.HostPathDirectory}) || v.Setup == nil || v.Path == "" {
			t.Errorf("%+v", v)
		}
	})
	t.Run("other volumes are refused by name", func(t *testing.T) {
		t.Parallel()
		_, problem := oneVolume(t, `persistentVolumeClaim: {claimName: far}`, "", objects)
		if !strings.HasPrefix(problem, `persistent volume "nfs" is of type nfs: `) {
			t.Error(problem)
		}
	})
	t.Run("a block claim is refused", func(t *testing.T) {
		t.Parallel()
		_, problem := oneVolume(t, `persistentVolumeClaim: {claimName: raw}`, "", objects)
		if !strings.HasPrefix(problem, `claim "raw" has volumeMode Block`) {
			t.Error(problem)
		}
	})
	const own = "kind: PersistentVolumeClaim\nmetadata: {name: p-v, namespace: ns, ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u1, controller: true}]}\n"
	t.Run("an ephemeral claim may be bound to a path of the host", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `ephemeral: {volumeClaimTemplate: {spec: {}}}`, "", own+"spec: {volumeName: pv}\n---\nkind: PersistentVolume\nmetadata: {name: pv}\nspec: {hostPath: {path: /srv}}")
		if v.Source != SourceHost || v.Host.Path != "/srv" {
			t.Errorf("%+v", v)
		}
	})
	t.Run("an ephemeral claim of another is not used", func(t *testing.T) {
		t.Parallel()
		_, problem := oneVolume(t, `ephemeral: {volumeClaimTemplate: {spec: {}}}`, "", "kind: PersistentVolumeClaim\nmetadata: {name: p-v, namespace: ns}")
		if problem != "PVC ns/p-v was not created for pod ns/p (pod is not owner)" {
			t.Error(problem)
		}
	})
	t.Run("an ephemeral claim dies with the pod", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `ephemeral: {volumeClaimTemplate: {spec: {}}}`, group, own)
		if v.Engine.Name != "podsim_u1_v" || v.Engine.Meta.Kind != runtime.KindVolume || v.Setup.FSGroup == nil {
			t.Errorf("%+v", v)
		}
	})
}
