package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// oneVolume is the only volume of a pod that mounts it at /v.
func oneVolume(t *testing.T, source, more, objects string) (*Volume, string) {
	t.Helper()
	in := inputOf(t, "volumes: [{name: v, "+source+"}]\ncontainers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]\n"+more)
	if objects != "" {
		addObjects(t, &in, objects)
	}
	volumes, problems := Volumes(in)
	if len(problems) > 0 {
		return nil, problems[0].Message
	}
	return &volumes[0], ""
}

func TestVolumeProblems(t *testing.T) {
	t.Parallel()
	const objects = `
kind: ConfigMap
metadata: {name: cm}
data: {a: "1"}
---
kind: Secret
metadata: {name: sec}
stringData: {user: hunter2}`
	tests := map[string]struct{ source, want string }{
		"missing ConfigMap":              {`configMap: {name: gone}`, `configmap "gone" not found`},
		"missing optional ConfigMap":     {`configMap: {name: gone, optional: true}`, ``},
		"missing key of a ConfigMap":     {`configMap: {name: cm, items: [{key: z, path: z}]}`, `configmap references non-existent config key: z`},
		"missing optional key":           {`configMap: {name: cm, optional: true, items: [{key: z, path: z}]}`, ``},
		"missing Secret":                 {`secret: {secretName: gone}`, `secret "gone" not found`},
		"missing key of a Secret":        {`secret: {secretName: sec, items: [{key: z, path: z}]}`, `references non-existent secret key: z`},
		"path that leads out":            {`configMap: {name: cm, items: [{key: a, path: x/../../y}]}`, `invalid path: must not contain '..': x/../../y`},
		"path that hits the link":        {`configMap: {name: cm, items: [{key: a, path: ..data}]}`, `invalid path: must not start with '..': ..data`},
		"path that hits it in disguise":  {`configMap: {name: cm, items: [{key: a, path: ./..data/x}]}`, `invalid path: must not start with '..': ./..data/x`},
		"absolute path":                  {`configMap: {name: cm, items: [{key: a, path: /x}]}`, `invalid path: must be relative path: /x`},
		"path that is the volume":        {`configMap: {name: cm, items: [{key: a, path: .}]}`, `invalid path: must name a file: .`},
		"file that is a directory":       {`configMap: {name: cm, items: [{key: a, path: x}, {key: a, path: x/y}]}`, `invalid path: x is a file and a directory`},
		"one problem of a projection":    {`projected: {sources: [{secret: {name: gone}}]}`, `secret "gone" not found`},
		"two problems of a projection":   {`projected: {sources: [{secret: {name: gone}}, {configMap: {name: gone}}]}`, `[secret "gone" not found, configmap "gone" not found]`},
		"certificate of a cluster":       {`projected: {sources: [{podCertificate: {signerName: a/b, keyType: ED25519}}]}`, `podCertificate is not supported: only a cluster signs certificates`},
		"medium that is none":            {`emptyDir: {medium: Disk}`, `unknown storage medium "Disk"`},
		"huge pages":                     {`emptyDir: {medium: HugePages}`, `emptyDir of medium "HugePages" is not supported: use medium Memory`},
		"driver that needs a cluster":    {`nfs: {server: s, path: /}`, `nfs is not supported: use a persistentVolumeClaim, an emptyDir or a hostPath instead`},
		"another one":                    {`csi: {driver: d}`, `csi is not supported: use a persistentVolumeClaim, an emptyDir or a hostPath instead`},
		"field that is none of a volume": {`downwardAPI: {items: [{path: x, fieldRef: {fieldPath: spec.nodeName}}]}`, `unsupported fieldPath: spec.nodeName`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := oneVolume(t, test.source, "", objects)
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if strings.Contains(got, "hunter2") {
				t.Error("the value of a Secret is in the message")
			}
		})
	}
}

