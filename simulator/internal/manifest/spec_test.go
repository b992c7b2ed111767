package manifest

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

func TestDefaultedSpecEqualsTheRecordedOne(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("testdata/spec/*")
	if err != nil || len(dirs) < 70 {
		t.Fatalf("recorded pods: %d, %v", len(dirs), err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			got := decodePod(t, filepath.Join(dir, "pod.yaml")).Spec
			want := recordedSpec(t, filepath.Join(dir, "spec.json"))
			want.NodeName = ""
			if had, ok := tokenVolume(&got); ok {
				renameTokenVolume(&want, had)
			}
			if !equality.Semantic.DeepEqual(want, got) {
				t.Errorf("spec differs (-recorded +decoded):\n%s", cmp.Diff(tree(t, want), tree(t, got)))
			}
		})
	}
}

func decodePod(t *testing.T, file string) *v1.Pod {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	result, err := Decode(data, Options{Filename: file, Rand: rand.New(rand.NewPCG(1, 2))})
	if err != nil {
		t.Fatal(err)
	}
	for _, obj := range result.Objects {
		if pod, ok := obj.(*v1.Pod); ok {
			return pod
		}
	}
	t.Fatal("no pod in " + file)
	return nil
}

func recordedSpec(t *testing.T, file string) (spec v1.PodSpec) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &spec); err != nil {
		t.Fatal(err)
	}
	return spec
}

func tree(t *testing.T, v any) (out any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDefaultsAreStable(t *testing.T) {
	t.Parallel()
	pod := decodePod(t, "testdata/spec/volumes-plain/pod.yaml")
	again := pod.DeepCopy()
	SetDefaults(again, nil)
	if diff := cmp.Diff(tree(t, pod), tree(t, again)); diff != "" {
		t.Error(diff)
	}
	if name, _ := tokenVolume(&pod.Spec); name != "" && !strings.HasPrefix(name, tokenVolumePrefix) {
		t.Error(name)
	}
}
