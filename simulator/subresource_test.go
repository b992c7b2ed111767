package simulator

import (
	"testing"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
)

func TestPatchOfASubresourceChangesNothingElse(t *testing.T) {
	t.Parallel()
	const status = `{"status":{"conditions":[{"type":"example.com/gate","status":"True"}]},"spec":{"activeDeadlineSeconds":9}}`
	const resources = `{"spec":{"activeDeadlineSeconds":9,"containers":[{"name":"b","resources":{"requests":{"cpu":"200m"}}}]}}`
	for name, test := range map[string]struct {
		sub  Subresource
		data string
		want string // condition, deadline, cpu of b
	}{
		"the status":         {StatusPart, status, "True - 100m"},
		"the pod":            {"", status, "- 9 100m"},
		"resources":          {Resize, resources, "- - 200m"},
		"debug containers":   {EphemeralContainers, resources, "- - 100m"},
		"resources, not so":  {"", resources, "Invalid"},
		"no such part":       {"nosuch", status, "NotFound"},
		"a scale, no config": {"scale", `{}`, "NotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.make(`{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [` +
				`{name: a, image: app}, {name: b, image: app, resources: {requests: {cpu: 100m}}}]}}`)
			o, _, err := w.Patch(t.Context(), Ref{Kind: Pods, Name: "web"}, types.StrategicMergePatchType,
				[]byte(test.data), PatchOptions{Subresource: test.sub})
			if got := partsOf(o, err); got != test.want {
				t.Errorf("got %s, want %s (%v)", got, test.want, err)
			}
		})
	}
}

func partsOf(o Object, err error) string {
	if err != nil {
		return string(apierrors.ReasonForError(err))
	}
	pod := o.(*v1.Pod)
	condition, deadline := "-", "-"
	for _, c := range pod.Status.Conditions {
		if c.Type == "example.com/gate" {
			condition = string(c.Status)
		}
	}
	if d := pod.Spec.ActiveDeadlineSeconds; d != nil {
		deadline = string(rune('0' + *d))
	}
	return condition + " " + deadline + " " + pod.Spec.Containers[1].Resources.Requests.Cpu().String()
}

func TestConditionsOfOthersStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(servePod)
	ref := Ref{Kind: Pods, Name: "web"}
	patch := []byte(`{"status":{"conditions":[{"type":"example.com/gate","status":"False","reason":"NotYet"}]}}`)
	if _, _, err := w.Patch(t.Context(), ref, types.StrategicMergePatchType, patch, PatchOptions{Subresource: StatusPart}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Label(t.Context(), ref, MetaChange{Set: map[string]string{"x": "y"}}); err != nil {
		t.Fatal(err)
	}
	pod, err := w.Pod(t.Context(), "", "web")
	if err != nil || len(pod.Status.Conditions) != 1 || pod.Status.Conditions[0].Reason != "NotYet" {
		t.Errorf("got %v %v", pod.Status.Conditions, err)
	}
}
