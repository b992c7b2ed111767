package main

import (
	"testing"

	v1 "k8s.io/api/core/v1"
)

func TestImagePatchNamesTheContainersOfEachKind(t *testing.T) {
	t.Parallel()
	pod := &v1.Pod{Spec: v1.PodSpec{
		InitContainers: []v1.Container{{Name: "i"}}, Containers: []v1.Container{{Name: "a"}, {Name: "b"}},
	}}
	for _, test := range []struct {
		name   string
		images map[string]string
		want   string
		err    string
	}{
		{"one", map[string]string{"b": "x"}, `{"spec":{"containers":[{"name":"b","image":"x"}]}}`, ""},
		{"an init container", map[string]string{"i": "x"}, `{"spec":{"initContainers":[{"name":"i","image":"x"}]}}`, ""},
		{"all, one apart", map[string]string{"*": "x", "a": "y"},
			`{"spec":{"initContainers":[{"name":"i","image":"x"}],"containers":[{"name":"a","image":"y"},{"name":"b","image":"x"}]}}`, ""},
		{"one that is not there", map[string]string{"c": "x"}, "", `unable to find container named "c"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := imagePatch(pod, test.images)
			if string(got) != test.want || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}
