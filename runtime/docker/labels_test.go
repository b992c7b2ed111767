package docker

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/podsim/podsim/runtime"
)

func TestLabelsBearTheNamesOtherToolsKnow(t *testing.T) {
	t.Parallel()
	got, err := labels(runtime.Meta{
		Home:      "home1",
		Pod:       runtime.PodRef{UID: "u-1", Namespace: "default", Name: "web"},
		Kind:      runtime.KindInit,
		Container: "setup",
		Attempt:   2,
		Extra:     map[string]string{"pod": "{}"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"io.kubernetes.pod.name":       "web",
		"io.kubernetes.pod.namespace":  "default",
		"io.kubernetes.pod.uid":        "u-1",
		"io.kubernetes.container.name": "setup",
		"io.podsim.home":               "home1",
		"io.podsim.kind":               "init",
		"io.podsim.attempt":            "2",
		"io.podsim.extra":              `{"pod":"{}"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryLabelIsSetSoThatNoImageSpeaksForPodsim(t *testing.T) {
	t.Parallel()
	got, err := labels(runtime.Meta{Kind: runtime.KindSandbox})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		labelPodName, labelNamespace, labelPodUID, labelContainer, labelHome, labelKind, labelAttempt, labelExtra,
	} {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is not set", name)
		}
	}
}

func TestLabelsReadBackAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	kinds := []runtime.Kind{
		runtime.KindSandbox, runtime.KindInit, runtime.KindContainer, runtime.KindEphemeral,
		runtime.KindVolume, runtime.KindClaim, runtime.KindHelper,
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		want := runtime.Meta{
			Home:      text.Draw(t, "home"),
			Pod:       runtime.PodRef{UID: text.Draw(t, "uid"), Namespace: text.Draw(t, "namespace"), Name: text.Draw(t, "name")},
			Kind:      rapid.SampledFrom(kinds).Draw(t, "kind"),
			Container: text.Draw(t, "container"),
			Attempt:   rapid.Int().Draw(t, "attempt"),
			Extra:     rapid.MapOf(text, text).Draw(t, "extra"),
		}
		l, err := labels(want)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, meta(l), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestAnObjectWithoutAKindIsNotPodsims(t *testing.T) {
	t.Parallel()
	got := meta(map[string]string{labelPodName: "web", labelPodUID: "u", labelHome: "h"})
	if diff := cmp.Diff(runtime.Meta{}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLabelsWrittenByHandDoNoHarm(t *testing.T) {
	t.Parallel()
	got := meta(map[string]string{labelKind: "container", labelAttempt: "many", labelExtra: "{"})
	if diff := cmp.Diff(runtime.Meta{Kind: runtime.KindContainer}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFilterAlwaysAsksForPodsimsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		filter runtime.Filter
		want   []string
	}{
		{runtime.Filter{}, []string{"io.podsim.kind"}},
		{runtime.Filter{Kind: runtime.KindClaim}, []string{"io.podsim.kind=claim"}},
		{
			runtime.Filter{Home: "h", PodUID: "u"},
			[]string{"io.kubernetes.pod.uid=u", "io.podsim.home=h", "io.podsim.kind"},
		},
	} {
		got := labelFilter(c.filter).Get("label")
		if diff := cmp.Diff(c.want, got, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
			t.Errorf("%+v: %s", c.filter, diff)
		}
	}
}
