package config

import (
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

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