func TestRecordedVolumeProblem(t *testing.T) {
	t.Parallel()
	_, problems := Volumes(recorded(t, "missing-volume-key"))
	want := []lifecycle.VolumeProblem{{Volume: "v", Message: "references non-existent secret key: zzz"}}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Error(diff)
	}
}

func TestVolumesThatNobodyMountsAreNotSetUp(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: unused, configMap: {name: gone}}, {name: i, emptyDir: {}}, {name: e, emptyDir: {}}]
initContainers: [{name: i, image: i, volumeMounts: [{name: i, mountPath: /i}]}]
containers: [{name: c, image: i}]
ephemeralContainers: [{name: e, image: i, volumeMounts: [{name: e, mountPath: /e}]}]`)
	volumes := mustVolumes(t, in)
	if len(volumes) != 2 || volumes[0].Name != "i" || volumes[1].Name != "e" {
		t.Errorf("got %v", volumes)
	}
}

func TestMemoryVolumesAreAsLargeAsTheirUsersMayBe(t *testing.T) {
	t.Parallel()
	const limited = "containers: [{name: c, image: i, resources: {limits: {memory: 64Mi}}, volumeMounts: [{name: v, mountPath: /v}]}]\n"
	const free = "containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]\n"
	tests := map[string]struct {
		source, containers string
		want               int64
	}{
		"the node's memory":                {`emptyDir: {medium: Memory}`, free, recordedMemory},
		"the containers' limits":           {`emptyDir: {medium: Memory}`, limited, 64 << 20},
		"its own limit":                    {`emptyDir: {medium: Memory, sizeLimit: 8Mi}`, limited, 8 << 20},
		"no more than the containers may":  {`emptyDir: {medium: Memory, sizeLimit: 80Mi}`, limited, 64 << 20},
		"a Secret likewise":                {`secret: {secretName: s, optional: true}`, limited, 64 << 20},
		"a pod with its own limit":         {`emptyDir: {medium: Memory}`, free + "resources: {limits: {memory: 32Mi}}\n", 32 << 20},
		"one container without is no end":  {`emptyDir: {medium: Memory}`, limited + "initContainers: [{name: i, image: i}]\n", recordedMemory},
		"the largest of those after other": {`emptyDir: {medium: Memory}`, limited + "initContainers: [{name: i, image: i, resources: {limits: {memory: 90Mi}}}]\n", 90 << 20},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := mustVolumes(t, inputOf(t, "volumes: [{name: v, "+test.source+"}]\n"+test.containers))[0]
			if !v.Engine.Memory || v.Engine.Size != test.want {
				t.Errorf("memory %v, size %d; want %d", v.Engine.Memory, v.Engine.Size, test.want)
			}
		})
	}
}

func TestDiskVolumesKeepTheirLimitForMeasuring(t *testing.T) {
	t.Parallel()
	v, _ := oneVolume(t, `emptyDir: {sizeLimit: 1Mi}`, "", "")
	if v.Engine.Memory || v.Engine.Size != 0 || v.SizeLimit != 1<<20 {
		t.Errorf("got %+v", v)
	}
}

func TestConfigMapsOfVeryManyKeysLieInMemory(t *testing.T) {
	t.Parallel()
	for keys, want := range map[int]bool{manyFiles: false, manyFiles + 1: true} {
		in := inputOf(t, `
volumes: [{name: v, configMap: {name: cm}}]
containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]`)
		cm := &v1.ConfigMap{Data: map[string]string{}}
		for k := range keys {
			cm.Data[fmt.Sprint("k", k)] = "x"
		}
		in.Objects.ConfigMaps = map[string]*v1.ConfigMap{"cm": cm}
		v := mustVolumes(t, in)[0]
		if v.Engine.Memory != want || v.Engine.Size != 0 || *v.Setup.Mode != 0o777 {
			t.Errorf("%d keys: memory %v, size %d, mode %o", keys, v.Engine.Memory, v.Engine.Size, *v.Setup.Mode)
		}
	}
}
