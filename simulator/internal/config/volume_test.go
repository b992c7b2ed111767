package config

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
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

func TestClaims(t *testing.T) {
	t.Parallel()
	const objects = `
kind: PersistentVolumeClaim
metadata: {name: data, namespace: ns}
spec: {volumeMode: Filesystem}
---
kind: PersistentVolumeClaim
metadata: {name: bound}
spec: {volumeName: pv}
---
kind: PersistentVolumeClaim
metadata: {name: taken}
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
	t.Run("an ephemeral claim dies with the pod", func(t *testing.T) {
		t.Parallel()
		v, _ := oneVolume(t, `ephemeral: {volumeClaimTemplate: {spec: {}}}`, group, "")
		if v.Engine.Name != "podsim_u1_v" || v.Engine.Meta.Kind != runtime.KindVolume || v.Setup.FSGroup == nil {
			t.Errorf("%+v", v)
		}
	})
}

func TestHostPathChecks(t *testing.T) {
	t.Parallel()
	const (
		none   = fs.FileMode(0xffff)
		file   = fs.FileMode(0o644)
		dir    = fs.ModeDir | 0o755
		socket = fs.ModeSocket | 0o755
		char   = fs.ModeDevice | fs.ModeCharDevice | 0o600
		block  = fs.ModeDevice | 0o600
	)
	tests := map[string]struct {
		kind   v1.HostPathType
		found  fs.FileMode
		create fs.FileMode
		want   string
	}{
		"anything will do when nothing is said": {v1.HostPathUnset, none, 0, ""},
		"directory":                             {v1.HostPathDirectory, dir, 0, ""},
		"no directory":                          {v1.HostPathDirectory, none, 0, "directory"},
		"directory that is a file":              {v1.HostPathDirectory, file, 0, "directory"},
		"directory to be made":                  {v1.HostPathDirectoryOrCreate, none, dir, ""},
		"file in the place of one":              {v1.HostPathDirectoryOrCreate, file, 0, "directory"},
		"file":                                  {v1.HostPathFile, file, 0, ""},
		"no file":                               {v1.HostPathFile, none, 0, "file"},
		"file that is a socket":                 {v1.HostPathFile, socket, 0, "file"},
		"file to be made":                       {v1.HostPathFileOrCreate, none, file, ""},
		"directory in the place of one (file)":  {v1.HostPathFileOrCreate, dir, 0, "file"},
		"socket":                                {v1.HostPathSocket, socket, 0, ""},
		"no socket":                             {v1.HostPathSocket, none, 0, "socket file"},
		"character device":                      {v1.HostPathCharDev, char, 0, ""},
		"character device that is a block one":  {v1.HostPathCharDev, block, 0, "character device"},
		"block device":                          {v1.HostPathBlockDev, block, 0, ""},
		"block device that is a character one":  {v1.HostPathBlockDev, char, 0, "block device"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found fs.FileInfo
			if test.found != none {
				found = fileInfo{mode: test.found}
			}
			create, err := HostPath{Path: "/x/missing", Type: test.kind}.Check(found)
			got, want := "", ""
			if err != nil {
				got = err.Error()
			}
			if test.want != "" {
				want = "hostPath type check failed: /x/missing is not a " + test.want
			}
			if got != want || create != test.create {
				t.Errorf("got %q, create %v; want %q, %v", got, create, want, test.create)
			}
		})
	}
}

type fileInfo struct {
	os.FileInfo
	mode fs.FileMode
}

func (i fileInfo) Mode() fs.FileMode { return i.mode }

func TestHostPathsAreLookedIntoOnlyForSubpaths(t *testing.T) {
	t.Parallel()
	v, _ := oneVolume(t, `hostPath: {path: /srv, type: DirectoryOrCreate}`, "", "")
	if v.Path != "" || v.Setup != nil || v.Engine.Name != "" {
		t.Errorf("%+v", v)
	}
	in := inputOf(t, `
volumes: [{name: v, hostPath: {path: /srv}}]
containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v, subPath: a}]}]`)
	spec, _, err := Sandbox(in, SandboxInput{Volumes: mustVolumes(t, in)})
	if err != nil {
		t.Fatal(err)
	}
	want := runtime.Mount{Kind: runtime.MountBind, Source: "/srv", Target: "/podsim/volumes/v", CreateHostPath: true}
	if diff := cmp.Diff(want, spec.Mounts[1]); diff != "" {
		t.Error(diff)
	}
}
