package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
)

// The node of the recorded pods.
const recordedMemory = 24684096 << 10

var testTime = time.Date(2026, 11, 22, 17, 49, 40, 0, time.UTC)

var busybox = runtime.Image{
	ID:  "sha256:b0",
	Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
	Cmd: []string{"sh"},
}

// testKey is a key that everybody may know.
func testKey() *ecdsa.PrivateKey {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), big.NewInt(4711).FillBytes(make([]byte, 32)))
	if err != nil {
		panic(err)
	}
	return key
}

// recorded is the input of a pod that a real kubelet ran, as the API server
// stored it, with the objects made before it.
func recorded(t *testing.T, name string) Input {
	t.Helper()
	pod := &v1.Pod{}
	if err := json.Unmarshal(readFile(t, name, "pod.json"), pod); err != nil {
		t.Fatal(err)
	}
	in := newInput(pod)
	if _, err := os.Stat(filepath.Join("testdata", name, "aux.yaml")); err == nil {
		addObjects(t, &in, string(readFile(t, name, "aux.yaml")))
	}
	return in
}

func newInput(pod *v1.Pod) Input {
	return Input{
		Pod: pod, Home: "h", Now: testTime, Key: testKey(), ServiceHost: "10.89.0.1",
		Node: lifecycle.Node{Name: "refnode", IPs: []string{"192.0.2.1"}, CPUMillis: 2000, MemoryBytes: recordedMemory},
		Objects: Objects{
			ConfigMaps: map[string]*v1.ConfigMap{}, Secrets: map[string]*v1.Secret{},
			Claims: map[string]*v1.PersistentVolumeClaim{}, Volumes: map[string]*v1.PersistentVolume{},
		},
	}
}

func addObjects(t *testing.T, in *Input, text string) {
	t.Helper()
	for _, doc := range strings.Split(text, "\n---\n") {
		var kind struct{ Kind string }
		if err := yaml.Unmarshal([]byte(doc), &kind); err != nil {
			t.Fatal(err)
		}
		switch kind.Kind {
		case "ConfigMap":
			object := &v1.ConfigMap{}
			unmarshal(t, doc, object)
			in.Objects.ConfigMaps[object.Name] = object
		case "Secret":
			object := &v1.Secret{}
			unmarshal(t, doc, object)
			for key, value := range object.StringData {
				if object.Data == nil {
					object.Data = map[string][]byte{}
				}
				object.Data[key] = []byte(value)
			}
			in.Objects.Secrets[object.Name] = object
		case "PersistentVolumeClaim":
			object := &v1.PersistentVolumeClaim{}
			unmarshal(t, doc, object)
			in.Objects.Claims[object.Name] = object
		case "PersistentVolume":
			object := &v1.PersistentVolume{}
			unmarshal(t, doc, object)
			in.Objects.Volumes[object.Name] = object
		default:
			t.Fatalf("kind %q", kind.Kind)
		}
	}
}

func unmarshal(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// podOf is a pod of a spec in YAML, named p in namespace ns.
func podOf(t *testing.T, spec string) *v1.Pod {
	t.Helper()
	pod := &v1.Pod{}
	pod.Name, pod.Namespace, pod.UID = "p", "ns", "u1"
	pod.CreationTimestamp.Time = testTime
	unmarshal(t, spec, &pod.Spec)
	return pod
}

func inputOf(t *testing.T, spec string) Input {
	t.Helper()
	return newInput(podOf(t, spec))
}

func readFile(t *testing.T, name, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name, file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// output is what a recorded command printed.
func output(t *testing.T, name, file string) string {
	t.Helper()
	_, text, _ := strings.Cut(string(readFile(t, name, file)), "\n")
	text, _, _ = strings.Cut(text, "[rc=")
	return text
}

// mustVolumes are the volumes of a pod that has no problem with them.
func mustVolumes(t *testing.T, in Input) []Volume {
	t.Helper()
	volumes, problems := Volumes(in)
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	return volumes
}

// specOf is a first instance of a container, on busybox.
func specOf(t *testing.T, in Input, name string) (runtime.ContainerSpec, error) {
	t.Helper()
	volumes, _ := Volumes(in)
	ci := ContainerInput{Name: name, Image: busybox, Volumes: volumes, PodIPs: []string{"10.88.0.9"}}
	subs, err := Subpaths(in, ci)
	if err != nil {
		return runtime.ContainerSpec{}, err
	}
	ci.Subpaths = map[Subpath]string{}
	for _, s := range subs {
		ci.Subpaths[s] = s.Path
	}
	return Container(in, ci)
}

func mustSpec(t *testing.T, in Input, name string) runtime.ContainerSpec {
	t.Helper()
	spec, err := specOf(t, in, name)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// wantError checks reason and text.
func wantError(t *testing.T, err error, reason, message string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is no *Error", err)
	}
	if e.Reason != reason || e.Message != message {
		t.Errorf("got %s: %s\nwant %s: %s", e.Reason, e.Message, reason, message)
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
