package manifest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/validate"
)

// FuzzDecode: any input gives objects or an error, and whatever is decoded can be checked, printed and read again.
func FuzzDecode(f *testing.F) {
	for _, pattern := range []string{"testdata/recorded/[a-e]*.yaml", "testdata/spec/[v-z]*/pod.yaml", "testdata/spec/r*/pod.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data, false)
		}
	}
	f.Add([]byte("a: &a [*a]\n"), true)
	f.Add([]byte("apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [null, 1, {kind: Pod}]}]\n"), true)
	f.Add([]byte(`{"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"name":"v","projected":{"sources":[{}]}}],"containers":[{"ports":null,"env":[{"valueFrom":{}}]}]}}`), true)
	f.Fuzz(func(t *testing.T, data []byte, lenient bool) {
		result, err := manifest.Decode(data, manifest.Options{Filename: "fuzz.yaml", Lenient: lenient, NameFromFile: true})
		if err != nil && err.Error() == "" {
			t.Error("an error without a text")
		}
		for _, obj := range result.Objects {
			if _, err := json.Marshal(obj); err != nil {
				t.Errorf("print %T: %v", obj, err)
			}
			check(obj)
			result.Line(obj, "spec.containers[0].image")
		}
	})
}

// check runs every check over an object; it must not panic.
func check(obj manifest.Object) {
	switch obj := obj.(type) {
	case *v1.Pod:
		validate.Pod(obj)
		validate.APIWarnings(obj)
		validate.Refusals(obj)
		validate.Fidelity(obj)
		validate.PodUpdate(obj, &v1.Pod{})
	case *v1.ConfigMap:
		validate.ConfigMap(obj)
	case *v1.Secret:
		validate.Secret(obj)
	case *v1.PersistentVolumeClaim:
		validate.PersistentVolumeClaim(obj)
		validate.PersistentVolumeClaimUpdate(obj, &v1.PersistentVolumeClaim{})
	case *v1.PersistentVolume:
		validate.PersistentVolume(obj)
		validate.PersistentVolumeRefusals(obj)
	}
}
