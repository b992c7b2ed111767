package config

import (
	"slices"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
)

const payloadPod = `
volumes:
- {name: cm, configMap: {name: cm}}
- {name: other, configMap: {name: cm, items: [{key: a, path: x}]}}
- {name: dw, downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}}
- {name: e, emptyDir: {}}
containers:
- name: c
  image: i
  volumeMounts: [{name: cm, mountPath: /a}, {name: other, mountPath: /b}, {name: dw, mountPath: /c}, {name: e, mountPath: /e}]`

func TestOnlyChangedPayloadsAreSwapped(t *testing.T) {
	t.Parallel()
	in := inputOf(t, payloadPod)
	in.Objects.ConfigMaps["cm"] = &v1.ConfigMap{Data: map[string]string{"a": "1", "b": "2"}}
	before := map[string]string{}
	for _, v := range mustVolumes(t, in) {
		before[v.Name] = v.Payload.Hash()
	}
	names := func(change func(in *Input)) []string {
		next := in
		next.Pod = in.Pod.DeepCopy()
		next.Objects.ConfigMaps = map[string]*v1.ConfigMap{"cm": in.Objects.ConfigMaps["cm"].DeepCopy()}
		change(&next)
		var names []string
		for _, v := range mustVolumes(t, next) {
			if v.Payload.Hash() != before[v.Name] {
				names = append(names, v.Name)
			}
		}
		return names
	}
	tests := map[string]struct {
		change func(in *Input)
		want   []string
	}{
		"nothing":              {func(*Input) {}, nil},
		"time":                 {func(in *Input) { in.Now = in.Now.Add(time.Hour) }, nil},
		"a key of both":        {func(in *Input) { in.Objects.ConfigMaps["cm"].Data["a"] = "9" }, []string{"cm", "other"}},
		"a key of one":         {func(in *Input) { in.Objects.ConfigMaps["cm"].Data["b"] = "9" }, []string{"cm"}},
		"a key that is gone":   {func(in *Input) { delete(in.Objects.ConfigMaps["cm"].Data, "b") }, []string{"cm"}},
		"a key that came":      {func(in *Input) { in.Objects.ConfigMaps["cm"].Data["c"] = "" }, []string{"cm"}},
		"text that is binary":  {func(in *Input) { move(in.Objects.ConfigMaps["cm"], "a") }, nil},
		"a label":              {func(in *Input) { in.Pod.Labels = map[string]string{"a": "b"} }, []string{"dw"}},
		"an annotation not in": {func(in *Input) { in.Pod.Annotations = map[string]string{"a": "b"} }, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := names(test.change); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func move(cm *v1.ConfigMap, key string) {
	cm.BinaryData = map[string][]byte{key: []byte(cm.Data[key])}
	delete(cm.Data, key)
}

func TestVolumesOfOneObjectDoNotMeet(t *testing.T) {
	t.Parallel()
	in := inputOf(t, payloadPod)
	in.Objects.ConfigMaps["cm"] = &v1.ConfigMap{Data: map[string]string{"a": "1"}}
	names := map[string]bool{}
	for _, v := range mustVolumes(t, in) {
		if names[v.Engine.Name] {
			t.Errorf("two volumes are called %s", v.Engine.Name)
		}
		names[v.Engine.Name] = true
	}
}

func TestGroupMayReadEverythingAndWriteNothing(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]uint32{"0": 0o440, "256": 0o440, "384": 0o640, "292": 0o444, "493": 0o755} {
		in := inputOf(t, `
securityContext: {fsGroup: 7}
volumes: [{name: v, configMap: {name: cm, defaultMode: `+mode+`}}]
containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]`)
		in.Objects.ConfigMaps["cm"] = &v1.ConfigMap{Data: map[string]string{"a": "1"}}
		f := mustVolumes(t, in)[0].Payload.Files[0]
		if f.Mode != want || f.GID != 7 || f.UID != 0 {
			t.Errorf("mode %s becomes %o %d:%d, want %o 0:7", mode, f.Mode, f.UID, f.GID, want)
		}
	}
}
